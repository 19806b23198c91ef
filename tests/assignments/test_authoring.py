"""What an author may ask: every option of README.md, right and wrong answers to it."""

import numpy as np
import pytest

from assignments._engine import battery
from assignments.authoring import Name, Rng, Sheet, Tester
from nncheck import codec, judge, loading, steps


def answers(solution, attempt, ask):
    """The verdict on an attempt, for questions that `ask` puts."""
    good, _ = loading.load([{"cell": 1, "source": solution, "whole": True}],
                           {"np": np, "__builtins__": __builtins__})
    theirs, _ = loading.load([{"cell": 1, "source": attempt, "whole": True}],
                             {"np": np, "__builtins__": __builtins__})
    tester = Tester(good, np.random.default_rng(0))
    ask(tester)
    asked = battery.Asked("x", tester.steps, tester.expected, tester.judges)
    found = steps.execute(asked.steps, theirs)
    return battery.verdict(asked, found)


COUNTER = """
class Counter:
    def __init__(self, start, step=1): self.value, self.step = start, step
    def add(self, x):
        self.value = self.value + self.step * x
        return self.value
"""


def ask_counter(t):
    counter = t.new("Counter", 3, step=2)
    assert counter.call("add", np.arange(3)).tolist() == [3, 5, 7]
    counter.set("step", 10)
    counter.call("add", np.ones(3))
    counter.get("value")


def test_classes():
    assert answers(COUNTER, COUNTER, ask_counter) is None
    wrong = COUNTER.replace("self.step * x", "x")
    assert "`add` has the right shape" in answers(COUNTER, wrong, ask_counter)[1]
    assert "not defined" in answers(COUNTER, "", ask_counter)[1]
    broken = "class Counter: pass"
    assert "raised TypeError" in answers(COUNTER, broken, ask_counter)[1]


def test_random_numbers_are_the_same_on_both_sides():
    draw = "def f(rng, n): return rng.normal(size=n)"
    assert answers(draw, draw, lambda t: t.call("f", Rng(4), 3)) is None
    other = "def f(rng, n): return rng.uniform(size=n)"
    assert answers(draw, other, lambda t: t.call("f", Rng(4), 3)) is not None
    legacy = "def f(): return np.random.rand(2)"
    assert answers(legacy, legacy, lambda t: t.call("f")) is None


def test_names_are_the_students_own_functions():
    solution = "def g(x): return x + 1\ndef f(h, x): return h(x)"
    assert answers(solution, solution, lambda t: t.call("f", Name("g"), 1.0)) is None
    without = "def f(h, x): return h(x)"
    assert "`g` is not defined" in answers(solution, without,
                                           lambda t: t.call("f", Name("g"), 1.0))[1]


def test_exceptions_can_be_right():
    solution = "def f(x):\n    if x < 0: raise ValueError('negative')\n    return x"
    assert answers(solution, solution, lambda t: t.call("f", -1)) is None
    assert "should raise ValueError" in answers(solution, "def f(x): return x",
                                                lambda t: t.call("f", -1))[1]
    other = "def f(x): raise KeyError(x)"
    assert "should raise ValueError here, but" in answers(solution, other,
                                                          lambda t: t.call("f", -1))[1]


def test_a_judge_of_ones_own():
    solution = "def f(n): return np.arange(n)"

    def shuffled(answer, expected):
        return None if sorted(answer) == list(expected) else "these are not all rows"

    def ask(t):
        t.call("f", 5, judge=shuffled)

    assert answers(solution, "def f(n): return np.arange(n)[::-1]", ask) is None
    assert answers(solution, "def f(n): return np.ones(n)", ask)[1] == "these are not all rows"
    assert "not what is expected" in answers(solution, "def f(n): return 3", ask)[1]
    assert "`return` missing" in answers(solution, "def f(n): pass", ask)[1]


