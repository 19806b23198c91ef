"""Examine the set-up: layers, first weights, loss, gradient and first steps, before a run.

Not here: the data by themselves (``examine_data``), and what a run shows (``examine_run``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlib.findings import LIMITS, Finding, crosses
from nnlib.layers import BatchNorm, Dense, Dropout
from nnlib.patient import Patient, activation_of
from nnlib.trials import CHECK_ROWS

ALIKE = 1e-3  # of the largest weight: in single precision equal units drift apart by rounding


def examine_output(network, loss, T, recipe) -> Iterator[Finding]:
    """The output layer against the loss and the targets (None: they do not fit)."""
    last = activation_of(network.layers[-1])
    width = network.widths[-1]
    logits = loss.output_activation.name != "identity"
    layers = recipe(last={"activation": "identity"})
    if last == "softmax" and width == 1:
        yield Finding(
            "D203", "1 output with softmax: it is 1 for every row",
            "softmax divides by the sum over the outputs, here by itself",
            f"network = {recipe(last={'activation': 'identity'})}; "
            "history = nnlib.fit(network, X, y, loss='binary_cross_entropy')",
            value=1.0, threshold=2.0,
        )  # fmt: skip
    elif logits and last == loss.output_activation.name:
        yield Finding(
            "D201", f"the last layer has {last}, and the loss {loss.name!r} applies {last} too",
            "the second one sees only numbers from 0 to 1: no probability can come near 1, and "
            "the gradient is flattened",
            f"network = {layers}",
        )  # fmt: skip
    elif logits and last in ("softmax", "sigmoid", "tanh", "relu", "heaviside"):
        yield Finding(
            "D202", f"the last layer has {last}, the loss {loss.name!r} takes logits",
            f"a logit may be any number, and {last} cuts it"
            + (": where all are cut to 0 no gradient is left" if last == "relu" else ""),
            f"network = {layers}",
        )  # fmt: skip
    if T is None or logits or last not in ("sigmoid", "tanh", "relu", "softmax"):
        return
    low = {"tanh": -1.0}.get(last, 0.0)
    high = {"relu": np.inf}.get(last, 1.0)
    outside = float(((low > T) | (high < T)).mean())
    if outside > 0:
        yield Finding(
            "D204",
            f"{outside:.0%} of the targets, which go from {T.min():.4g} to {T.max():.4g}, lie "
            f"outside what {last} can give, {low:g} to {high:g}",
            "the output is pushed against its limit and stays there",
            f"network = {layers}",
            value=outside, threshold=0.0,
        )  # fmt: skip


def examine_setup(patient: Patient) -> Iterator[Finding]:
    """Yield what is found in layers, first weights, gradient and first steps."""
    network = patient.network
    yield from examine_output(network, patient.loss, patient.T, patient.recipe)
    yield from _layers(patient)
    yield from _relu_output(patient)
    yield from _alike(patient)
    if not patient.trained:
        yield from examine_start(patient)
    yield from _gradient(patient)


def examine_start(patient: Patient) -> Iterator[Finding]:
    """Yield what is found in the first weights and the first steps."""
    yield from _first_weights(patient)
    yield from _first_steps(patient)


def _layers(patient):
    network = patient.network
    names = [activation_of(layer) for layer in network.layers]
    if "heaviside" in names:
        yield Finding(
            "D206", f"layer {names.index('heaviside')} has heaviside",
            "its derivative is 0 wherever it has one: no error travels back through it",
            f"network = {patient.recipe(swap={'heaviside': 'sigmoid'})}",
        )  # fmt: skip
    kinds = [
        (place, layer, names[place])
        for place, layer in enumerate(network.layers)
        if not isinstance(layer, Dropout)
    ]
    straight = [
        place for (place, layer, name), (_, after, _) in zip(kinds, kinds[1:], strict=False)
        if isinstance(layer, Dense) and name == "identity" and isinstance(after, Dense)
    ]  # fmt: skip
    if straight:
        yield Finding(
            "D205",
            f"layer{'s' * (len(straight) > 1)} {', '.join(map(str, straight))} of "
            f"{len(network.layers)} pass on a weighted sum as it is",
            "two matrix products in a row are one matrix product: without a nonlinearity between "
            "them the second layer adds nothing",
            f"network = {patient.recipe(bend=straight)}",
            value=float(len(straight)), threshold=0.0,
        )  # fmt: skip
    first = next((layer for layer in network.layers if isinstance(layer, Dense)), None)
    without = [x for x in network.layers if isinstance(x, Dense) and not x.bias]
    shifted = any(isinstance(x, BatchNorm) for x in network.layers)
    if first in without and not (shifted or _constant_column(patient) or patient.trained_well):
        yield Finding(
            "D213",
            f"{len(without)} of {len([x for x in network.layers if isinstance(x, Dense)])} layers "
            "have no b, and no column of X is constant",
            "every border a unit draws passes through the origin; unless the data are centred "
            "there, that is where it should not be",
            f"network = {patient.recipe(biases=True)}",
            value=float(len(without)), threshold=0.0,
        )  # fmt: skip
    rates = [layer.rate for layer in network.layers if isinstance(layer, Dropout)]
    if (
        rates and crosses(patient, "dropout rate", max(rates))
        and not (patient.trained and patient.learnt > 0.8)
    ):  # fmt: skip
        yield Finding(
            "D211", f"dropout at a rate of {max(rates):g}, above {LIMITS['dropout rate'][1]:g}",
            "so few units are left in each step that the network learns as a far smaller one would",
            f"network = {patient.recipe(rate=0.2)}",
            value=max(rates), threshold=LIMITS["dropout rate"][1],
        )  # fmt: skip


def _constant_column(patient) -> bool:
    """Whether a column of X does what a bias would."""
    rows = patient.some[0]
    return bool(((np.ptp(rows, axis=0) == 0) & (rows[0] != 0)).any())


def _relu_output(patient):
    """Under the squared error: outputs at 0 for every row have no gradient left."""
    logits = patient.loss.output_activation.name != "identity"
    if logits or activation_of(patient.network.layers[-1]) != "relu" or patient.trained_well:
        return
    silent = float((patient.outputs[-1] <= 0).all(axis=0).mean())
    if patient.reading.kind == "numbers" and not (silent == 1.0 and patient.some[1].any()):
        return  # amounts that are never below 0 may have a relu
    yield Finding(
        "D212", f"{silent:.0%} of the outputs are 0 for every row, and stay so",
        "where relu cuts the output off, its derivative is 0, and no error travels back",
        f"network = {patient.recipe(last={'activation': 'identity'})}",
        value=silent, threshold=0.0,
    )  # fmt: skip


def _alike(patient):
    network = patient.network
    for place, layer in enumerate(network.layers[:-1]):
        if not isinstance(layer, Dense) or layer.width < 2:
            continue
        size = np.abs(layer.W).max()
        if np.ptp(layer.W, axis=1).max() <= ALIKE * size and (
            not layer.bias or np.ptp(layer.b) <= ALIKE * (size + np.abs(layer.b).max())
        ):
            yield Finding(
                "D207", f"the {layer.width} units of layer {place} have the same weights"
                + (", all 0" if size == 0 else ""),
                "units that compute the same get the same gradient, and stay the same for ever",
                f"network = {patient.recipe(initializer=None)}",
                value=0.0, threshold=ALIKE,
            )  # fmt: skip
            return


def _first_weights(patient):
    network = patient.network
    # Before the first step a layer that normalises has no averages yet: what comes out of it in
    # use says nothing of the weights.
    normalised = any(isinstance(layer, BatchNorm) for layer in network.layers)
    shares = [saturated(a, network.layers[i]) for i, a in patient.hidden("sigmoid", "tanh")]
    if shares and not normalised:
        share = max(shares)
        if crosses(patient, "saturated at start", share):
            yield _too_large(patient, f"{share:.0%} of the outputs of a hidden layer lie within "
                             "1 % of their limits before the first step, above "
                             f"{LIMITS['saturated at start'][1]:.0%}",
                             share, LIMITS["saturated at start"][1])  # fmt: skip
            return
    first, chance = patient.first_loss, patient.chance_loss
    if normalised:
        pass
    elif patient.loss.output_activation.name != "identity":
        # Large inputs make large logits with weights of any size, so the inputs' size counts.
        size = max(1.0, float(patient.column_rms.max()))
        limit = size * LIMITS["first loss above chance, for inputs of size 1"][1]
        if crosses(patient, "first loss above chance, for inputs of size 1",
                   (first - chance) / size):  # fmt: skip
            yield _too_large(patient, f"the first loss is {first:.3g}; knowing nothing costs "
                             f"{chance:.3g}. More than {limit:.3g} above it",
                             first - chance, limit)  # fmt: skip
            return
    else:
        a, T = patient.outputs[-1], patient.T
        error = a.std() / (T.std() + np.abs(T).mean() + 1e-30)
        if crosses(patient, "first error over spread", error):
            yield _too_large(patient, f"the first outputs spread {error:.3g} times as far as the "
                             f"targets, above {LIMITS['first error over spread'][1]:g}",
                             error, LIMITS["first error over spread"][1])  # fmt: skip
            return
    ratios = [
        np.sqrt(np.square(layer.W).mean() / (2 / sum(layer.W.shape)))
        for place, layer in enumerate(network.layers[:-1])
        if isinstance(layer, Dense) and not isinstance(network.layers[place + 1], BatchNorm)
    ]
    name = "weights over Glorot's" + ", deep" * (len(ratios) > 1)
    if ratios and crosses(patient, name, min(ratios)):
        yield Finding(
            "D209",
            f"the weights of a hidden layer are {min(ratios):.2g} times the size Glorot's rule "
            f"gives, below {LIMITS[name][1]:g}",
            "each layer makes the signal smaller, and on the way back the gradient too",
            f"network = {patient.recipe(initializer=None)}",
            value=min(ratios), threshold=LIMITS[name][1],
        )  # fmt: skip


def _too_large(patient, evidence, value, limit) -> Finding:
    return Finding(
        "D208", evidence,
        "large weights make large weighted sums: units sit where their derivative is nearly 0, "
        "and the first guesses are sure and wrong",
        f"network = {patient.recipe(initializer=None)}",
        value=value, threshold=limit,
    )  # fmt: skip


def saturated(a: np.ndarray, layer) -> float:
    """Share of the outputs within 1 % of an end of the activation's range."""
    if activation_of(layer) == "tanh":
        a = (a + 1) / 2
    return float(((a < 0.01) | (a > 0.99)).mean())


