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
            values = np.asarray(values)
            values = values if values.dtype.kind in "biuf" else values.astype(float)
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
    if not patient.in_passing:
        yield from _telltale(patient)
        yield from _order(patient)
    yield from _validation_rows(patient)


def _scale(patient):
    if isinstance(patient.network.layers[0], BatchNorm):
        return
    rms = patient.column_rms
    largest = rms.max()
    if crosses(patient, "largest rms of a column", largest) and not _learnt_it(patient):
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
    whole = np.sqrt(np.square(rms).mean())
    if crosses(patient, "rms of X", whole) and not _learnt_it(patient):
        yield Finding(
            "D103",
            f"root mean square of X is {whole:.3g}, below {LIMITS['rms of X'][1]:g}",
            "the gradients of the first layer are as small as the inputs (scaled twice?), so that "
            "layer hardly learns",
            STANDARDISE,
            value=whole,
            threshold=LIMITS["rms of X"][1],
        )


def _learnt_it(patient) -> bool:
    return patient.trained and patient.foretold and patient.learnt > 0.95


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
        unused = np.flatnonzero(patient.class_counts == 0)
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
    elif not spread.any() and len(T) >= 20:
        yield Finding(
            "D105",
            f"all {len(T)} targets are {T[0, 0]:g}",
            "where the targets do not vary there is nothing to learn: were whole numbers divided, "
            "or is it the wrong column?",
            "print(np.unique(y, return_counts=True))",
            value=0.0,
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
    if patient.in_passing and "probes" not in patient.__dict__:
        return
    X, T = patient.some
    if len(X) < 100 or not np.ptp(T, axis=0).any():
        return
    z, least = max(patient.probe_z.values()), LIMITS["z of neighbours and line"][1]
    # Validation rows that know much more of their targets were not shuffled with these.
    apart = z < least and patient.held_out is not None and (
        max(patient.held_out.probe_z.values()) > 3 * least
    )  # fmt: skip
    if z < least and not apart and patient.more is not None:
        X = patient.more.some[0]  # weak ties show in more rows, and no ties do not
        z = max(patient.more.probe_z.values())
    if crosses(patient, "z of neighbours and line", z) and not (
        patient.foretold and patient.trained_well
    ):
        yield Finding(
            "D107",
            f"five nearest neighbours and a straight line foretell the targets of {len(X)} rows "
            f"no better than shuffled ones do ({z:.1f} standard errors, below "
            f"{LIMITS['z of neighbours and line'][1]:g})",
            "rows and targets were probably shuffled or sorted apart; or the inputs say nothing "
            "about the targets" + ": all rows of X are the same" * (not np.ptp(X, axis=0).any()),
            "order = np.random.default_rng(0).permutation(len(X)); X, y = X[order], y[order]"
            "  # from the files as they were: one order for both",
            value=z,
            threshold=LIMITS["z of neighbours and line"][1],
        )


def _telltale(patient):
    """A single column that is the class in another dress, beside others that are not.

    Not asked of targets that are amounts: there a column that gives them may be a law.
    """
    X, T = (a.astype(float) for a in patient.some)
    kind = patient.reading.kind
    if len(X) < 50 or X.shape[1] < 2 or kind == "numbers" or (kind == "yes_no" and T.shape[1] > 1):
        return
    X = X - X.mean(axis=0)
    total = np.square(X).sum(axis=0)
    T = T if T.shape[1] > 1 else np.hstack([T, 1 - T])
    explained = (np.square(T.T @ X) / np.maximum(T.sum(axis=0), 1)[:, None]).sum(axis=0)
    share = np.where(total > 1e-12 * len(X), explained / np.maximum(total, 1e-30), 0)
    second, first = np.sort(share)[-2:]
    name = "share of a column that the target explains"
    if crosses(patient, name, first) and second < 0.99:
        j = int(share.argmax())
        yield Finding(
            "D112",
            f"the targets explain {first:.2%} of the variance of column {j} of X, above "
            f"{LIMITS[name][1]:.1%}, and of no other column more than {max(second, 0):.0%}",
            "the target, or something made from it, was left among the inputs; will it be there "
            "when the network is used?",
            f"X = np.delete(X, {j}, axis=1); network = {patient.recipe(inputs=X.shape[1] - 1)}",
            value=first, threshold=LIMITS[name][1],
        )  # fmt: skip


def _order(patient):
    """Batches of one class only, in rows that nobody shuffles."""
    if patient.shuffle is not False or patient.reading.kind != "classes":
        return
    labels = patient.T.argmax(axis=1)
    size = max(patient.batch_size or 32, 8)
    if len(labels) < 2 * size:
        return

    def alone(order):
        batches = labels[order][: len(labels) // size * size].reshape(-1, size)
        return float((batches == batches[:, :1]).all(axis=1).mean())

    given = np.arange(len(labels))
    share = alone(given) - alone(np.random.default_rng(0).permutation(given))
    if crosses(patient, "batches of one class", share):
        yield Finding(
            "D113",
            f"{alone(given):.0%} of the batches hold one class only, {share:.0%} more than in a "
            f"shuffled order; above {LIMITS['batches of one class'][1]:.0%}",
            "each batch teaches the network to name one class, and the next one to forget it",
            "history = nnlib.fit(network, X, y, loss=loss, shuffle=True)",
            value=share, threshold=LIMITS["batches of one class"][1],
        )  # fmt: skip


def _validation_rows(patient):
    if patient.validation is None or len(patient.validation[0]) < 10:
        return
    rms = patient.validation_scale
    ratio = max(rms) / min(rms)
    if crosses(patient, "scale of validation", ratio):
        yield Finding(
            "D110",
            f"root mean square of the validation rows is {rms[1]:.3g}, of X {rms[0]:.3g}: "
            f"{ratio:.3g} times apart, above {LIMITS['scale of validation'][1]:g}",
            "only one of the two was scaled",
            "mean, std = X.mean(axis=0), X.std(axis=0) + 1e-8; X = (X - mean) / std; "
            "validation = ((validation[0] - mean) / std, validation[1])  # both from raw values",
            value=ratio,
            threshold=LIMITS["scale of validation"][1],
        )
