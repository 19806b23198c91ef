"""Is an outcome right, and if not, what can be said about it without giving the answer away?"""

import numpy as np

from nncheck import codec
from nncheck.words import shown

RELATIVE = 1e-4  # float32 is precise enough for a right answer
OF_LARGEST = 1e-5


def judge(step: dict, expected: dict, outcome: dict) -> str | None:
    """None if the outcome is as expected, else one sentence or two."""
    name = label(step)
    if "missing" in outcome:
        return (f"`{outcome['missing']}` is not defined. Was its cell deleted, renamed, or not "
                "run?")
    if step.get("accept") == "ignore":
        return None
    if "error" in expected:
        return _should_raise(name, expected, outcome)
    if "error" in outcome:
        return raised(name, outcome)
    if problem := _inputs(step, name, expected, outcome):
        return problem
    wanted, found = decoded(expected["value"]), decoded(outcome["value"])
    if "part" in step:  # of a tuple, judged alone
        if not isinstance(found, (list, tuple)) or len(found) != len(wanted):
            return differs(wanted, found, name)
        name = f"item {step['part'] + 1} of {name}"
        wanted, found = wanted[step["part"]], found[step["part"]]
    return differs(wanted, found, name, step.get("rtol", RELATIVE), step.get("scale"))


def decoded(coded):
    """A value; names and made objects stay what they are."""
    try:
        return codec.decode(coded)
    except (codec.Unreadable, codec.Missing):
        return codec.Foreign(str(coded.get("t"))[:40])


def label(step: dict) -> str:
    """What the step looks at, as the student knows it."""
    return f"`{step.get('name', '?')}`"


def raised(name: str, outcome: dict) -> str:
    """An exception of the student's code, as a sentence."""
    kind = _text(outcome.get("error"), 60)
    if kind == "NotImplementedError":
        return f"{name} is not attempted yet."
    if kind == "NotAFunction":
        return (f"{name} is of type {_text(outcome.get('message'), 60)} here, not a function. Does "
                "another cell use the name for something else?")
    line = outcome.get("line")
    cell = str(outcome.get("cell") or "")
    place = f" (line {line} of {'cell ' + cell[6:-1] if cell[:5] == '<cell' else 'its cell'})"
    where = place if type(line) is int else ""
    return f"{name} raised {kind}: {_text(outcome.get('message'), 200)}{where}"


def _text(value, longest: int) -> str:
    return shown(value, longest)


def _should_raise(name, expected, outcome):
    if "error" not in outcome:
        return f"{name} should raise {expected['error']} for this input, and returned something."
    if outcome["error"] == "NotImplementedError" and expected["error"] != "NotImplementedError":
        return f"{name} is not attempted yet."
    if outcome["error"] != expected["error"]:
        return f"{name} should raise {expected['error']} here, but " + raised(name, outcome)[
            len(name) + 1:]
    return None


def _inputs(step, name, expected, outcome):
    """Were arguments changed that should stay, or left that should change?"""
    if step.get("inputs") == "free":
        return None
    wanted, found = expected.get("changed", {}), outcome.get("changed", {})
    for place in sorted(set(wanted) | set(found)):
        if place not in wanted:
            return (f"{name} changes its input (argument {int(place) + 1}) in place; "
                    "whoever called it still needs that array. Make a new one.")
        if place not in found:
            return f"{name} should change argument {int(place) + 1} in place, and leaves it."
        problem = differs(decoded(wanted[place]), decoded(found[place]),
                          f"argument {int(place) + 1} of {name}, changed in place,",
                          step.get("rtol", RELATIVE), None)
        if problem:
            return problem
    return None


def differs(expected, value, name: str, rtol: float = RELATIVE, scale: float | None = None):
    """None if a value is as expected: kind, shape, then numbers; else a sentence."""
    if expected is None:
        return None
    if value is None:
        return f"{name} returned None: is a `return` missing?"
    if isinstance(expected, codec.Foreign):
        return None  # an object: its methods are asked in later steps
    if isinstance(expected, str):
        return None if value == expected else f"{name} is not the expected text."
    if isinstance(expected, (list, tuple)):
        return _differs_inside(expected, value, name, rtol, scale)
    if isinstance(expected, dict):
        if type(value) is not dict or set(value) != set(expected):
            return f"{name} should be a dictionary with the keys {sorted(expected)}."
        for key in expected:
            if problem := differs(expected[key], value[key], f"{name}[{key!r}]", rtol, scale):
                return problem
        return None
    return _differs_numbers(np.asarray(expected), value, name, rtol, scale)


def _differs_inside(expected, value, name, rtol, scale):
    if not isinstance(value, (list, tuple)):
        return f"{name} should be {len(expected)} things (a tuple), but is {what(value)}."
    if len(value) != len(expected):
        return f"{name} should be {len(expected)} things, but is {len(value)}."
    for place, (e, v) in enumerate(zip(expected, value), start=1):
        if problem := differs(e, v, f"item {place} of {name}", rtol, scale):
            return problem
    return None


