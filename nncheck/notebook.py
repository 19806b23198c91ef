"""``check("relu")`` in a student's notebook: the public checks, in the notebook's own kernel."""

import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path

from nncheck import judge, steps, view

SECONDS = 5


def data_of(assignment: str) -> dict:
    """Public questions and answers, from the package or from beside the notebook."""
    places = [Path(__file__).parent / "data", Path.cwd(), Path.cwd() / "nncheck" / "data"]
    for place in places:
        if (path := place / f"{assignment}.json").is_file():
            return json.loads(path.read_text(encoding="utf-8"))
    known = sorted(p.stem for p in places[0].glob("*.json"))
    raise ValueError(f"there is no assignment {assignment!r}; there are: {', '.join(known)}")


class Checker:
    """The checks of one assignment."""

    def __init__(self, assignment: str):
        self.data = data_of(assignment)

    def __repr__(self):
        tasks = ", ".join(f'check("{t["id"]}")' for t in self.data["tasks"])
        return f"Checks of “{self.data['title']}”: {tasks}, and check() for the whole sheet."

    def __call__(self, task: str | None = None) -> None:
        """Check one task, or, without a name, all of them."""
        if os.environ.get("NNCHECK_WORKER"):
            return
        namespace = sys._getframe(1).f_globals
        known = [t["id"] for t in self.data["tasks"]]
        if task is not None and task not in known:
            raise ValueError(f"there is no task {task!r}; there are: {', '.join(known)}")
        chosen = known if task is None else [task]
        findings = {t: findings_of(self.data, t, run(self.data, t, namespace)) for t in chosen}
        page = (view.sheet(self.data, findings) if task is None
                else view.task(self.data, task, findings[task]))
        show(page)
        wrong = [f for t in chosen for f in findings[t] if f["problem"]]
        if wrong and os.environ.get("NNCHECK_STRICT"):
            raise AssertionError(wrong[0]["problem"])


def show(page: view.Page) -> None:
    """In a notebook as HTML, elsewhere as text."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = None
    if get_ipython is not None and get_ipython() is not None:
        display(page)
    else:
        print(page)


def run(data: dict, task: str, namespace: dict) -> dict:
    """Outcomes of the public checks of a task, by check."""
    found = {}
    for check in data["checks"]:
        if check["task"] == task and check["public"]:
            with alarm(SECONDS):
                found[check["id"]] = steps.execute(check["steps"], namespace)
    return found


@contextlib.contextmanager
def alarm(seconds: int):
    """An endless loop ends with TimeoutError, where the system can interrupt it."""
    can = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
    if not can:
        yield
        return

    def ring(*_):
        raise TimeoutError(f"not finished after {seconds} seconds (an endless loop?)")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    except TimeoutError:  # rang between two steps
        pass
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def findings_of(data: dict, task: str, outcomes: dict) -> list[dict]:
    """What is to be said of each public check of a task."""
    checks = [c for c in data["checks"] if c["task"] == task and c["public"]]
    findings = []
    for check in checks:
        finding = {"check": check, "problem": None, "step": None, "outcome": None, "named": []}
        found = outcomes.get(check["id"])
        if found is None:
            findings.append(finding | {"problem": "was not asked."})
            continue
        for step, expected, outcome in zip(check["steps"], check["expected"], found):
            problem = judge.judge(step, expected, outcome)
            if problem:
                finding |= {"problem": problem, "step": step, "outcome": outcome,
                            "expected": expected}
                break
        findings.append(finding)
    if any(f["problem"] for f in findings):
        _name(data, task, findings, outcomes)
    return findings


def _name(data, task, findings, outcomes):
    """Put the misconception that explains the task's answers to the first wrong check."""
    asked = [f["check"] for f in findings if f["check"]["id"] in outcomes]
    names = {n for c in asked for n in c["wrong"]}
    wrong = {n: [o for c in asked for o in c["wrong"].get(n, c["expected"])] for n in sorted(names)}
    expected = [o for c in asked for o in c["expected"]]
    named = judge.explain(expected, [o for c in asked for o in outcomes[c["id"]]], wrong)
    first = next(f for f in findings if f["problem"])
    first["named"] = [data["mistakes"][n] for n in named]
