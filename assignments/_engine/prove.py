"""Prove that an assignment grades as it claims; see `python -m assignments prove --help`."""

import json
from dataclasses import dataclass, field

from assignments._engine import battery as batteries
from assignments._engine import grading, leaks, marking, release
from assignments._engine.source import Assignment
from nncheck import session


@dataclass
class Proof:
    """What was found, in sentences; ``faults`` empty means proved."""

    assignment: Assignment
    faults: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    matrix: dict = field(default_factory=dict)  # mistake -> checks that it fails


def as_bytes(notebook_or_plan) -> bytes:
    """A notebook, or a plan made into one, as it would be handed in."""
    if isinstance(notebook_or_plan, dict):
        return json.dumps(notebook_or_plan).encode()
    cells = [{"cell_type": "code", "source": e["source"], "outputs": [], "execution_count": None,
              "metadata": {"nbgrader": {"solution": e["whole"], "grade_id": e["id"]}}}
             for e in notebook_or_plan]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4,
                       "nbformat_minor": 5}).encode()


class Reused:
    """A sandbox for trusted versions: one worker for many, emptied in between."""

    def __init__(self, sandbox):
        self.sandbox, self.worker = sandbox, None

    def start(self, slot: int = 0):
        """The worker, as good as new."""
        if self.worker is not None:
            try:
                self.worker.ask("reset", 10)
                return self
            except (session.Died, session.TooSlow, session.Garbled):
                self.worker.close()
        self.worker = self.sandbox.start(slot)
        return self

    def ask(self, op: str, seconds: float, **content) -> dict:
        """Ask the worker; the authors' versions may take longer on a busy machine."""
        return self.worker.ask(op, 4 * seconds, **content)

    def close(self) -> None:
        """Nothing yet: see `end`."""

    def end(self) -> None:
        """Really close."""
        if self.worker is not None:
            self.worker.close()


def prove(assignment: Assignment, seeds, sandbox, say=lambda text: None) -> Proof:
    """Grade the solution, the release, each variant and each mistake, for each seed."""
    proof, reused = Proof(assignment), Reused(sandbox)
    try:
        _with_seeds(proof, assignment, list(seeds), reused, say)
    finally:
        reused.end()
    proof.faults += _idle(assignment)
    proof.faults += release.differences(assignment)
    proof.faults += marking.faults(assignment)
    proof.faults += public_hints(assignment)
    proof.faults += leaks.scan_release(assignment)
    proof.facts.append(
        f"{assignment.name}: {len(assignment.sheet.checks)} checks, "
        f"{assignment.sheet.points:g} points, {len(assignment.mistakes)} mistakes, "
        f"{len(assignment.variants)} right variants, {len(list(seeds))} seeds")
    return proof


def _with_seeds(proof, assignment, seeds, sandbox, say):
    """All that depends on the numbers drawn."""
    released = as_bytes(release.student_notebook(assignment))
    for seed in seeds:
        battery = batteries.make(assignment, seed)
        with_seed = f"seed {seed}: "

        def graded(data, battery=battery):
            return grading.grade(battery, data, sandbox)

        full = battery.assignment.sheet.points
        result = graded(as_bytes(assignment.notebook))
        if result["points"] != full:
            proof.faults.append(f"{with_seed}the solution gets {result['points']} of {full}: "
                                + _problems(result))
        result = graded(released)
        if result["points"] != 0 or any(t["mistakes"] for t in result["tasks"].values()):
            proof.faults.append(f"{with_seed}the untouched release gets {result['points']}")
        for name in assignment.variants:
            result = graded(as_bytes(assignment.variant(name)))
            if result["points"] != full:
                proof.faults.append(f"{with_seed}the right variant {name} gets "
                                    f"{result['points']}: {_problems(result)}")
        for mistake in assignment.mistakes.values():
            say(f"{assignment.name} {with_seed}{mistake.id}")
            result = graded(as_bytes(assignment.changed(mistake)))
            proof.faults += [with_seed + f for f in _mistake(mistake, result)]
            proof.matrix.setdefault(mistake.id, []).extend(
                c for c, v in result["checks"].items() if not v["passed"])
        proof.faults += [with_seed + f for f in _constant(battery, assignment, seed)]


def _problems(result) -> str:
    found = [f"{c}: {v['problem']}" for c, v in result["checks"].items() if not v["passed"]]
    return " | ".join(found + result["notes"])


def _mistake(mistake, result):
    failed = sorted(c for c, v in result["checks"].items() if not v["passed"])
    if failed != sorted(mistake.fails):
        yield f"mistake {mistake.id} fails {failed}, expected {sorted(mistake.fails)}"
    named = sorted(m for t in result["tasks"].values() for m in t["mistakes"])
    if named != [mistake.id]:
        yield f"mistake {mistake.id} is named {named or 'nothing'}"


def _constant(battery, assignment, seed):
    """Questions must change with the seed, or one could learn the answers by heart."""
    other = batteries.make(assignment, f"{seed}-other")
    for id, asked in battery.asked.items():
        if asked.steps == other.asked[id].steps and asked.steps[0]["do"] == "call":
            yield f"check {id} asks the same for every seed"


def _idle(assignment):
    """Checks that no known mistake fails."""
    caught = {c for m in assignment.mistakes.values() for c in m.fails}
    for id in assignment.sheet.checks:
        if id not in caught:
            yield f"check {id} catches no known mistake"
    tasks = {m.task for m in assignment.mistakes.values()}
    for id in assignment.sheet.tasks:
        if id not in tasks:
            yield f"task {id} has no known mistake"
    if len(assignment.mistakes) < 10:
        yield f"only {len(assignment.mistakes)} known mistakes; at least ten are wanted"
    if len(assignment.variants) < 5:
        yield f"only {len(assignment.variants)} right variants; at least five are wanted"


def public_hints(assignment) -> list[str]:
    """In the notebook, a mistake that a public check catches is named as itself, alone."""
    from nncheck import judge

    faults, public = [], release.public_battery(assignment)
    for mistake in assignment.mistakes.values():
        checks = [c for c in public.asked if assignment.sheet.checks[c].task == mistake.task]
        wrong = public.of_mistake(mistake.id)
        if not any(batteries.verdict(public.asked[c], wrong[c]) for c in checks):
            continue
        known = {n: [o for c in checks for o in public.of_mistake(n)[c]]
                 for n, m in assignment.mistakes.items() if m.task == mistake.task}
        expected = [o for c in checks for o in public.asked[c].expected]
        named = judge.explain(expected, known[mistake.id], known)
        if named != [mistake.id]:
            faults.append(f"in the notebook, mistake {mistake.id} is named {named}")
    return faults
