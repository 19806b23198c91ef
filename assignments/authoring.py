"""What the author of an assignment writes with: a sheet of tasks and checks, known mistakes.

See assignments/README.md for how they fit together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from nncheck import codec, steps

Rng = codec.Rng
Name = codec.Name


@dataclass
class Task:
    """A part of an assignment: one or more functions that are graded together."""

    id: str
    title: str
    functions: tuple[str, ...]
    page: str = ""  # of the book, to read again: "chapters/06_backpropagation.html#..."
    needs: tuple[str, ...] = ()  # tasks whose functions this one calls


@dataclass
class Check:
    """A question of a task, worth some points.  ``make(t)`` asks it, see `Tester`."""

    id: str
    task: str
    title: str
    points: float
    public: bool
    make: Callable


@dataclass
class Sheet:
    """All that is graded of one assignment."""

    name: str
    number: int
    title: str
    tasks: dict[str, Task] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)

    def task(self, id: str, title: str, functions: str | tuple = (), page: str = "",
             needs: tuple[str, ...] = ()) -> None:
        """Announce a task; its functions are called as the task unless told otherwise."""
        functions = (functions,) if isinstance(functions, str) else tuple(functions) or (id,)
        unknown = [n for n in needs if n not in self.tasks]
        if id in self.tasks or unknown:
            raise ValueError(f"task {id!r}: told twice, or needs unknown tasks {unknown}")
        self.tasks[id] = Task(id, title, functions, page, tuple(needs))

    def check(self, task: str, id: str, title: str, points: float, public: bool = False):
        """Decorate ``def _(t): ...``, which asks the questions of one check."""
        if task not in self.tasks:
            raise ValueError(f"check {id!r}: announce the task {task!r} before it")
        if (full := f"{task}.{id}") in self.checks:
            raise ValueError(f"two checks are called {full!r}")

        def note(make):
            self.checks[full] = Check(full, task, title, points, public, make)
            return make

        return note

    @property
    def points(self) -> float:
        """All points that a machine gives."""
        return sum(c.points for c in self.checks.values())


@dataclass(frozen=True)
class Mistake:
    """A known wrong version: the solution with ``old`` replaced by ``new``.

    ``fails`` names the checks that it must fail, no more and no fewer.  ``message`` names the
    misconception to the student, ``hint`` says where to look, never the answer; ``symptom`` is
    what the student sees, for the fold "Where am I stuck?".
    """

    id: str
    task: str
    old: str
    new: str
    fails: tuple[str, ...]
    message: str
    hint: str
    page: str = ""
    symptom: str = ""
    count: int = 1  # how often ``old`` stands in the solutions; all are replaced


class Tester:
    """Asks questions: each goes to the reference at once and, later, to the student's code.

    ``rng`` is drawn from the secret seed and the check's name, so every check can be asked
    alone.
    """

    __test__ = False  # for pytest: this is no test

    def __init__(self, namespace: dict, rng: np.random.Generator):
        self.rng = rng
        self.steps, self.expected, self.judges = [], [], {}
        self._namespace, self._made = namespace, {}

    def call(self, name: str, *args, judge: Callable | None = None, **options):
        """Ask for ``name(*args)``; returns what the reference answers (a copy).

        Options: ``kwargs={...}``; ``rtol=1e-4``; ``scale=`` (size of a value that counts as
        large, where right answers are near 0); ``part=2`` (judge only this item of the tuple that
        is returned); ``inputs="free"`` (arguments may be changed in
        place or not; by default they must fare as with the reference);
        ``accept="ignore"`` (only a preparation); ``judge=f`` with ``f(answer, expected) ->
        None or a sentence`` (hidden checks only).
        """
        kwargs = options.pop("kwargs", {})
        step = {"do": "call", "name": name, "args": [codec.encode(a) for a in map(_plain, args)]}
        if kwargs:
            step["kwargs"] = {k: codec.encode(_plain(v)) for k, v in kwargs.items()}
        return self._ask(step | options, judge)

    def new(self, name: str, *args, **kwargs) -> "Thing":
        """Make an object of the student's class; ask its methods with ``.call`` and ``.get``."""
        self.call(name, *args, kwargs=kwargs, bind=f"thing{len(self.steps)}")
        return Thing(self, f"thing{len(self.steps) - 1}")

    def get(self, name: str, judge: Callable | None = None, **options):
        """Ask for a variable of the notebook."""
        return self._ask({"do": "get", "name": name} | options, judge)

    def _ask(self, step, judge=None):
        outcome = steps.one(step, self._namespace, self._made)
        if "missing" in outcome:
            raise NameError(f"the solution does not define {outcome['missing']!r}")
        self.steps.append(step)
        self.expected.append(outcome)
        if judge is not None:
            self.judges[len(self.steps) - 1] = judge
        if "value" not in outcome or outcome["value"]["t"] == "object":
            return None
        return codec.decode(outcome["value"])


class Thing:
    """An object of the student's class, in a `Tester`."""

    def __init__(self, tester: Tester, handle: str):
        self._tester, self.handle = tester, handle

    def call(self, name: str, *args, judge: Callable | None = None, **options):
        """Ask for a method's answer; options as in `Tester.call`."""
        return self._tester.call(name, *args, judge=judge, of=self.handle, **options)

    def get(self, name: str, **options):
        """Ask for an attribute."""
        return self._tester.get(name, of=self.handle, **options)

    def set(self, name: str, value) -> None:
        """Set an attribute."""
        self._tester._ask({"do": "set", "name": name, "of": self.handle,
                           "args": [codec.encode(value)], "accept": "ignore"})


def _plain(value):
    return codec.Made(value.handle) if isinstance(value, Thing) else value
