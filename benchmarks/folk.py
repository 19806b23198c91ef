"""Rules of thumb that are often given for spotting a sick run, to be counted beside the doctor.

Each measures one number of a run and raises an alarm above its limit.  None: the rule says nothing
about such a run.

Not here: the doctor (``nnlib.diagnose``).
"""

from __future__ import annotations

import numpy as np

import nnlib
from nnlib import Adam, Network

RULES = {  # name -> (what is measured, alarm above)
    "update": ("step over weights in epoch 1: powers of ten away from 0.001", 1.0),
    "loss rises": ("share of epochs after which the training loss is higher than before", 0.0),
    "first loss": ("first loss: how far from that of equal probabilities", 1.0),
    "validation rises": ("last validation loss over the lowest one", 1.1),
    "gap": ("score on training rows minus score on validation rows", 0.05),
    "20 rows": ("part of 20 rows not learnt by heart in 300 steps of Adam", 0.0),
    "score": ("1 minus the score on the training rows", 0.1),
    "quiet units": (
        "share of dead or saturated outputs in the worst hidden layer, at the end",
        0.1,
    ),
}
ALLOW = [f"{f} output" for f in ("softmax", "sigmoid", "tanh", "relu")]
LEARNT = 0.95  # R2 that counts as learnt by heart


def twenty_rows(network: Network, case: dict) -> float:
    """Part of 20 rows that a copy of the network cannot learn by heart."""
    X, y = case["X"][:20], case["y"][:20]
    with np.errstate(all="ignore"):
        nnlib.fit(network, X, y, loss=case["loss"], optimizer=Adam(0.01), epochs=300,
                  batch_size=len(X), allow=ALLOW)  # fmt: skip
        missing = 1 - network.score(X, y)
    if case["loss"] == "mse":
        missing = max(missing - (1 - LEARNT), 0.0)
    return float(missing) if np.isfinite(missing) else np.inf


def first_loss(network: Network, case: dict) -> float | None:
    """How far the loss before training is from ln K."""
    if case["loss"] == "mse":
        return None
    loss = nnlib.losses.get(case["loss"])
    with np.errstate(all="ignore"):
        value, _ = loss(network(case["X"]), case["y"])
    away = abs(float(value) - np.log(max(case["K"], 2)))
    return away if np.isfinite(away) else np.inf


def quiet_units(network: Network, X) -> float:
    """Share of dead or saturated outputs in the hidden layer that has most of them."""
    a, worst = np.asarray(X[:400], network.dtype), 0.0
    with np.errstate(all="ignore"):
        for layer in network.layers[:-1]:
            a = layer(a)
            name = getattr(getattr(layer, "activation", None), "name", "")
            if name == "relu":
                worst = max(worst, float((a <= 0).all(axis=0).mean()))
            elif name in ("sigmoid", "tanh"):
                b = (a + 1) / 2 if name == "tanh" else a
                worst = max(worst, float(((b < 0.01) | (b > 0.99)).mean()))
    return worst


def after_run(network: Network, case: dict, history, updates: list[float]) -> dict:
    """What the rules that look at a finished run measure."""
    losses = np.asarray(history["loss"] if "loss" in history else [np.nan, np.nan], float)
    ratio = float(np.mean(updates)) if updates else np.nan
    score = network.score(case["X"], case["y"])
    said = {
        "update": abs(np.log10(max(ratio, 1e-12)) + 3) if np.isfinite(ratio) else np.inf,
        "loss rises": float((~(np.diff(losses) <= 0)).mean()) if len(losses) > 1 else 0.0,
        "score": 1 - score if np.isfinite(score) else np.inf,
        "quiet units": quiet_units(network, case["X"]),
        "validation rises": None,
        "gap": None,
    }
    if "validation_loss" in history:
        held = np.asarray(history["validation_loss"], float)
        said["validation rises"] = (
            float(held[-1] / held.min()) if np.isfinite(held).all() else np.inf
        )
        said["gap"] = float(score - network.score(*case["held"]))
    return said


def alarm(rule: str, value: float) -> bool:
    """Whether a rule raises its alarm (a value that is no number does)."""
    return not value <= RULES[rule][1]
