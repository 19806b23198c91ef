"""Values: what was handed in, as an array of numbers, or an error that names what is none.

Tables with text in them, missing values, sparse matrices and the like are what a first attempt
often holds: the error names the column or the place, the value, and the cure.

Not here: shapes and ranges (``checks``).
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Number

import numpy as np

_MISSING = "Fill such values first, or drop their rows."


def as_numbers(values: object, what: str) -> np.ndarray:
    """Return ``values`` as an array of floats, else raise TypeError or ValueError."""
    if isinstance(values, np.ma.MaskedArray):
        _check_mask(values, what)
        values = values.data
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise TypeError(
            f"{what} is a sparse matrix, expected an ordinary array. Give {_name(what)}.toarray()."
        )
    if isinstance(values, (Iterator, set, frozenset, dict)):
        raise TypeError(
            f"{what} must hold numbers, got a {type(values).__name__}, which has no rows in a "
            f"fixed order. Give an array, for example numpy.array(list({_name(what)}))."
        )
    if hasattr(values, "columns") and hasattr(values, "iloc"):  # a table of pandas
        _check_columns(values, what)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{what} is ragged, got rows of several lengths: give every row the same length."
        ) from None
    if array.dtype == object:
        array = _from_objects(array, what)
    if array.dtype.kind in "US":
        _refuse_text(array, what)
    if array.dtype.kind in "Mm":
        raise TypeError(
            f"{what} must hold numbers, got dates ({array.dtype}). Turn them into numbers that "
            "mean something, such as the days since a first date."
        )
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{what} must hold real numbers, got dtype {array.dtype}. "
            "Give for example the absolute values, or real and imaginary parts as columns."
        )
    return array if array.dtype.kind == "f" else array.astype(float)


def _check_mask(values: np.ma.MaskedArray, what: str) -> None:
    hidden = np.ma.getmaskarray(values)
    if hidden.any():
        place = tuple(int(i) for i in np.argwhere(hidden)[0])
        raise ValueError(
            f"{what} is masked at index {place}: every value must be known. {_MISSING}"
        )


def _check_columns(table, what: str) -> None:
    for number, name in enumerate(table.columns):
        column = table.iloc[:, number]
        if getattr(column.dtype, "kind", "O") in "biuf" and not column.isna().any():
            continue
        for row, value in enumerate(column):
            where = f"{what} holds {value!r} in column {name!r}, row {row}"
            if _is_missing(value):
                raise ValueError(f"{where}: every value must be a known number. {_MISSING}")
            if not isinstance(value, (Number, np.bool_)):
                raise TypeError(
                    f"{where}: a network takes numbers only. Leave the column out, "
                    f"{_name(what)}.drop(columns={name!r}), or turn each of its values into a "
                    f"column of 0 and 1, pandas.get_dummies({_name(what)})."
                )


def _from_objects(array: np.ndarray, what: str) -> np.ndarray:
    """An array of Python objects as floats; None counts as NaN."""
    for place, value in np.ndenumerate(array):
        if value is None or isinstance(value, (Number, np.bool_)):
            continue
        where = f" at index {place}" if place else ""
        if _is_missing(value):
            raise ValueError(
                f"{what} holds {value!r}{where}: every value must be known. {_MISSING}"
            )
        if isinstance(value, (list, tuple, np.ndarray)):
            raise ValueError(
                f"{what} is ragged, got rows of several lengths: give every row the same length."
            )
        raise TypeError(
            f"{what} must hold numbers, got {type(value).__name__} {value!r:.60}{where}. "
            f"{_cure_for_text(what)}"
        )
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must hold real numbers, got {array.flat[0]!r:.60}.") from None


def _refuse_text(array: np.ndarray, what: str) -> None:
    for place, value in np.ndenumerate(array):
        try:
            float(value)
        except ValueError:
            where = f" at index {place}" if place else ""
            raise TypeError(
                f"{what} must hold numbers, got the text {str(value)!r:.60}{where}. "
                f"{_cure_for_text(what)}"
            ) from None
    raise TypeError(
        f"{what} must hold numbers, got numbers written as text, such as {str(array.flat[0])!r}. "
        f"Convert them: numpy.asarray({_name(what)}, float)."
    )


def _cure_for_text(what: str) -> str:
    if what.startswith("X"):
        return "Leave it out, or turn each text into a column of 0 and 1 (pandas.get_dummies)."
    return "Give numbers; names of classes are taken as targets y of a classifier only."


def _is_missing(value: object) -> bool:
    """None, NaN, and what pandas calls NA and NaT, without asking for pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def class_names(y: object, known: tuple[str, ...] | None, what: str = "y"):
    """Targets that are names of classes as numbers: (targets, names), or (``y``, None).

    ``known`` are the names that numbers were given to before; without them the names are
    numbered in alphabetical order.
    """
    try:
        array = y if isinstance(y, np.ndarray) else np.asarray(y, dtype=object)
    except ValueError:  # ragged: refused by `as_numbers`
        return y, None
    texts = array.ndim == 1 and array.dtype.kind in "OUS" and array.size > 0
    if not texts or not all(isinstance(value, str) for value in array.tolist()):
        return y, None
    try:
        [float(value) for value in array]
    except ValueError:
        names = tuple(sorted(set(array.tolist()))) if known is None else known
    else:
        return y, None  # numbers written as text: refused by `as_numbers`
    numbers = {name: number for number, name in enumerate(names)}
    for row, name in enumerate(array.tolist()):
        if name not in numbers:
            raise ValueError(
                f"{what} holds {name!r} in row {row}, a class that the network does not know. "
                f"Known are {', '.join(map(repr, names))}. Build a new network for other classes."
            )
    return np.array([numbers[name] for name in array.tolist()]), names


def _name(what: str) -> str:
    """The variable in a description such as "X of validation"."""
    return what.partition(" ")[0]
