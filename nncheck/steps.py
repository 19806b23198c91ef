"""A check is a list of steps: call this function with these arguments, read this variable.

The same few lines carry them out on the reference, on known mistakes, in the student's
notebook and in the grader's worker, so that all of them mean the same by "the same answer".
"""

import numpy as np

from nncheck import codec

INPUTS_LEFT_ALONE = "changed"
# Kept here: one who means np.random.seed(42) may well have written np.random.seed = 42.
SEED = np.random.seed  # noqa: NPY002


def execute(steps: list, namespace: dict) -> list:
    """Carry out steps in a namespace; one outcome for each.

    A step is ``{"do": "call", "name": ..., "args": [...], "kwargs": {...}, "bind": ...}``;
    with ``"of"`` it calls a method of something made before.  ``"do"`` is ``"call"``, ``"get"``
    or ``"set"``.  An outcome holds ``value`` or ``error``, and under ``changed`` the arguments
    that are not any more what they were.
    """
    made, outcomes = {}, []
    for step in steps:
        outcomes.append(one(step, namespace, made))
    return outcomes


def one(step: dict, namespace: dict, made: dict) -> dict:
    """Carry out one step."""
    try:
        target = _target(step, namespace, made)
        args = [codec.decode(a, namespace, made) for a in step.get("args", [])]
        kwargs = {k: codec.decode(v, namespace, made) for k, v in step.get("kwargs", {}).items()}
    except codec.Missing as error:
        return {"missing": str(error.args[0])}
    except BaseException as error:  # a property of a student's class may raise anything
        return failure(error)
    if step["do"] == "call" and "of" not in step and not callable(target):
        return {"error": "NotAFunction", "message": type(target).__name__}
    try:
        # What the legacy generator gives must not depend on what ran before.
        SEED(0)
        value = _act(step, target, args, kwargs)
    except BaseException as error:
        return failure(error)
    if "bind" in step:
        made[step["bind"]] = value
    outcome = {"value": _safely(value)}
    changed = _changed(step, args)
    return outcome | ({"changed": changed} if changed else {})


def _target(step, namespace, made):
    if "of" in step:
        if step["of"] not in made:
            raise codec.Missing(step["of"])
        return made[step["of"]]
    if step["do"] == "set":
        return None
    if step["name"] not in namespace:
        raise codec.Missing(step["name"])
    return namespace[step["name"]]


def _act(step, target, args, kwargs):
    if step["do"] == "call":
        function = getattr(target, step["name"]) if "of" in step else target
        return function(*args, **kwargs)
    if step["do"] == "get":
        return getattr(target, step["name"]) if "of" in step else target
    setattr(target, step["name"], args[0])
    return None


def _changed(step, args) -> dict:
    """Arguments that differ from what was sent: the sent ones are decoded once more."""
    changed = {}
    for place, (sent, now) in enumerate(zip(step.get("args", []), args)):
        if sent["t"] in ("array", "list", "dict", "tuple") and step["do"] == "call":
            coded = _safely(now)
            if not same_coding(coded, codec.encode(codec.decode(sent, {}, {}))
                               if _self_contained(sent) else coded):
                changed[str(place)] = coded
    return changed


def _self_contained(coded) -> bool:
    if coded["t"] in ("list", "tuple"):
        return all(_self_contained(v) for v in coded["v"])
    if coded["t"] == "dict":
        return all(_self_contained(v) for _, v in coded["v"])
    return coded["t"] in ("none", "plain", "array")


def same_coding(one, other) -> bool:
    """Equal to the last bit; NaN equals itself."""
    return repr(one) == repr(other)


def _safely(value) -> dict:
    try:
        return codec.encode(value)
    except BaseException as error:
        return {"t": "object", "type": f"something that raises {type(error).__name__} when read"}


def failure(error: BaseException) -> dict:
    """An exception as an outcome: its type, its text, the line of the student's code."""
    kind = type(error).__name__
    try:
        message = str(error)[:300]
    except BaseException:
        message = ""
    line, cell, trace = None, None, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith(("<cell", "<ipython")) or "ipykernel_" in filename:
            line, cell = trace.tb_lineno, filename
        trace = trace.tb_next
    return {"error": kind, "message": message, "line": line, "cell": cell}