def _first_steps(patient):
    if patient.optimizer is None or "heaviside" in map(activation_of, patient.network.layers):
        return
    trial = patient.trial()
    rate = float(np.max(patient.optimizer.learning_rate))
    growth = trial["after"] / max(trial["before"], patient.chance_loss, 1e-30)
    growth = growth if np.isfinite(growth) else np.inf
    name = patient.optimizer_name
    if crosses(patient, "trial: loss after over before", growth):
        yield Finding(
            "D302",
            f"after 20 steps on a copy with a learning rate of {rate:g} the loss is {growth:.3g} "
            f"times what it was, above {LIMITS['trial: loss after over before'][1]:g}",
            "each step goes so far beyond the valley that it lands higher on the other side",
            f"optimizer = nnlib.{name}({rate / 10:.3g})",
            value=growth, threshold=LIMITS["trial: loss after over before"][1],
        )  # fmt: skip
    elif crosses(patient, "trial: long step over weights", trial["move"]):
        yield Finding(
            "D302",
            f"a step with a learning rate of {rate:g} is {trial['move']:.2g} times as long as the "
            f"weights, above {LIMITS['trial: long step over weights'][1]:g}",
            "each step replaces the weights rather than mends them",
            f"optimizer = nnlib.{name}({rate / 10:.3g})",
            value=trial["move"], threshold=LIMITS["trial: long step over weights"][1],
        )  # fmt: skip
    elif crosses(patient, "trial: step over weights", trial["move"]):
        yield Finding(
            "D303",
            f"a step changes the weights by {trial['move']:.1e} of their size, below "
            f"{LIMITS['trial: step over weights'][1]:.0e}",
            "at this pace the weights hardly leave their start in thousands of steps",
            f"optimizer = nnlib.{name}({rate * 100:.3g})",
            value=trial["move"], threshold=LIMITS["trial: step over weights"][1],
        )  # fmt: skip


