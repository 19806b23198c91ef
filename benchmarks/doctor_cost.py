"""What the doctor costs: part "doctor_cost" of ``python -m benchmarks``.

A run with the doctor called after each epoch against the same run without, in turn, by the
processor's time of one thread, which other programs on the machine disturb little.

Not here: how good the doctor is (``benchmarks.doctor``).
"""

from __future__ import annotations

import time

import numpy as np

import nnlib
from benchmarks.report import COST_PARTS
from nnlib import SGD, Dense, Network
from nnlib.datasets import load_digits, load_mnist_5k


def _mnist():
    """All 60,000 training images if they are at hand, else twelve times the 5,000 that ship."""
    try:
        images, labels, *_ = nnlib.datasets.fetch_mnist()
        return (images / 255).astype(np.float32), labels
    except (OSError, ValueError, RuntimeError):
        X, y = load_mnist_5k()
        return np.tile(X, (12, 1)).astype(np.float32), np.tile(y, 12)


def shapes() -> dict:
    """Name -> (data, hidden layers, type, batch, epochs, rate)."""
    return {
        "digits, 64-32-10": (load_digits, [32], np.float64, 32, 100, 0.1),
        "MNIST, 784-100-10": (_mnist, [100], np.float32, 64, 3, 0.1),
    }


def _run(X, y, hidden, dtype, batch, epochs, rate, looks: bool) -> tuple[float, float]:
    """Seconds of the whole run, and of the calls of the doctor among them."""
    layers = [Dense(width, "relu") for width in hidden] + [Dense(10)]
    network = Network(X.shape[1], layers, seed=0, dtype=dtype)
    began, spent = time.process_time(), 0.0
    run = nnlib.train(network, X, y, optimizer=SGD(rate), batch_size=batch, epochs=epochs, seed=0)
    for step in run:
        if step.epoch_end and looks:
            clock = time.process_time()
            nnlib.diagnose(run)
            spent += time.process_time() - clock
    return time.process_time() - began, spent


def measure_all(repeats: int = 9) -> dict:
    """For each shape: seconds without, the doctor's share of a run, and one look before it."""
    result = {}
    for name, (load, hidden, dtype, batch, epochs, rate) in shapes().items():
        X, y = load()
        turns = repeats if epochs > 10 else max(repeats // 3, 3)
        plain, ratios, shares, first = [], [], [], []
        for _ in range(turns):
            without, _ = _run(X, y, hidden, dtype, batch, epochs, rate, False)
            whole, spent = _run(X, y, hidden, dtype, batch, epochs, rate, True)
            plain.append(without)
            ratios.append(whole / without - 1)
            shares.append(spent / (whole - spent))
            layers = [Dense(width, "relu") for width in hidden] + [Dense(10)]
            network = Network(X.shape[1], layers, seed=0, dtype=dtype)
            clock = time.process_time()
            nnlib.diagnose(network, X, y, optimizer=SGD(rate), batch_size=batch)
            first.append(time.process_time() - clock)
        result[name] = {
            "epochs": epochs, "turns": turns, "calls": epochs,
            "seconds without": _summary(plain),
            **{part: _summary(values) for part, values in zip(
                COST_PARTS, (shares, ratios, 1e3 * np.array(first)), strict=True)},
        }  # fmt: skip
    return result


def _summary(values) -> dict:
    low, middle, high = np.percentile(values, [0, 50, 100])
    return {"median": float(middle), "lowest": float(low), "highest": float(high)}
