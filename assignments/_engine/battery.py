"""All questions of an assignment for one secret seed, with the right answers and the wrong
ones of the known mistakes.  Made once for a whole run; every student gets the same questions."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from assignments._engine.source import Assignment
from assignments.authoring import Tester
from nncheck import judge, loading, steps


@dataclass
class Asked:
    """One check, made concrete by a seed."""

    id: str
    steps: list
    expected: list
    judges: dict


@dataclass
class Battery:
    """All checks of an assignment, made concrete."""

    assignment: Assignment
    seed: str
    asked: dict[str, Asked]
    wrong: dict[str, dict] = field(default_factory=dict)

    def answers(self, planned: list[dict]) -> dict[str, list]:
        """What a trusted version answers to every check, in this process."""
        namespace, _ = loading.load(planned)
        return {a.id: steps.execute(a.steps, namespace) for a in self.asked.values()}

    def of_mistake(self, name: str) -> dict[str, list]:
        """What a known mistake answers to the checks of its task."""
        if name not in self.wrong:
            mistake = self.assignment.mistakes[name]
            namespace, _ = loading.load(self.assignment.changed(mistake))
            self.wrong[name] = {a.id: steps.execute(a.steps, namespace)
                                for a in self.asked.values()
                                if self.assignment.sheet.checks[a.id].task == mistake.task}
        return self.wrong[name]


def make(assignment: Assignment, seed) -> Battery:
    """Draw the questions for a seed."""
    asked = {}
    for check in assignment.sheet.checks.values():
        asked[check.id] = ask(assignment, check, seed)
    return Battery(assignment, str(seed), asked)


def ask(assignment: Assignment, check, seed) -> Asked:
    """One check for a seed: its numbers depend on nothing but seed and name."""
    digest = hashlib.sha256(f"{seed}:{assignment.name}:{check.id}".encode()).digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    tester = Tester(assignment.reference(), rng)
    check.make(tester)
    if not tester.steps:
        raise ValueError(f"check {check.id} of {assignment.name} asks nothing")
    return Asked(check.id, tester.steps, tester.expected, tester.judges)


def verdict(asked: Asked, outcomes: list) -> tuple[int, str] | None:
    """The first step that is not as expected, and why; None if all are."""
    for place, (step, expected, outcome) in enumerate(zip(asked.steps, asked.expected, outcomes)):
        custom = asked.judges.get(place)
        if custom is not None and "value" in outcome and "value" in expected:
            problem = _custom(custom, step, expected, outcome)
        else:
            problem = judge.judge(step, expected, outcome)
        if problem:
            return place, problem
    return None


def _custom(custom, step, expected, outcome):
    """A judge of the author's own; what it cannot digest is wrong."""
    answer = judge.decoded(outcome["value"])
    if answer is None:
        return f"{judge.label(step)} returned None: is a `return` missing?"
    try:
        return custom(answer, judge.decoded(expected["value"]))
    except Exception:
        return f"{judge.label(step)} is {judge.what(answer)}, which is not what is expected."


def misconceptions(battery: Battery, task: str, outcomes: dict[str, list]) -> list[str]:
    """Which known mistakes explain the answers to one task."""
    checks = [a for a in battery.asked.values()
              if battery.assignment.sheet.checks[a.id].task == task and a.id in outcomes]
    expected = [o for a in checks for o in a.expected]
    found = [o for a in checks for o in outcomes[a.id]]
    wrong = {name: [o for a in checks for o in battery.of_mistake(name)[a.id]]
             for name, m in battery.assignment.mistakes.items() if m.task == task}
    return judge.explain(expected, found, wrong)
