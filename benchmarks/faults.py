"""Faults: healthy set-ups spoilt on purpose, each at several strengths.

Not here: the set-ups (``benchmarks.cases``), the examination (``benchmarks.doctor``).
"""

from __future__ import annotations

import numpy as np
from sklearn import datasets

import nnlib
from benchmarks.cases import base, standardised
from nnlib import Dense, cross_entropy


class DerivativeTwice(Dense):
    """The derivative of the activation is applied twice."""

    def backward(self, record, gradient, to_input):
        gradient = self.activation.backward(record.output, gradient)
        return super().backward(record, gradient, to_input)


class DerivativeLeftOut(Dense):
    """The derivative of the activation is left out."""

    def backward(self, record, gradient, to_input):
        slope = self.activation.backward(record.output, np.ones_like(gradient))
        safe = np.where(np.abs(slope) > 1e-12, slope, 1)
        return super().backward(record, gradient / safe, to_input)


class OneBias(Dense):
    """The gradient of all biases is summed to one number."""

    def backward(self, record, gradient, to_input):
        back = super().backward(record, gradient, to_input)
        self.db[...] = self.db.sum()
        return back


def _sign(o, t, share):
    value, gradient = cross_entropy.value_and_gradient(o, t, share)
    return value, -gradient


def _sum(o, t, share):
    value, gradient = cross_entropy.value_and_gradient(o, t, share)
    return value, gradient * len(o)


def _jacobian(o, t, share):
    value, gradient = cross_entropy.value_and_gradient(o, t, share)
    p = nnlib.activations.softmax(o)
    return value, nnlib.activations.softmax.backward(p, gradient)