def what(value) -> str:
    """A value's kind and shape in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "one number"
    if isinstance(value, codec.Foreign):
        return f"of type {value.type}"
    if isinstance(value, (bool, int, float)):
        return "one number"
    return f"a {type(value).__name__}"


def _differs_numbers(expected, value, name, rtol, scale):
    if expected.ndim == 0 and isinstance(value, (bool, int, float)):
        value = np.asarray(value)
    if not isinstance(value, np.ndarray):
        wanted = f"an array of shape {expected.shape}" if expected.ndim else "one number"
        more = " Put `np.array(...)` around it." if isinstance(value, (list, tuple)) else ""
        return f"{name} should be {wanted}, but is {what(value)}.{more}"
    if value.shape != expected.shape:
        more = ""
        if value.shape == expected.shape[::-1] and value.ndim == 2:
            more = " It lies on its side."
        return f"{name} has shape {value.shape}; expected is {expected.shape}.{more}"
    if value.dtype.kind == "c" and expected.dtype.kind != "c":
        return f"{name} is complex; real numbers are expected."
    bad = ~np.isfinite(value) & np.isfinite(expected)
    if bad.any():
        kind = "nan" if np.isnan(value[bad]).any() else "infinite values"
        return f"{name} contains {kind}."
    wrong = ~close(expected, value, rtol, scale)
    if not wrong.any():
        return None
    if not value.ndim:
        return f"{name} is wrong."
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    count = f"{wrong.sum()} of {wrong.size} values {'is' if wrong.sum() == 1 else 'are'} wrong"
    return f"{name} has the right shape, and {count}, the first at {list(first)}."


def close(expected, value, rtol: float = RELATIVE, scale: float | None = None) -> np.ndarray:
    """Elementwise: equal within a tolerance relative to the element and to the largest one."""
    expected, value = np.asarray(expected), np.asarray(value)
    if expected.dtype.kind in "biu" and value.dtype.kind in "biu":
        return expected == value
    e, v = expected.astype(complex), value.astype(complex)
    finite = np.isfinite(e)
    largest = np.abs(e[finite]).max() if finite.any() else 0.0
    allowed = rtol * np.abs(np.where(finite, e, 0)) + OF_LARGEST * (scale or largest) + 1e-12
    with np.errstate(invalid="ignore"):
        near = np.abs(v - e) <= allowed
    same = (v == e) | (np.isnan(v.real) & np.isnan(e.real))
    return np.where(finite, near, same)


def leaves(outcome: dict, path: tuple = ()) -> dict:
    """An outcome as a flat dictionary from place to value, for comparing two wrong answers."""
    if "missing" in outcome:
        return {path: ("missing", outcome["missing"])}
    if "error" in outcome:
        return {path: ("error", _text(outcome["error"], 60))}
    found = _leaves(decoded(outcome["value"]), (*path, "value"))
    for place, coded in outcome.get("changed", {}).items():
        found |= _leaves(decoded(coded), (*path, "changed", place))
    return found


def _leaves(value, path):
    if isinstance(value, (list, tuple)) and any(
            isinstance(v, (list, tuple, dict, np.ndarray)) for v in value) or (
            isinstance(value, tuple)):
        found = {(*path, "length"): len(value)}
        for place, inner in enumerate(value):
            found |= _leaves(inner, (*path, place))
        return found
    if isinstance(value, dict):
        found = {(*path, "keys"): tuple(sorted(value))}
        for key, inner in value.items():
            found |= _leaves(inner, (*path, key))
        return found
    if isinstance(value, codec.Foreign):
        return {path: ("object",)}
    return {path: value}


def same_leaf(one, other) -> bool:
    """Do two leaves tell the same?"""
    if isinstance(one, (np.ndarray, int, float)) and isinstance(other, (np.ndarray, int, float)):
        a, b = np.asarray(one), np.asarray(other)
        return a.shape == b.shape and bool(close(a, b).all())
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return type(one) is type(other) and one == other


def explain(expected: list, found: list, mistakes: dict) -> list[str]:
    """Which known mistakes explain what is wrong.

    Parameters
    ----------
    expected, found : list of outcomes
        Of the right version and of the student's, for the same steps.
    mistakes : dict from id to list of outcomes
        Of each known wrong version.

    Returns
    -------
    list of ids
        A mistake explains an answer if wherever the mistake differs from the right version, the
        answer equals the mistake.  One that explains only part of what another explains is
        left out.
    """
    right, theirs = flat(expected), flat(found)
    explained = {}
    for name, outcomes in mistakes.items():
        wrong = flat(outcomes)
        places = {p for p in set(right) | set(wrong)
                  if p not in right or p not in wrong or not same_leaf(right[p], wrong[p])}
        if places and all((p in theirs and same_leaf(wrong[p], theirs[p])) if p in wrong
                          else p not in theirs for p in places):
            explained[name] = places
    return [n for n, places in explained.items()
            if not any(places < others for others in explained.values())]


def flat(outcomes: list) -> dict:
    """All leaves of a list of outcomes."""
    found = {}
    for place, outcome in enumerate(outcomes):
        found |= leaves(outcome, (place,))
    return found
