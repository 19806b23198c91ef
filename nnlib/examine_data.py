"""Examine the data: what is wrong with rows and targets before anything is learnt from them.

Not here: the network's set-up (``examine_setup``) and its run (``examine_run``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlib.findings import LIMITS, Finding, crosses
from nnlib.layers import BatchNorm
from nnlib.patient import Patient

STANDARDISE = "X = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-8)"


def no_numbers(X, y) -> Finding | None:
    """What `numpy` can tell of values that are no finite numbers (None: all are)."""
    for name, values in (("X", X), ("y", y)):
        try:
            values = np.asarray(values, float)
        except (TypeError, ValueError):
            continue  # text and tables are checked, and named, elsewhere
        wrong = ~np.isfinite(values)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            return Finding(
                "D101",
                f"{int(wrong.sum())} of {wrong.size:,} values of {name}; the first is "
                f"{name}{list(place)} = {values[place]:g}",
                "a single value that is no number makes the loss, and with the first step every "
                "weight, no number too",
                "whole = np.isfinite(X).all(axis=1) & np.isfinite(np.reshape(y, (len(X), -1)))"
                ".all(axis=1); X, y = X[whole], y[whole]",
                value=float(wrong.sum()),
                threshold=0.0,
            )
    return None


def examine_data(patient: Patient) -> Iterator[Finding]:
    """Yield what is found in rows and targets."""
    yield from _scale(patient)
    yield from _targets(patient)
    yield from _together(patient)
    yield from _validation_rows(patient)


def _scale(patient):
    if isinstance(patient.network.layers[0], BatchNorm):
        return
    with np.errstate(over="ignore"):
        squares = np.square(patient.some[0].astype(float)).mean(axis=0)
    rms = np.sqrt(squares)
    largest = rms.max()
    well = patient.trained and patient.learnt > 0.95
    if crosses(patient, "largest rms of a column", largest) and not well:
        yield Finding(
            "D102",
            f"root mean square of column {rms.argmax()} of X is {largest:.3g}, of the median "
            f"column {np.median(rms):.3g}; above {LIMITS['largest rms of a column'][1]:g}",
            "the weighted sums grow with the inputs: units saturate or steps become far too large, "
            "and the largest column drowns the others",
            STANDARDISE,
            value=largest,
            threshold=LIMITS["largest rms of a column"][1],
        )
    whole = np.sqrt(squares.mean())
    if crosses(patient, "rms of X", whole) and not well:
        yield Finding(
            "D103",
            f"root mean square of X is {whole:.3g}, below {LIMITS['rms of X'][1]:g}",
            "the gradients of the first layer are as small as the inputs (scaled twice?), so that "
            "layer hardly learns",
            STANDARDISE,
            value=whole,
            threshold=LIMITS["rms of X"][1],
        )


def _targets(patient):
    T, kind = patient.T, patient.reading.kind
    if kind == "numbers":
        yield from _number_targets(patient)
        return
    share = patient.chance
    if len(T) >= 50 and crosses(patient, "share of the largest class", share):
        silent = (
            patient.trained and len(np.unique(patient.reading.predict(patient.outputs[-1]))) > 1
        )
        if not silent:
            yield Finding(
                "D106",
                f"{share:.1%} of the rows are of one class, above "
                f"{LIMITS['share of the largest class'][1]:.0%}",
                "always naming that class is right so often that there is little to gain from "
                "learning the others; judge by recall, not by accuracy",
                "rare = np.unique(y, return_inverse=True, return_counts=True); "
                "history = nnlib.fit(network, X, y, sample_weight=1 / rare[2][rare[1]])",
                value=share,
                threshold=LIMITS["share of the largest class"][1],
            )
    if kind == "classes" and T.shape[1] > 2 and len(T) >= 10 * T.shape[1]:
        unused = np.flatnonzero(T.sum(axis=0) == 0)
        if unused.size:
            yield Finding(
                "D108",
                f"{T.shape[1]} outputs, but no label {', '.join(map(str, unused[:5]))}",
                "labels that begin at 1 need an output too many, or a class is missing from these "
                "rows",
                "y = np.unique(y, return_inverse=True)[1]  # classes numbered from 0",
                value=float(unused.size),
                threshold=0.0,
            )


def _number_targets(patient):
    T = patient.T.astype(float)
    if patient.loss.output_activation.name != "identity":
        return  # the loss has a scale of its own
    rms, spread = np.sqrt(np.square(T).mean(axis=0)), T.std(axis=0)
    cure = "y = (y - y.mean(axis=0)) / y.std(axis=0)"
    if crosses(patient, "largest rms of a target", rms.max()) and not patient.trained_well:
        yield Finding(
            "D105",
            f"root mean square of the targets is {rms.max():.3g}, above "
            f"{LIMITS['largest rms of a target'][1]:g}",
            "outputs start near 0 and have far to go; the squared error and its gradient are "
            "huge, and no usual learning rate fits them",
            cure,
            value=rms.max(),
            threshold=LIMITS["largest rms of a target"][1],
        )
    elif 0 < spread.min() and crosses(patient, "smallest spread of a target", spread.min()):
        yield Finding(
            "D105",
            f"standard deviation of the targets is {spread.min():.3g}, below "
            f"{LIMITS['smallest spread of a target'][1]:g}",
            "the loss is small from the first epoch, whatever is predicted, and so is its gradient",
            cure,
            value=spread.min(),
            threshold=LIMITS["smallest spread of a target"][1],
        )
    labels = np.unique(T[:, 0])
    if (
        T.shape[1] == 1 and 3 <= len(labels) <= 20 and len(T) >= 10 * len(labels)
        and (labels == np.arange(len(labels))).all()
    ):  # fmt: skip
        K = len(labels)
        layers = patient.recipe(last={"width": K, "activation": "identity"})
        yield Finding(
            "D109",
            f"the targets are the whole numbers 0 to {K - 1}, read as amounts by the loss "
            f"{patient.loss.name!r}",
            "if they name classes, their order means nothing, and between class 0 and class 2 "
            "does not lie class 1",
            f"network = {layers}; history = nnlib.fit(network, X, y, loss='cross_entropy')",
            value=float(K),
            threshold=3.0,
        )


def _together(patient):
    """Neighbours and a straight line: do they know anything of the rows left out?"""
    X, T = patient.some
    foretold = patient.attainable - patient.chance >= 0.05  # else nothing shows what was learnt
    if len(X) < 100 or (patient.trained_well and foretold):
        return
    z = max(patient.probe_z.values())
    if crosses(patient, "z of neighbours and line", z):
        yield Finding(
            "D107",
            f"five nearest neighbours and a straight line foretell the targets of {len(X)} rows "
            f"no better than shuffled ones do ({z:.1f} standard errors, below "
            f"{LIMITS['z of neighbours and line'][1]:g})",
            "rows and targets were probably shuffled or sorted apart; or the inputs say nothing "
            "about the targets",
            "order = np.random.default_rng(0).permutation(len(X)); X, y = X[order], y[order]"
            "  # from the files as they were: one order for both",
            value=z,
            threshold=LIMITS["z of neighbours and line"][1],
        )


def _validation_rows(patient):
    if patient.validation is None:
        return
    rms = [np.sqrt(np.square(rows[:1000].astype(float)).mean()) + 1e-30
           for rows in (patient.X, patient.validation[0])]  # fmt: skip
    ratio = max(rms) / min(rms)
    if crosses(patient, "scale of validation", ratio):
        yield Finding(
            "D110",
            f"root mean square of the validation rows is {rms[1]:.3g}, of X {rms[0]:.3g}: "
            f"{ratio:.3g} times apart, above {LIMITS['scale of validation'][1]:g}",
            "only one of the two was scaled",
            "mean, std = X.mean(axis=0), X.std(axis=0) + 1e-8; X = (X - mean) / std; "
            "X_valid = (X_valid - mean) / std  # both from their raw values",
            value=ratio,
            threshold=LIMITS["scale of validation"][1],
        )
