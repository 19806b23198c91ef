"""Examine a run: what the network has become, and how its loss went.

A symptom counts only where the network fails: saturated units in a network that has learnt its
task are not an illness.  How much can be learnt is judged by two probes (`Patient.attainable`).

Not here: the layers, one by one (``examine_layers``), the data and the set-up (``examine_data``,
``examine_setup``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnlib.examine_layers import examine_layers, slower
from nnlib.findings import LIMITS, Finding, crosses
from nnlib.layers import Dense, Dropout
from nnlib.optimizers import SGD
from nnlib.patient import Patient, activation_of

SHRUNK = "weights over Glorot's, with a penalty"


def broken(patient: Patient) -> Finding | None:
    """Whether the run left the range of numbers, and where it did (None: it did not)."""
    network, losses = patient.network, patient.column("loss")
    layer = next(
        (n for n, values, _ in network.parameters() if not np.isfinite(values).all()), None
    )
    bad = np.flatnonzero(~np.isfinite(losses))
    stopped = patient.stopped_because or ""
    if layer is None and not bad.size and "diverged" not in stopped:
        return None
    if not patient.trained:
        where = "the network has not been trained"
    elif "diverged" in stopped:
        where = stopped.partition(". ")[0]
    elif bad.size:
        where = f"the loss is no number from epoch {bad[0] + 1} on"
    else:
        where = "no loss was written down"
    if layer is not None:
        where += f"; the first array with values that are no numbers is {layer}"
    if not patient.trained:
        return Finding(
            "D301", where,
            "an initializer, a file or a hand put them there; every output is no number too",
            f"network = {patient.recipe(initializer=None)}", value=0.0, threshold=0.0,
        )  # fmt: skip
    return Finding(
        "D301", where,
        "each step made the next one larger until the numbers overflowed: the learning rate is "
        "too high for inputs and targets of this size",
        slower(patient, 10),
        value=float(bad[0] + 1 if bad.size else len(losses) + 1), threshold=float(len(losses) + 2),
    )  # fmt: skip


def examine_run(patient: Patient) -> Iterator[Finding]:
    """Yield what is found in a run that is under way or over."""
    if patient.running and patient.on_its_way:
        yield from _validation(patient)
        return
    failing = crosses(patient, "learnt", patient.learnt)
    short = crosses(patient, "learnt enough", patient.learnt)
    found = []
    if short:
        found += [*_penalty(patient), *_rate(patient, failing)]
    if failing:
        found += examine_layers(patient)
    found += _validation(patient)
    if short:
        if not patient.running:
            found += _length(patient)
        found += _size(patient)
    yield from found
    if not failing or patient.running:
        return
    if not {f.code for f in found} - {"D308"} and crosses(
        patient, "learnt from a new start", patient.teachable
    ):
        yield Finding(
            "D310",
            f"score {patient.score:.3f} after {len(patient.column('loss'))} epochs; the same "
            f"network learns {patient.teachable:.0%} of what is within reach in 300 steps of Adam",
            "the steps were too few, or too short, to get there",
            "history = nnlib.fit(network, X, y, loss=loss, optimizer=nnlib.Adam(0.01), "
            f"epochs={max(5 * len(patient.column('loss')), 20)})",
            value=patient.teachable, threshold=LIMITS["learnt from a new start"][1],
        )  # fmt: skip
    elif patient.score - patient.chance < 0.1 * (patient.attainable - patient.chance):
        yield Finding(
            "D314",
            f"score {patient.score:.3f}; a constant prediction gives {patient.chance:.3f}, simple "
            f"probes {patient.attainable:.3f}",
            "no cause of it was found: check the gradient, then try to learn 20 rows by "
            "heart",
            "print(nnlib.check_gradients(network, X[:20], y[:20], loss=loss))",
            value=patient.learnt, threshold=0.1,
        )  # fmt: skip


def _rate(patient, failing):
    """Learning rate: read from the curve, and tried on copies where the optimizer is known."""
    losses = patient.column("loss")
    losses = losses[np.isfinite(losses)]
    floor, here = max(patient.chance_loss, 1e-30), patient.first_loss
    fall, jumps, moved = 1.0, False, True
    if len(losses) >= 2:
        fall = (losses[0] - min(losses[-1], here)) / max(abs(losses[0]), 1e-30)
        steps = np.diff(losses) / np.maximum(np.abs(losses[:-1]), 1e-30)
        rising = float((steps > 0.05).mean())
        moved = np.ptp(losses) > 0.02 * np.abs(losses).max()
        jumps = len(losses) >= 8 and crosses(patient, "share of rising epochs", rising)
    if crosses(patient, "fall of the loss", fall) and not jumps:
        slow = list(_too_slow(patient, here, fall))
        yield from slow
        if slow:
            return  # it cannot be too high as well
    gain = np.nan
    if patient.optimizer is not None and here > 0:
        slow, same = patient.trial(0.1)["after"], patient.trial(1.0)["after"]
        best = min(here, same if np.isfinite(same) else np.inf)
        gain = (best - slow) / best
    helps = crosses(patient, "gain of a tenth of the rate", gain)
    rose = failing and moved and crosses(patient, "rise of the loss", here / floor)
    rose = rose and (helps or not patient.on_its_way)  # what falls has only begun too high
    if rose:
        evidence = (f"the loss ends at {here:.3g}, {here / floor:.3g} times what knowing nothing "
                    f"costs, above {LIMITS['rise of the loss'][1]:g}")  # fmt: skip
        value, limit = here / floor, LIMITS["rise of the loss"][1]
    elif jumps and (helps or np.isnan(gain)):
        evidence = (f"the loss rises by more than 5 % in {rising:.0%} of the epochs, above "
                    f"{LIMITS['share of rising epochs'][1]:.0%}")  # fmt: skip
        value, limit = rising, LIMITS["share of rising epochs"][1]
    else:
        return
    if helps:
        evidence += f"; 20 steps at a tenth of the rate take {gain:.0%} off it"
    yield Finding(
        "D302", evidence, "each step goes so far beyond the valley that it lands higher on the "
        "other side", slower(patient, 10), value=value, threshold=limit,
    )  # fmt: skip


def _too_slow(patient, here, fall):
    move, words = np.inf, "20 steps at 30 times the rate take"
    if patient.optimizer is not None and patient.clip_norm is not None:
        free = patient.trial(clip=False)["after"]
        gain = (here - free) / max(here, 1e-30) if np.isfinite(free) else -1.0
        kept = patient.trial()["move"] / max(patient.trial(clip=False)["move"], 1e-30)
        if kept < 0.1 and crosses(patient, "gain without clipping", gain):
            yield Finding(
                "D303",
                f"the loss fell by {fall:.1%} in the whole run; clipping at clip_norm="
                f"{patient.clip_norm:g} leaves {kept:.1e} of a step, and 20 steps without it take "
                f"{gain:.0%} off the loss, above {LIMITS['gain without clipping'][1]:.0%}",
                "the gradient is cut to far less than its usual length, and the steps with it",
                "history = nnlib.fit(network, X, y, loss=loss, optimizer=optimizer, clip_norm=1.0)",
                value=gain, threshold=LIMITS["gain without clipping"][1],
            )  # fmt: skip
            return
    if patient.optimizer is None:
        patient, words = replace(patient, optimizer=SGD(0.1)), "20 plain steps at 0.1 or 1 take"
        fast = np.nanmin([patient.trial(1.0)["after"], patient.trial(10.0)["after"]])
    else:
        move, fast = patient.trial()["move"], patient.trial(30.0)["after"]
    gain = (here - fast) / max(here, 1e-30) if np.isfinite(fast) else -1.0
    if crosses(patient, "trial: step over weights", move):
        words = f"a step changes the weights by {move:.1e} of their size"
    elif crosses(patient, "gain of thirty times the rate", gain):
        words = f"{words} {gain:.0%} off it"
    else:
        return
    yield Finding(
        "D303",
        f"the loss fell by {fall:.1%} in the whole run, below "
        f"{LIMITS['fall of the loss'][1]:.0%}; {words}",
        "the steps are so short that the weights hardly left their start",
        slower(patient, 1 / 30), value=fall, threshold=LIMITS["fall of the loss"][1],
    )  # fmt: skip


def _penalty(patient):
    if not patient.penalties:
        return
    network = patient.network
    cure = "history = nnlib.fit(network, X, y, loss=loss, regularizer=nnlib.L2(1e-4))"
    pull = patient.penalty_pull
    share = pull if np.isfinite(pull) else 0.0
    small = min(
        np.sqrt(np.square(layer.W).mean() / (2 / sum(layer.W.shape)))
        for layer in network.layers if isinstance(layer, Dense)
    )  # fmt: skip
    shrunk = crosses(patient, SHRUNK, small)
    if shrunk and not share > LIMITS["penalty over loss"][1]:
        yield Finding(
            "D309",
            f"the penalty has shrunk the weights of a layer to {small:.2g} times the size Glorot's "
            f"rule gives, below {LIMITS[SHRUNK][1]:g}",
            "small weights are rewarded more than right answers", cure,
            value=small, threshold=LIMITS[SHRUNK][1],
        )  # fmt: skip
    elif crosses(patient, "penalty over loss", share):
        yield Finding(
            "D309",
            f"the penalty pulls at the weights with {share:.0%} of the strength of the loss's own "
            f"gradient, above {LIMITS['penalty over loss'][1]:.0%}, and the score is "
            f"{patient.score:.3f} where {patient.attainable:.3f} is within reach",
            "small weights are rewarded more than right answers", cure,
            value=share, threshold=LIMITS["penalty over loss"][1],
        )  # fmt: skip


def nothing_to_see(patient) -> bool:
    """Whether the history of a run that learns says that its validation rows are well."""
    columns = patient.history.columns
    losses, right = columns.get("validation_loss"), columns.get("validation_accuracy")
    if not losses:
        return patient.validation is None
    rising = losses[-1] > LIMITS["validation loss, with a gap"][1] * min(losses)
    return bool(not rising and (not right or right[-1] > 0.7))


def _validation(patient):
    if patient.running and patient.on_its_way and nothing_to_see(patient):
        return
    score = patient.score
    val = None
    if patient.validation is not None:
        X, T = patient.validation
        with np.errstate(all="ignore"):
            output = patient.network._apply(X[:2000])
            val = float(patient.reading.score(output, T[:2000]))
    numbers = patient.reading.kind == "numbers"
    if (
        val is not None
        and not numbers
        and len(patient.validation[0]) >= 30
        and patient.learnt > 0.5
    ):
        floor = 1 / max(T.shape[1], 2)
        if crosses(patient, "validation score over chance", val / floor):
            yield Finding(
                "D111",
                f"{score:.1%} right on the rows learnt from, {val:.1%} on the validation rows; "
                f"guessing gives {floor:.0%}",
                "far below chance is not ignorance: what is right there is called wrong. The "
                "labels are numbered otherwise, or turned round",
                "print(np.stack([validation[1][:20], network.predict(validation[0][:20])]))"
                "  # which label stands for which? then one code for both",
                value=val / floor, threshold=LIMITS["validation score over chance"][1],
            )  # fmt: skip
            return
    losses = patient.column("validation_loss")
    ratio = np.nan
    if len(losses) >= 5 and np.isfinite(losses).all():
        best = int(losses.argmin())
        ratio = losses[-1] / max(losses[best], 1e-30)
    gap = np.nan if val is None else score - val
    rising = crosses(patient, "validation loss, with a gap", ratio)
    risen = crosses(patient, "validation loss over its best", ratio)
    last = losses[-1] / max(patient.chance_loss, 1e-30) if len(losses) else 0.0
    risen = risen and crosses(patient, "validation loss over chance", last)
    if val is not None:  # less one standard error of a share
        gap -= 0.5 / np.sqrt(len(output))
    apart = crosses(patient, "train minus validation score", gap)
    accuracies = patient.column("validation_accuracy")
    if apart and (rising or (gap > 0.3 and patient.learnt > 0.8)):
        words = f"score {score:.3f} on the rows learnt from, {val:.3f} on the validation rows"
        if rising:
            words += (
                f"; the validation loss ends {ratio:.3g} times above its best, epoch {best + 1}"
            )
        yield Finding(
            "D312", f"{words}; limit of the gap {LIMITS['train minus validation score'][1]:g}",
            "the network learns its rows by heart, noise included: too many parameters or epochs "
            "for so few rows",
            "history = nnlib.fit(network, X, y, loss=loss, validation=validation, "
            "regularizer=nnlib.L2(1e-3), early_stopping=nnlib.EarlyStopping(patience=10))",
            value=gap, threshold=LIMITS["train minus validation score"][1],
        )  # fmt: skip
    elif risen and len(accuracies) and accuracies[-1] >= accuracies[best] - 0.02:
        yield Finding(
            "D313",
            f"the validation loss ends {ratio:.3g} times above its best (epoch {best + 1}), the "
            f"accuracy went from {accuracies[best]:.3f} to {accuracies[-1]:.3f}",
            "the same rows are wrong as before, but the network has become surer of them: the "
            "loss counts how sure, the accuracy only whether",
            "history = nnlib.fit(network, X, y, loss=loss, validation=validation, "
            "early_stopping=nnlib.EarlyStopping(patience=10))",
            value=ratio, threshold=LIMITS["validation loss over its best"][1],
        )  # fmt: skip


def _length(patient):
    losses = patient.column("loss")
    losses = losses[np.isfinite(losses)]
    if not len(losses):
        return
    back = max(len(losses) // 5, 1)
    before = losses[-back - 1] if len(losses) > back else max(losses[0], patient.chance_loss)
    fall = (before - min(losses[-1], patient.first_loss)) / max(abs(before), 1e-30)
    if crosses(patient, "fall in the last fifth", fall):
        yield Finding(
            "D310",
            f"in the last fifth of {len(losses)} epochs the loss still fell by {fall:.0%}, above "
            f"{LIMITS['fall in the last fifth'][1]:.0%}; score {patient.score:.3f}, "
            f"{patient.attainable:.3f} is within reach",
            "the run was stopped while it was learning",
            f"history = nnlib.fit(network, X, y, loss=loss, epochs={5 * len(losses)})",
            value=fall, threshold=LIMITS["fall in the last fifth"][1],
        )  # fmt: skip


def _size(patient):
    """Narrow or without a hidden layer, and no longer learning."""
    network = patient.network
    widths = [layer.width for layer in network.layers[:-1] if isinstance(layer, Dense)]
    bends = [activation_of(x) for x in network.layers[:-1] if not isinstance(x, Dropout)]
    narrow = min(widths, default=0)
    room = patient.attainable - patient.score
    if not crosses(patient, "units of the narrowest layer", narrow) or "heaviside" in bends:
        return
    if not crosses(patient, "score below the probes", room):
        return
    if crosses(patient, "learnt from a new start", patient.teachable):
        return  # it is not too small, it has not got there
    yield Finding(
        "D311",
        f"score {patient.score:.3f}, while simple probes reach {patient.attainable:.3f}; "
        + (f"the narrowest hidden layer has {narrow} units" if widths else "no hidden layer"),
        "so few units cannot bend enough" if widths else "without a hidden layer only straight "
        "borders can be drawn",
        f"network = {patient.wider()}",
        value=float(narrow), threshold=2.5,
    )  # fmt: skip
