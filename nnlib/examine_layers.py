"""Examine the layers of a network that has not learnt its task: units, gradients, outputs.

Not here: whether it has learnt it, and how its loss went (``examine_run``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlib.examine_setup import saturated
from nnlib.findings import LIMITS, Finding, crosses
from nnlib.patient import Patient

RELU_INSTEAD = {"sigmoid": "relu", "tanh": "relu"}


def slower(patient, factor: float) -> str:
    optimizer = patient.optimizer
    if optimizer is None:
        word = "a tenth" if factor > 1 else "thirty times"
        return f"optimizer = nnlib.SGD({0.1 / factor:.3g})  # or {word} of the rate you used"
    rate = float(np.max(optimizer.learning_rate))
    return f"optimizer = nnlib.{patient.optimizer_name}({rate / factor:.3g})"


def examine_layers(patient: Patient) -> Iterator[Finding]:
    """Yield what is found in the layers of a network that has not learnt its task."""
    yield from _units(patient)
    yield from _gradients(patient)
    yield from _constant(patient)


def _units(patient):
    network = patient.network
    shares = [(saturated(a, network.layers[i]), i) for i, a in patient.hidden("sigmoid", "tanh")]
    if shares and crosses(patient, "saturated", max(shares)[0]):
        share, place = max(shares)
        yield Finding(
            "D304",
            f"{share:.0%} of the outputs of layer {place} lie within 1 % of their limits, above "
            f"{LIMITS['saturated'][1]:.0%}",
            "there the derivative is nearly 0: weights or inputs have become too large to learn on",
            f"network = {patient.recipe(initializer=None)}; {slower(patient, 10)}",
            value=share, threshold=LIMITS["saturated"][1],
        )  # fmt: skip
    shares = [(float((a <= 0).all(axis=0).mean()), i) for i, a in patient.hidden("relu")]
    if shares and crosses(patient, "dead", max(shares)[0]):
        share, place = max(shares)
        yield Finding(
            "D305",
            f"{share:.0%} of the units of layer {place} give 0 for every row, above "
            f"{LIMITS['dead'][1]:.0%}",
            "a step too large pushed them below 0 for all rows; there the derivative is 0, and "
            "nothing brings them back",
            f"network = {patient.recipe(swap={'relu': 'leaky_relu'})}; {slower(patient, 10)}",
            value=share, threshold=LIMITS["dead"][1],
        )  # fmt: skip


def _gradients(patient):
    sizes = [np.sqrt(np.square(g).mean()) for g in patient.gradients.values()]
    if len(sizes) >= 3 and np.isfinite(sizes).all() and sizes[-1] > 1e-12:
        ratio = sizes[0] / sizes[-1]
        words = f"the gradient of the first layer's weights is {ratio:.2g} times that of the last's"
        if crosses(patient, "first over last gradient", ratio):
            yield Finding(
                "D306", f"{words}, below {LIMITS['first over last gradient'][1]:g}",
                "every layer multiplies the error on its way back by a derivative that is small "
                "(at most 1/4 for sigmoid)",
                f"network = {patient.recipe(swap=RELU_INSTEAD, initializer=None)}",
                value=ratio, threshold=LIMITS["first over last gradient"][1],
            )  # fmt: skip
        elif crosses(patient, "exploding: first over last gradient", ratio):
            yield Finding(
                "D307",
                f"{words}, above {LIMITS['exploding: first over last gradient'][1]:g}",
                "every layer multiplies the error on its way back by weights that are too large",
                f"network = {patient.recipe(initializer=None)}  # and fit(..., clip_norm=1.0)",
                value=ratio, threshold=LIMITS["exploding: first over last gradient"][1],
            )  # fmt: skip


def _constant(patient):
    output, T = patient.outputs[-1], patient.some[1]
    if patient.reading.kind == "numbers":
        spread = float(output.std() / (T.std() + 1e-30))
        same = T.std() > 0 and spread < 0.01
        words = f"the outputs spread {spread:.1%} as far as the targets"
    else:
        classes = np.unique(patient.reading.predict(output), axis=0)
        same, spread = len(classes) == 1, 1.0
        words = f"all {len(output)} rows are given the same answer, {classes[0]}"
    if same:
        yield Finding(
            "D308", words, "the inputs no longer reach the output: the output layer's bias alone "
            "decides", f"network = {patient.recipe(initializer=None)}; {slower(patient, 10)}",
            value=spread, threshold=0.01 if patient.reading.kind == "numbers" else 2.0,
        )  # fmt: skip
