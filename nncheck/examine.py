"""Ask a submission its questions, over as many worker processes as it wears out.

The grader and `nncheck.validate` share this module, so that students see what will be graded.
"""

import time
from dataclasses import dataclass

from nncheck import cells, session

CALL = 5.0  # seconds for the questions of one check, and for running one cell
TOTAL = 20.0  # seconds for a submission, starts of workers not counted
RESTARTS = 6
START = 60.0  # seconds for a worker to start, which count for nobody


@dataclass
class Limits:
    """How long a submission may take."""

    call: float = CALL
    total: float = TOTAL
    restarts: int = RESTARTS


class Examination:
    """Questions to one submission: ``{"id", "task", "steps"}`` each; ``start()`` gives a worker."""

    def __init__(self, planned: list[dict], questions: list[dict], start, limits=None):
        self.planned, self.questions = planned, questions
        self._start, self.limits = start, limits or Limits()
        self.worker, self.restarts, self.spent = None, 0, 0.0
        self.problems, self.outcomes, self.stopped, self.notes = [], {}, {}, []
        self.only_definitions, self.dropped = set(), set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.worker is not None:
            self.worker.close()

    def ask(self, op, **content):
        """One question within what is left of the time."""
        seconds = min(self.limits.call, self.limits.total - self.spent)
        start = time.monotonic()
        try:
            return self.worker.ask(op, max(seconds, 0.05), **content)
        finally:
            self.spent += time.monotonic() - start

    @property
    def exhausted(self) -> bool:
        return self.restarts > self.limits.restarts or self.spent >= self.limits.total

    def start(self) -> None:
        """A worker that has run all cells but those that kill it."""
        while not self.exhausted:
            if self.worker is not None:
                self.worker.close()
            self.worker = self._start()
            # Python and NumPy are slow to start on a busy machine: that is nobody's fault.
            self.worker.ask("hello", START)
            if self._load():
                return
            self.restarts += 1

    def _load(self) -> bool:
        problems = []
        for entry in self.planned:
            if entry["cell"] in self.dropped:
                continue
            whole = entry["whole"] and entry["cell"] not in self.only_definitions
            try:
                reply = self.ask("load", entry=entry | {"whole": whole})
            except (session.Died, session.TooSlow, session.Garbled) as error:
                self._note_cell(entry, error)
                return False
            problems += session.problems_of(reply)
        self.problems = problems
        return True

    def _note_cell(self, entry, error):
        """A cell that ends or blocks the process: next time its definitions only."""
        number = entry["cell"]
        self.notes.append(f"Cell {number} {_end(error, self.limits.call)} while it ran.")
        if entry["whole"] and number not in self.only_definitions:
            self.only_definitions.add(number)
        else:
            self.dropped.add(number)

    def hold(self) -> None:
        """Ask all checks; after a death or a timeout the rest of the task is skipped."""
        self.start()
        for asked in self.questions:
            task = asked["task"]
            if task in self.stopped:
                continue
            if self.exhausted:
                self.stopped[task] = "was not asked: the time of this submission was used up."
                continue
            try:
                reply = self.ask("run", steps=asked["steps"])
                self.outcomes[asked["id"]] = session.outcomes_of(reply, asked["steps"])
            except (session.Died, session.TooSlow, session.Garbled) as error:
                self.stopped[task] = f"{_end(error, self.limits.call)}."
                self.restarts += 1
                self.start()


def _end(error, seconds) -> str:
    if isinstance(error, session.TooSlow):
        return f"did not finish within {seconds:g} seconds (an endless loop?)"
    if isinstance(error, session.Died):
        return "ended the whole process (by `exit`, a crash, or too much memory)"
    return f"gave something that cannot be read ({error})"


def explain_missing(checks, planned, examination):
    """A name that is made in a scratch cell, or in a cell with a syntax error."""
    broken = {p["cell"]: p for p in examination.problems if p["error"] == "SyntaxError"}
    for id, entry in checks.items():
        for outcome in examination.outcomes.get(id, []):
            if entry["passed"]:
                break
            name = outcome.get("missing")
            if type(name) is str:
                for place, problem in broken.items():
                    text = next((e["source"] for e in planned
                                 if f"<cell {e['cell']}>" == place), "")
                    if f"def {name}" in text or f"class {name}" in text:
                        entry["problem"] = (
                            f"`{name}` is not defined, since its cell is not Python: SyntaxError "
                            f"on line {problem['line']}: {problem['message'][:120]}.")
            message = outcome.get("message")
            if outcome.get("error") == "NameError" and type(message) is str:
                lost = message.split("'")[1] if message.count("'") >= 2 else ""
                cell = cells.made_elsewhere(planned, lost)
                if cell:
                    entry["problem"] += (
                        f" `{lost}` is made in cell {cell}, which is not run when answers are "
                        "graded: make it inside the function, or hand it over.")


def sentences(problems, planned) -> list[str]:
    """What went wrong when the cells ran; only cells that are graded are worth a sentence."""
    whole = {f"<cell {e['cell']}>": e for e in planned}
    found = []
    for problem in problems:
        cell = problem["cell"]
        if cell in whole and len(found) < 12:
            number = whole[cell]["cell"]
            line = f" on line {problem['line']}" if problem["line"] else ""
            found.append(f"Cell {number}: {problem['error']}{line}: {problem['message'][:160]}")
    return found