def _gradient(patient):
    if not patient.own_code or "heaviside" in map(activation_of, patient.network.layers):
        return
    if patient.in_passing and "gradient_factors" not in patient.__dict__:
        return
    off = patient.gradient_factors
    worst = max((error for error, _ in off.values()), default=0.0)
    if not crosses(patient, "gradient off by", worst):
        return
    wrong = {n: f for n, (e, f) in off.items() if e > LIMITS["gradient off by"][1]}
    name = max(wrong, key=lambda n: off[n][0])
    n, K = min(CHECK_ROWS, len(patient.rows)), patient.network.widths[-1]
    factor = wrong[name]
    places = {int(n.split(".")[0]) for n in wrong}
    if len(wrong) == len(off) and factor is not None:
        known = {-1.0: "the sign is turned: t - p stands where p - t belongs",
                 float(n): "it is summed over the rows, not averaged",
                 1.0 / n: "it is divided by the number of rows twice",
                 2.0: "a factor of 2 too many", 0.5: "the 2 of the square is missing",
                 float(K): "the loss averages over the outputs, its gradient does not"}  # fmt: skip
        nearest = min(known, key=lambda f: abs(f - factor))
        why = (
            known[nearest] if abs(nearest - factor) < 0.02 * abs(nearest) else "one factor too many"
        )
        cause = f"all arrays are off by the same factor, so the mistake is in the loss: {why}"
    elif all(n.endswith(".b") for n in wrong):
        cause = "only biases are off: each one's gradient is the sum of its deltas over the rows"
    elif len(wrong) == len(off):
        cause = ("all arrays are off, not by one factor: the gradient of the loss with respect to "
                 "the outputs is another function's")  # fmt: skip
    else:
        cause = (f"only layers up to {max(places)} are off: the delta is spoilt on its way back to "
                 f"layer {max(places)}, in a derivative or a matrix product")  # fmt: skip
    by = f"by a factor of {factor:.3g}" if factor is not None else "not by one factor"
    yield Finding(
        "D210",
        f"backpropagation and differences of the loss disagree in {', '.join(wrong)}; in {name} "
        f"{by} (relative error {off[name][0]:.2g}, above {LIMITS['gradient off by'][1]:g})",
        cause,
        "print(nnlib.check_gradients(network, X[:20], y[:20], loss=loss))",
        value=off[name][0], threshold=LIMITS["gradient off by"][1],
    )  # fmt: skip