def faults(s: int):
    """Yield (fault, strength, codes that name it, case) for one seed."""
    for name in ("digits", "wine"):
        for factor in (30, 200, 5000):
            c = base(name, s)
            yield "inputs too large", factor, "D102", c | _times(c, factor)
        for factor in (1e-2, 1e-3, 1e-5):
            c = base(name, s)
            yield "inputs too small", factor, "D103", c | _times(c, factor)
    c = base("mnist", s)
    yield "inputs too large", "mnist, 255", "D102", c | _times(c, 255)
    for name, loader in (("wine", datasets.load_wine), ("diabetes", datasets.load_diabetes)):
        c = base(name, s)
        X, y = loader(return_X_y=True, **({"scaled": False} if name == "diabetes" else {}))
        y = standardised(y) if name == "diabetes" else y
        yield "table not scaled", name, "D102", c | {"X": X, "y": y, "validate": False}
    for factor in (10, 100, 1e5):
        c = base("diabetes", s)
        yield "targets too large", factor, "D105", c | {"y": c["y"] * factor, "validate": False}
    for name in ("digits", "blobs", "breast_cancer", "diabetes"):
        c = base(name, s)
        y = np.random.default_rng(s).permutation(c["y"])
        yield "shuffled apart", name, "D107", c | {"y": y, "validate": False}
    c = base("digits", s)
    y, half = c["y"].copy(), len(c["y"]) // 2
    y[:half] = np.random.default_rng(s).permutation(y[:half])
    yield "shuffled apart", "digits, half", "D107", c | {"y": y, "validate": False}
    c = base("iris", s)
    yield "labels from 1", 1, "D104", c | {"y": c["y"] + 1, "validate": False}
    yield "classes as numbers", "mse", "D109", base("iris", s, loss="mse", K=1, validate=False)
    yield "labels above a sigmoid", "wine", "D204", base(
        "wine", s, loss="mse", K=1, last="sigmoid", validate=False)  # fmt: skip
    yield "targets beyond tanh", "diabetes", "D204", base("diabetes", s, last="tanh")
    yield "targets below relu", "sine", "D204", base("sine", s, last="relu")
    for last in ("softmax", "sigmoid", "relu", "tanh"):
        code = "D201" if last == "softmax" else "D202"
        yield f"{last} under cross_entropy", last, code, base("digits", s, last=last)
    c = base("gate", s, loss="mse", K=1, last="relu", hidden=[4], optimizer=("sgd", 0.1))
    yield "relu on the output", "gate", "D212 D204", c
    yield "sigmoid twice", 1, "D201", base("noisy", s, loss="binary_cross_entropy", K=1,
                                           last="sigmoid")  # fmt: skip
    yield "softmax over one output", 1, "D203", base(
        "noisy", s, loss="binary_cross_entropy", K=1, last="softmax")  # fmt: skip
    for name in ("circles", "xor"):
        yield "no nonlinearity", name, "D205", base(name, s, f="identity", hidden=[32, 32])
        yield "network too small", name, "D311", base(name, s, hidden=[])
        yield "network too small", f"{name}, 1 unit", "D311", base(name, s, hidden=[1], f="tanh")
    for name in ("digits", "xor"):
        yield "all weights 0", name, "D207", base(name, s, init="zeros", f="sigmoid")
        for std in (2, 5, 30):
            for f in ("tanh", "relu")[: 2 if name == "digits" else 1]:
                yield "weights too large", f"{std} {f}", "D208", base(
                    name, s, init=nnlib.initializers.normal(std), f=f)  # fmt: skip
        for std in (1e-2, 1e-3, 1e-5):
            start = nnlib.initializers.normal(std)
            yield "weights too small", std, "D209", base(
                name, s, init=start, f="sigmoid", hidden=[32, 32])  # fmt: skip
    for name, rule in (("sign", _sign), ("sum", _sum), ("softmax Jacobian", _jacobian)):
        loss = cross_entropy.variant(name, rule)
        yield f"gradient: {name}", 1, "D210", base("digits", s, loss=loss)
    for kind in (DerivativeTwice, DerivativeLeftOut, OneBias):
        yield f"gradient: {kind.__name__}", 1, "D210", base("digits", s, dense=kind, f="sigmoid")
    for name in ("digits", "circles"):
        for rate in (3.0, 30.0, 1000.0):
            yield "rate too high (SGD)", rate, "D301 D302", base(name, s, optimizer=("sgd", rate))
        for rate in (1e-3, 1e-5, 1e-7):
            yield "rate too low (SGD)", rate, "D303 D310", base(name, s, optimizer=("sgd", rate))
    for name in ("digits", "diabetes"):
        for rate in (0.1, 1.0, 10.0):
            yield "rate too high (Adam)", rate, "D301 D302", base(name, s, optimizer=("adam", rate))
        for rate in (1e-4, 1e-6, 1e-8):
            yield "rate too low (Adam)", rate, "D303 D310", base(name, s, optimizer=("adam", rate))
    for depth in (3, 5, 8):
        yield "vanishing gradient", depth, "D306", base(
            "digits", s, hidden=[20] * depth, f="sigmoid", optimizer=("sgd", 0.1))  # fmt: skip
    for name in ("gate", "xor", "digits"):
        yield "no biases", name, "D213", base(name, s, bias=False)
    for bias in (-1, -3, -30):
        yield "dead units", bias, "D305", base("digits", s, offset=bias, optimizer=("sgd", 0.05))
    for rate in (0.7, 0.85, 0.95):
        yield "too much dropout", rate, "D211", base("digits", s, extra="dropout", rate=rate)
    for strength in (0.1, 1.0, 10.0):
        yield "penalty too strong", strength, "D309", base("digits", s, l2=strength)
    for epochs in (1, 2):
        yield "too few epochs", epochs, "D310", base(
            "digits", s, epochs=epochs, optimizer=("sgd", 0.05), f="tanh")  # fmt: skip
    for norm in (1e-3, 1e-5, 1e-7):
        c = base("digits", s, optimizer=("sgd", 0.2), clip=norm)
        yield "clipped to nearly nothing", norm, "D303", c
    for name in ("digits", "iris", "blobs"):
        c = base(name, s, optimizer=("sgd", 0.1), batch=16, shuffle=False)
        order = np.argsort(c["y"], kind="stable")
        yield "sorted by class, not shuffled", name, "D113", c | {
            "X": c["X"][order], "y": c["y"][order]}  # fmt: skip
    for name in ("wine", "blobs", "circles"):
        c = base(name, s)
        yield "the class among the columns", name, "D112", c | {
            "X": np.c_[c["X"], c["y"] * 0.5 - 1], "validate": False}  # fmt: skip
    for share in (0.15, 0.3, 0.5):
        c = base("digits", s, hidden=[100], epochs=150)
        y, rng = c["y"][:150].copy(), np.random.default_rng(s)
        wrong = rng.random(150) < share
        y[wrong] = rng.integers(0, 10, wrong.sum())
        yield "overfitting", share, "D312", c | {"X": c["X"][:150], "y": y}
    c = base("digits", s)
    for factor in (2, 16):
        held = (c["held"][0] * factor, c["held"][1])
        yield "validation not scaled", factor, "D110", c | {"held": held}
    yield "validation labels + 1", 1, "D111", c | {"held": (c["held"][0], (c["held"][1] + 1) % 10)}
    c = base("circles", s)
    yield "validation turned round", 1, "D111", c | {"held": (c["held"][0], 1 - c["held"][1])}
    c = base("iris", s)
    X = c["X"].copy()
    X[3, 1] = np.nan
    yield "a missing value", 1, "D101", c | {"X": X}


def _times(case, factor) -> dict:
    X, y = case["held"]
    return {"X": case["X"] * factor, "held": (X * factor, y)}


def _times(case, factor) -> dict:
    X, y = case["held"]
    return {"X": case["X"] * factor, "held": (X * factor, y)}
