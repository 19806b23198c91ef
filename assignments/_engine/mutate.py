"""How many automatic mutants of the solutions the checks catch; see `mutants`."""

import copy
from dataclasses import dataclass, field

from assignments._engine import battery as batteries
from assignments._engine import mutants, prove
from assignments._engine.source import Assignment
from nncheck import examine

WANTED = 0.95


@dataclass
class Score:
    """What became of the mutants."""

    name: str
    caught: int = 0
    equivalent: list[str] = field(default_factory=list)  # explained in SURVIVORS
    survivors: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)  # explained, and yet caught or not made

    @property
    def share(self) -> float:
        """Of the mutants that are not equivalent, those caught."""
        total = self.caught + len(self.survivors)
        return self.caught / total if total else 0.0

    @property
    def good(self) -> bool:
        return self.share >= WANTED and not self.obsolete

    def text(self) -> str:
        """The score with each survivor."""
        lines = [f"{self.name}: {self.caught} of {self.caught + len(self.survivors)} mutants "
                 f"caught ({100 * self.share:.1f} %), {len(self.equivalent)} are the same function"]
        lines += [f"  same: {e}" for e in self.equivalent]
        lines += [f"  SURVIVES: {s}" for s in self.survivors]
        lines += [f"  explained in SURVIVORS, but does not survive: {o}" for o in self.obsolete]
        return "\n".join(lines)


def score(assignment: Assignment, seeds, sandbox) -> Score:
    """Grade every mutant with every seed; caught is what fails once."""
    result, explained = Score(assignment.name), dict(assignment.survivors)
    prepared = [batteries.make(assignment, seed) for seed in seeds]
    reused = prove.Reused(sandbox)
    try:
        for description, planned in all_mutants(assignment, prepared[0]):
            if any(caught(battery, planned, reused) for battery in prepared):
                result.caught += 1
            elif description in explained:
                result.equivalent.append(f"{description}: {explained.pop(description)}")
            else:
                result.survivors.append(description)
    finally:
        reused.end()
    result.obsolete = sorted(explained)
    return result


def all_mutants(assignment: Assignment, battery):
    """Description and plan of each mutant."""
    arrays = array_arguments(assignment, battery)
    for place, entry in enumerate(assignment.plan):
        if entry["whole"]:
            for description, source in mutants.mutants(entry["source"], arrays):
                planned = copy.deepcopy(assignment.plan)
                planned[place]["source"] = source
                yield description, planned


def array_arguments(assignment: Assignment, battery) -> dict[str, set[str]]:
    """Which arguments of which function are arrays, as far as the checks' questions show."""
    namespace, found = assignment.reference(), {}
    for asked in battery.asked.values():
        for step in asked.steps:
            function = namespace.get(step["name"])
            if step["do"] != "call" or "of" in step or not hasattr(function, "__code__"):
                continue
            names = function.__code__.co_varnames
            found.setdefault(step["name"], set()).update(
                n for n, a in zip(names, step["args"]) if a["t"] == "array" and a["shape"])
    return found


def caught(battery, planned, sandbox) -> bool:
    """Does any check fail?  What does not come back in time is caught, too."""
    questions = [{"id": a.id, "task": battery.assignment.sheet.checks[a.id].task,
                  "steps": a.steps} for a in battery.asked.values()]
    limits = examine.Limits(call=1.5, total=60.0)
    with examine.Examination(planned, questions, sandbox.start, limits) as examination:
        examination.hold()
    return any(a.id not in examination.outcomes
               or batteries.verdict(a, examination.outcomes[a.id]) is not None
               for a in battery.asked.values())
