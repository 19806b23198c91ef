"""Values on their way between processes, as JSON: never pickle, which would run code.

Each value becomes a small dictionary with a type under ``t``.  What is neither a number, a
text, an array nor a plain container of those travels as the *name* of its type alone.
"""

import base64
import math

import numpy as np

MOST_BYTES = 32_000_000  # of one answer
MOST_ITEMS = 10_000
DEEPEST = 12
KINDS = "biufc"


class Unreadable(ValueError):
    """A message that does not follow the protocol."""


class Rng:
    """Stands for ``numpy.random.default_rng(seed)``, made anew where the call runs."""

    def __init__(self, seed: int):
        self.seed = int(seed)


class Name:
    """Stands for what the student's notebook calls by this name, a function for example."""

    def __init__(self, name: str):
        self.name = name


class Made:
    """Stands for what an earlier call of the same check returned."""

    def __init__(self, name: str):
        self.name = name


def encode(value, *, text: bool = False, depth: int = 0) -> dict:
    """A value as JSON; ``text=True`` writes arrays as decimals, to be read and compared."""
    if depth > DEEPEST:
        return {"t": "object", "type": "a very deep container"}
    kind = type(value)
    if value is None:
        return {"t": "none"}
    if kind in (bool, str):
        return {"t": "plain", "v": value[:100_000] if kind is str else value}
    if kind is int:
        big = abs(value) >= 2**63
        return {"t": "object", "type": "a huge int"} if big else {"t": "plain", "v": value}
    if kind is float:
        return {"t": "plain", "v": _decimal(value) if text else value}
    if kind in (Rng, Name, Made):
        return {"t": kind.__name__.lower(), "v": value.seed if kind is Rng else value.name}
    if issubclass(kind, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        return {"t": "object", "type": "an array with masked values"}
    if issubclass(kind, (np.ndarray, np.generic)) or kind is complex:
        return _array(np.array(value, copy=None), text)
    if kind in (list, tuple):
        if len(value) > MOST_ITEMS:
            return {"t": "object", "type": f"a {kind.__name__} of {len(value)} items"}
        return {"t": kind.__name__, "v": [encode(v, text=text, depth=depth + 1) for v in value]}
    if kind is dict and len(value) <= MOST_ITEMS and all(type(k) is str for k in value):
        pairs = [[k, encode(v, text=text, depth=depth + 1)] for k, v in value.items()]
        return {"t": "dict", "v": pairs}
    return {"t": "object", "type": str(kind.__name__)[:80]}


def _decimal(number):
    """Nine digits: what a processor's last bits do to a number is not written down."""
    if isinstance(number, float) and math.isfinite(number):
        return float(f"{number:.9g}")
    return number


def _array(array: np.ndarray, text: bool) -> dict:
    array = np.ndarray.view(array, np.ndarray)
    if array.dtype.kind not in KINDS:
        return {"t": "object", "type": f"an array of {array.dtype}"}
    if array.nbytes > MOST_BYTES:
        return {"t": "object", "type": f"an array of shape {array.shape}, too large to send"}
    if array.dtype.itemsize > 16 or array.dtype == np.longdouble:
        array = array.astype(np.float64)
    head = {"t": "array", "dtype": array.dtype.name, "shape": list(array.shape)}
    if text and array.dtype.kind != "c":
        return head | {"v": [_decimal(v) for v in array.ravel().tolist()]}
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return head | {"data": base64.b64encode(little.tobytes()).decode("ascii")}


class Foreign:
    """What a reply only tells the type of."""

    def __init__(self, type_name: str):
        self.type = type_name


def decode(coded, names=None, made=None, depth: int = 0):
    """The value back; anything that is not as `encode` writes it raises `Unreadable`.

    ``names`` and ``made`` are the dictionaries that `Name` and `Made` are looked up in.
    """
    try:
        return _decode(coded, names, made, depth)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        if isinstance(error, (Unreadable, Missing)):
            raise
        raise Unreadable(f"not a value of the protocol: {type(error).__name__}") from None


class Missing(LookupError):
    """A name that the notebook does not define."""


def _decode(coded, names, made, depth):
    kind = coded["t"]
    if depth > DEEPEST + 1:
        raise Unreadable("nested too deeply")
    if kind == "none":
        return None
    if kind == "plain":
        if type(coded["v"]) not in (bool, int, float, str):
            raise Unreadable("not a plain value")
        if type(coded["v"]) is int and abs(coded["v"]) >= 2**63:
            raise Unreadable("a huge int")
        return coded["v"]
    if kind == "array":
        return _decode_array(coded)
    if kind in ("list", "tuple"):
        values = [_decode(v, names, made, depth + 1) for v in coded["v"]]
        return values if kind == "list" else tuple(values)
    if kind == "dict":
        return {str(k): _decode(v, names, made, depth + 1) for k, v in coded["v"]}
    if kind == "object":
        return Foreign(str(coded["type"])[:120])
    if kind == "rng":
        if type(coded["v"]) is not int or not 0 <= coded["v"] < 2**63:
            raise Unreadable("not a seed")
        return np.random.default_rng(coded["v"])
    table = {"name": names, "made": made}.get(kind)
    if table is None:
        raise Unreadable(f"unknown type {str(kind)[:40]!r}")
    if coded["v"] not in table:
        raise Missing(coded["v"])
    return table[coded["v"]]


def _decode_array(coded) -> np.ndarray:
    dtype = np.dtype(str(coded["dtype"]))
    shape = tuple(int(s) for s in coded["shape"])
    if dtype.kind not in KINDS or len(shape) > 64 or any(s < 0 for s in shape):
        raise Unreadable("not an array of numbers")
    if "v" in coded:
        return np.array(coded["v"], dtype=dtype).reshape(shape)
    size = math.prod(shape) * dtype.itemsize
    data = base64.b64decode(coded["data"], validate=True)
    if size > MOST_BYTES or len(data) != size:
        raise Unreadable("shape and data do not fit")
    return np.frombuffer(data, dtype=dtype.newbyteorder("<")).astype(dtype).reshape(shape)