def test_inputs_in_place():
    solution = "def f(x):\n    x += 1\n    return x"
    assert answers(solution, solution, lambda t: t.call("f", np.zeros(2))) is None
    pure = "def f(x): return x + 1"
    assert "in place, and leaves it" in answers(solution, pure,
                                                lambda t: t.call("f", np.zeros(2)))[1]
    assert "changes its input" in answers(pure, solution, lambda t: t.call("f", np.zeros(2)))[1]
    free = {"inputs": "free"}
    assert answers(pure, solution, lambda t: t.call("f", np.zeros(2), **free)) is None
    double = "def f(x):\n    x += 2\n    return x - 1"
    assert "changed in place" in answers(solution, double, lambda t: t.call("f", np.zeros(2)))[1]


def test_parts_keywords_and_preparations():
    solution = "def f(x, k=0): return x, x + k"
    half = "def f(x, k=0): return x, x - k"
    assert answers(solution, half, lambda t: t.call("f", 1.0, kwargs={"k": 2}, part=0)) is None
    assert answers(solution, half, lambda t: t.call("f", 1.0, kwargs={"k": 2}, part=1))
    assert answers(solution, half, lambda t: t.call("f", 1.0, kwargs={"k": 2},
                                                    accept="ignore")) is None


@pytest.mark.parametrize("wrong", [1.0 + 3e-4, 1.0 - 3e-4, np.float32(1.001), 0, None, "1",
                                   [1.0], np.array([1.0]), True + 1, np.nan, 1j])
def test_numbers_just_outside_are_wrong(wrong):
    assert judge.differs(1.0, codec.decode(codec.encode(wrong)), "`f`") is not None


@pytest.mark.parametrize("right", [1.0, 1, np.float32(1), np.array(1.0), 1.0 + 1e-5, True])
def test_numbers_just_inside_are_right(right):
    assert judge.differs(1.0, codec.decode(codec.encode(right)), "`f`") is None


@pytest.mark.parametrize("value", [
    None, True, 3, -2.5, "text", [1, 2.0], (np.arange(3), {"a": np.eye(2)}), np.zeros((0, 3)),
    np.array(7), np.float32(2.5), np.array([1 + 2j]), np.array([True, False]), float("nan"),
    np.arange(6, dtype=">i4").reshape(2, 3).T])
@pytest.mark.parametrize("text", [False, True])
def test_values_survive_the_way(value, text):
    again = codec.decode(codec.encode(value, text=text))
    assert repr(again) == repr(np.asarray(value) if isinstance(value, np.generic) else value) or (
        again.dtype.newbyteorder("=") == value.dtype.newbyteorder("=")
        and np.array_equal(again, value))


@pytest.mark.parametrize("coded", [
    None, 3, "x", {}, {"t": "array"}, {"t": "array", "dtype": "O", "shape": [1], "data": ""},
    {"t": "array", "dtype": "float64", "shape": [10**12], "data": ""},
    {"t": "array", "dtype": "float64", "shape": [-1], "data": ""},
    {"t": "array", "dtype": "f8,f8", "shape": [1], "data": "AAAA"},
    {"t": "plain", "v": [1]}, {"t": "plain", "v": 10**30}, {"t": "list", "v": 3},
    {"t": "dict", "v": [[1]]}, {"t": "pickle", "v": "gASV"}, {"t": "name", "v": "print"},
    {"t": "list", "v": [{"t": "none"}, {"t": "?"}]}])
def test_forged_values_are_refused(coded):
    with pytest.raises((codec.Unreadable, codec.Missing)):
        codec.decode(coded)


def test_sheets_refuse_what_cannot_be():
    sheet = Sheet("x", 1, "X")
    sheet.task("a", "A")
    with pytest.raises(ValueError, match="unknown tasks"):
        sheet.task("b", "B", needs=("zzz",))
    with pytest.raises(ValueError, match="told twice"):
        sheet.task("a", "A")
    with pytest.raises(ValueError, match="announce the task"):
        sheet.check("b", "c", "t", 1)
    sheet.check("a", "c", "t", 1)(print)
    with pytest.raises(ValueError, match="two checks"):
        sheet.check("a", "c", "t", 1)
