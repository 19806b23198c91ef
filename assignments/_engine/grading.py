"""Grade one submission: run its cells behind walls, ask the questions, name misconceptions."""

import contextlib

from assignments._engine import battery as batteries
from assignments._engine.sandbox import Sandbox
from nncheck import cells, examine


def grade(battery: batteries.Battery, data: bytes, sandbox: Sandbox, slot: int = 0,
          limits: examine.Limits | None = None, lock=None) -> dict:
    """The result of one notebook; never raises for what a student can hand in.

    ``lock``: held while known mistakes are replayed in this process.
    """
    try:
        notebook, notes = cells.read(data)
    except cells.NotANotebook as error:
        return nothing(battery, str(error))
    except MemoryError:
        return nothing(battery, "The notebook is too large to be read.")
    planned = cells.plan(notebook)
    questions = [{"id": a.id, "task": battery.assignment.sheet.checks[a.id].task,
                  "steps": a.steps} for a in battery.asked.values()]
    with examine.Examination(planned, questions, lambda: sandbox.start(slot),
                             limits) as examination:
        examination.hold()
    with lock or contextlib.nullcontext():
        result = summary(battery, planned, examination)
    result["notes"] = notes + result["notes"]
    result["rubric"] = rubric(battery.assignment, notebook)
    return result


def summary(battery, planned, examination) -> dict:
    """Points, sentences and misconceptions from what was answered."""
    sheet = battery.assignment.sheet
    checks = {}
    for check in sheet.checks.values():
        outcomes = examination.outcomes.get(check.id)
        if outcomes is None:
            reason = examination.stopped.get(check.task, "was not asked.")
            functions = ", ".join(f"`{f}`" for f in sheet.tasks[check.task].functions)
            found = (0, f"{functions} {reason}")
        else:
            found = batteries.verdict(battery.asked[check.id], outcomes)
        checks[check.id] = {"points": 0.0 if found else float(check.points),
                            "of": float(check.points), "passed": found is None,
                            "problem": found[1] if found else None}
    examine.explain_missing(checks, planned, examination)
    failed = {sheet.checks[c].task for c, v in checks.items() if not v["passed"]}
    tasks = {}
    for task in sheet.tasks.values():
        named = []
        blocked = [n for n in task.needs if n in failed]
        if task.id in failed and not blocked:
            named = batteries.misconceptions(battery, task.id, examination.outcomes)
        tasks[task.id] = {"mistakes": named, "blocked": blocked if task.id in failed else []}
    return {"points": sum(c["points"] for c in checks.values()), "of": float(sheet.points),
            "checks": checks, "tasks": tasks, "submitted": True, "error": None,
            "notes": examination.notes + examine.sentences(examination.problems, planned),
            "attempted": _attempted(battery, examination)}


def _attempted(battery, examination) -> bool:
    """Was anything more than stubs handed in?"""
    errors = [o.get("error") or o.get("missing") for found in examination.outcomes.values()
              for o in found]
    return any(e is None or e != "NotImplementedError" for e in errors) or bool(
        examination.stopped)


def rubric(assignment, notebook) -> list[dict]:
    """The answers that a person reads, by their grade_id; the first of several."""
    texts = {}
    for cell in notebook["cells"]:
        marks = cells.metadata(cell)
        if type(marks.get("grade_id")) is str:
            texts.setdefault(marks["grade_id"], cells.source(cell))

    def own(item) -> str:
        """What the student has written below the question."""
        text, question = texts.get(item["id"], "").strip(), item["released"].strip()
        return text.removeprefix(question).strip()[:20_000]

    return [{"id": item["id"], "of": float(item["points"]), "answer": own(item),
             "answered": bool(own(item)),
             "guess": own(item["guess"]) if item["guess"] else ""} for item in assignment.rubric]


def nothing(battery, sentence: str, submitted: bool = True) -> dict:
    """A result without points, with the reason."""
    sheet = battery.assignment.sheet
    checks = {c.id: {"points": 0.0, "of": float(c.points), "passed": False,
                     "problem": sentence} for c in sheet.checks.values()}
    return {"points": 0.0, "of": float(sheet.points), "checks": checks,
            "tasks": {t: {"mistakes": [], "blocked": []} for t in sheet.tasks},
            "submitted": submitted, "error": sentence, "notes": [], "attempted": False,
            "rubric": [{"id": i["id"], "of": float(i["points"]), "answer": "", "answered": False,
                        "guess": ""} for i in battery.assignment.rubric]}
