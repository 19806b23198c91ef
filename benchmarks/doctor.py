"""The doctor examined: sensitivity on injected faults, false alarms on healthy runs.

    python -m benchmarks.doctor            # a few minutes; writes benchmarks/doctor.json

Even seeds choose the thresholds (`nnlib.findings.LIMITS`), odd seeds are reported.  Each case is
diagnosed before its run, a third of the way, at its end, and once more with the history alone.
A fault counts as *named* if the gravest finding is the cause that was injected; as *seen* if there
was any finding.

Not here: the thresholds themselves (``nnlib.findings``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets

import nnlib
from nnlib import SGD, Adam, BatchNorm, Dense, Dropout, Network, RMSprop, cross_entropy

FAULT_SEEDS = 10  # of the seeds, so many also have faults injected
RESULT = Path(__file__).with_name("doctor.json")


# -- the data ----------------------------------------------------------------------------------


def load(name: str, rng) -> dict:
    """Rows and targets scaled as they should be, with outputs, loss and epochs that suit them."""
    loss, K, epochs = "cross_entropy", 2, 40
    if name == "digits":
        X, y = datasets.load_digits(return_X_y=True)
        X, K = X / 16, 10
    elif name in ("iris", "wine", "breast_cancer"):
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        X, K, epochs = standardised(X), len(np.unique(y)), 60
    elif name == "diabetes":
        X, y = datasets.load_diabetes(return_X_y=True, scaled=False)
        X, y, loss, K, epochs = standardised(X), (y - y.mean()) / y.std(), "mse", 1, 60
    elif name == "sine":
        X = rng.uniform(-1, 1, (300, 1))
        y, loss, K, epochs = np.sin(3 * X[:, 0]) + rng.normal(0, 0.1, 300), "mse", 1, 300
    elif name == "gate":
        X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
        epochs = 600
    elif name == "xor":
        X = rng.uniform(-1, 1, (400, 2))
        y, epochs = (X[:, 0] * X[:, 1] > 0).astype(int), 120
    elif name == "circles":
        X, y = datasets.make_circles(
            400, noise=0.08, factor=0.5, random_state=int(rng.integers(99))
        )
        epochs = 100
    elif name == "blobs":
        X, y = datasets.make_blobs(400, centers=4, random_state=int(rng.integers(99)))
        X, K = standardised(X), 4
    elif name == "noisy":  # two classes that overlap: about 75 % is all there is
        X = rng.normal(size=(500, 8))
        y = (X @ rng.normal(size=8) / 2.8 + rng.normal(0, 1, 500) > 0).astype(int)
        epochs = 15
    elif name == "rare":  # one row in twelve, but learnable
        X = rng.normal(size=(600, 4))
        y = (X[:, 0] + X[:, 1] > 1.95).astype(int)
        epochs = 60
    order = rng.permutation(len(X))[:600]
    cut = len(order) if len(order) < 20 else int(0.75 * len(order))
    X, y = X[order], y[order]
    held = None if cut == len(order) else (X[cut:], y[cut:])
    return {"name": name, "X": X[:cut], "y": y[:cut], "held": held, "loss": loss, "K": K,
            "epochs": epochs}  # fmt: skip


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def healthy(seed: int):
    """Twenty-two set-ups that are as they should be."""
    rng = np.random.default_rng(1000 + seed)
    names = ["digits", "iris", "wine", "breast_cancer", "diabetes", "sine", "gate", "xor",
             "circles", "blobs", "noisy", "rare"]  # fmt: skip
    rates = {"sgd": 0.3, "momentum": 0.1, "adam": 0.01, "rmsprop": 0.003}
    for turn in range(22):
        case = load(names[turn % len(names)], rng)
        case["hidden"] = [[16], [32], [50], [20, 10], [64, 32]][int(rng.integers(5))]
        case["f"] = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"][int(rng.integers(5))]
        kind = list(rates)[int(rng.integers(4))]
        if case["loss"] == "mse" and kind in ("sgd", "momentum"):
            kind = "adam"  # at these rates plain steps diverge on some starts
        if case["name"] == "diabetes":  # so few rows that more would be learnt by heart
            case["hidden"], case["epochs"] = [8], 25
        if case["f"] == "sigmoid" or case["name"] in ("gate", "xor", "circles", "sine"):
            kind = "adam"
        case["batch"] = min([10, 32, 100][int(rng.integers(3))], len(case["X"]))
        case["optimizer"] = (kind, rates[kind] * 10 ** rng.uniform(-0.3, 0.3))
        case["dtype"] = [np.float64, np.float32][turn % 2]
        case["extra"] = ["", "", "dropout", "norm", "noise", "long"][int(rng.integers(6))]
        if case["name"] in ("gate", "sine") and case["extra"] in ("dropout", "norm"):
            case["extra"] = ""
        if case["extra"] == "noise" and case["loss"] != "mse" and len(case["X"]) > 50:
            wrong = rng.random(len(case["y"])) < 0.1
            case["y"] = np.where(wrong, rng.integers(0, case["K"], len(wrong)), case["y"])
            case["epochs"] = min(case["epochs"], 15 if case["name"] in ("digits", "noisy") else 60)
        if case["extra"] == "long" and case["name"] in ("digits", "xor", "circles", "blobs"):
            case["epochs"] *= 3
        if case["f"] == "sigmoid" and case["name"] in ("xor", "circles", "sine", "gate"):
            case["epochs"], case["batch"] = 300, min(case["batch"], 32)  # slower there
        case["seed"], case["validate"] = seed, turn % 3 > 0
        yield case


def base(name: str, seed: int, **changes) -> dict:
    """One plain healthy set-up, to be spoilt."""
    rng = np.random.default_rng(2000 + seed)
    case = load(name, rng) | {
        "hidden": [32], "f": "relu", "optimizer": ("adam", 0.01), "batch": 32, "extra": "",
        "dtype": [np.float64, np.float32][seed % 2], "seed": seed, "validate": True,
    }  # fmt: skip
    case["batch"] = min(32, len(case["X"]))
    return case | changes


def build(case: dict) -> Network:
    """The network of a case."""
    layers = []
    for width in case["hidden"]:
        dense = case.get("dense", Dense)
        start = case.get("init")
        if case["extra"] == "norm":
            layers += [Dense(width), BatchNorm(case["f"])]
        else:
            layers.append(dense(width, case["f"], start))
        if case["extra"] == "dropout":
            layers.append(Dropout(case.get("rate", 0.2)))
    layers.append(Dense(case["K"], case.get("last", "identity"), case.get("init")))
    return Network(case["X"].shape[1], layers, seed=case["seed"], dtype=case["dtype"])


def make_optimizer(kind: str, rate: float):
    if kind == "momentum":
        return SGD(rate, momentum=0.9)
    return {"sgd": SGD, "adam": Adam, "rmsprop": RMSprop}[kind](rate)


# -- the faults: name -> (codes that name the cause, the cases) -----------------------------------


class DerivativeTwice(Dense):
    """The derivative of the activation is applied twice."""

    def backward(self, record, gradient, to_input):
        gradient = self.activation.backward(record.output, gradient)
        return super().backward(record, gradient, to_input)


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
        for factor in (200, 5000):
            c = base(name, s)
            yield "inputs too large", factor, "D102", c | _times(c, factor)
        for factor in (1e-3, 1e-5):
            c = base(name, s)
            yield "inputs too small", factor, "D103", c | _times(c, factor)
    for name, loader in (("wine", datasets.load_wine), ("diabetes", datasets.load_diabetes)):
        c = base(name, s)
        X, y = loader(return_X_y=True, **({"scaled": False} if name == "diabetes" else {}))
        y = standardised(y) if name == "diabetes" else y
        yield "table not scaled", name, "D102", c | {"X": X, "y": y, "validate": False}
    for factor in (100, 1e5):
        c = base("diabetes", s)
        yield "targets too large", factor, "D105", c | {"y": c["y"] * factor, "validate": False}
    for name in ("digits", "blobs", "breast_cancer", "diabetes"):
        c = base(name, s)
        y = np.random.default_rng(s).permutation(c["y"])
        yield "shuffled apart", name, "D107", c | {"y": y, "validate": False}
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
        for std in (5, 30):
            for f in ("tanh", "relu"):
                yield "weights too large", f"{std} {f}", "D208", base(
                    name, s, init=nnlib.initializers.normal(std), f=f)  # fmt: skip
        for std in (1e-3, 1e-5):
            start = nnlib.initializers.normal(std)
            yield "weights too small", std, "D209", base(
                name, s, init=start, f="sigmoid", hidden=[32, 32])  # fmt: skip
    for name, rule in (("sign", _sign), ("sum", _sum), ("softmax Jacobian", _jacobian)):
        loss = cross_entropy.variant(name, rule)
        yield f"gradient: {name}", 1, "D210", base("digits", s, loss=loss)
    for kind in (DerivativeTwice, OneBias):
        yield f"gradient: {kind.__name__}", 1, "D210", base("digits", s, dense=kind, f="sigmoid")
    for name in ("digits", "circles", "diabetes"):
        for rate in (30.0, 1000.0):
            yield "rate too high (SGD)", rate, "D301 D302", base(name, s, optimizer=("sgd", rate))
        for rate in (1.0, 10.0):
            yield "rate too high (Adam)", rate, "D301 D302", base(name, s, optimizer=("adam", rate))
        for rate in (1e-5, 1e-7):
            yield "rate too low (SGD)", rate, "D303 D310", base(name, s, optimizer=("sgd", rate))
            yield "rate too low (Adam)", rate / 10, "D303 D310", base(
                name, s, optimizer=("adam", rate / 10))  # fmt: skip
    for depth in (5, 8):
        yield "vanishing gradient", depth, "D306", base(
            "digits", s, hidden=[20] * depth, f="sigmoid", optimizer=("sgd", 0.1))  # fmt: skip
    for bias in (-3, -30):
        yield "dead units", bias, "D305", base("digits", s, bias=bias, optimizer=("sgd", 0.05))
    for rate in (0.85, 0.95):
        yield "too much dropout", rate, "D211", base("digits", s, extra="dropout", rate=rate)
    for strength in (1.0, 10.0):
        yield "penalty too strong", strength, "D309", base("digits", s, l2=strength)
    for epochs in (1, 2):
        yield "too few epochs", epochs, "D310", base(
            "digits", s, epochs=epochs, optimizer=("sgd", 0.05), f="tanh")  # fmt: skip
    for share in (0.3, 0.5):
        c = base("digits", s, hidden=[100], epochs=150)
        y, rng = c["y"][:150].copy(), np.random.default_rng(s)
        wrong = rng.random(150) < share
        y[wrong] = rng.integers(0, 10, wrong.sum())
        yield "overfitting", share, "D312", c | {"X": c["X"][:150], "y": y}
    c = base("digits", s)
    yield "validation not scaled", 16, "D110", c | {"held": (c["held"][0] * 16, c["held"][1])}
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


# -- one case ------------------------------------------------------------------------------------


def examine(case: dict) -> dict:
    """Diagnose before and after; the codes of both, the measurements, the time."""
    network = build(case)
    if "bias" in case:
        network.layers[0].b[...] = case["bias"]
    optimizer = make_optimizer(*case["optimizer"])
    told = {"loss": case["loss"], "optimizer": optimizer, "batch_size": case["batch"],
            "validation": case["held"] if case["validate"] else None,
            "regularizer": nnlib.L2(case["l2"]) if "l2" in case else None}  # fmt: skip
    clock = time.process_time()
    before = nnlib.diagnose(network, case["X"], case["y"], trained=False, **told)
    cost = time.process_time() - clock
    found, score = {"before": before}, None
    try:
        steps = nnlib.train(
            network, case["X"], case["y"], epochs=case["epochs"],
            allow=[f"{f} output" for f in ("softmax", "sigmoid", "tanh", "relu")], **told,
        )  # fmt: skip
        for step in steps:
            if step.epoch_end and step.epoch == case["epochs"] // 3:
                found["during"] = nnlib.diagnose(steps)
        found["after"] = nnlib.diagnose(steps)
        history = steps.history.copy()
        history.stopped_because = steps.stopped_because
        found["blind"] = nnlib.diagnose(  # nothing told but the history
            network, case["X"], case["y"], history, trained=True)  # fmt: skip
        score = network.score(case["X"], case["y"])
    except ValueError:
        pass  # training refuses: the error message is its own diagnosis
    return {"score": score, "seconds": cost,
            **{when: [f.code for f in d] for when, d in found.items()},
            "measured": {when: d.measured for when, d in found.items()}}  # fmt: skip


def run(seeds, what: str = "both", file: str | None = None) -> list[dict]:
    """Examine every case; ``file`` holds what is done so far."""
    rows = []
    warnings.simplefilter("ignore")
    for seed in seeds:
        cases = []
        if what != "faults":
            for case in healthy(seed):
                about = [str(case[n]) for n in ("name", "hidden", "f", "optimizer", "extra")]
                cases.append(("", " ".join(about), "", case))
        if what != "healthy" and seed < FAULT_SEEDS:
            cases += faults(seed)
        for fault, strength, codes, case in cases:
            about = {"fault": fault, "strength": str(strength), "codes": codes, "seed": seed}
            rows.append(about | examine(case))
        print(f"seed {seed}: {len(rows)} runs", file=sys.stderr, flush=True)
        if file:
            Path(file).write_text(json.dumps(rows, default=float))
    return rows


MOMENTS = ("before", "during", "after", "blind")


def table(rows: list[dict], odd: bool = True) -> dict:
    """Counts on the seeds that chose no threshold (``odd``), or on those that did.

    *named*: at the first moment with a finding (before, else after), the gravest is the right one.
    """
    rows = [row for row in rows if row["seed"] % 2 == odd]
    well = [row for row in rows if not row["fault"]]
    alarms = [row for row in well if any(row.get(when) for when in MOMENTS)]
    result = {
        "healthy runs": len(well),
        "runs with a false alarm": len(alarms),
        "false alarms by moment": {w: sum(bool(r.get(w)) for r in well) for w in MOMENTS},
        "which": [[r["strength"], {w: r[w] for w in MOMENTS if r.get(w)}] for r in alarms],
        "milliseconds before training, mean": round(1000 * np.mean([r["seconds"] for r in rows])),
        "faults": {},
    }
    for row in rows:
        if row["fault"]:
            empty = dict.fromkeys(["runs", "seen", "named", "before", "after", "blind"], 0)
            counts = result["faults"].setdefault(row["fault"], empty)
            right = row["codes"].split()
            head = {when: (row.get(when) or [""])[0] for when in MOMENTS}
            counts["runs"] += 1
            counts["seen"] += any(head.values())
            counts["named"] += (head["before"] or head["after"]) in right
            for when in ("before", "after", "blind"):
                counts[when] += head[when] in right
    total = [sum(c[name] for c in result["faults"].values()) for name in ("runs", "seen", "named")]
    result["all faults: runs, seen, named"] = total
    return result


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--what", choices=["both", "healthy", "faults"], default="both")
    arguments.add_argument("--rows", help="also write every run, with its measurements, to a file")
    arguments.add_argument("--read", nargs="*", help="make the table from such files, run nothing")
    told = arguments.parse_args()
    if told.read:
        rows = [row for file in told.read for row in json.loads(Path(file).read_text())]
    else:
        rows = run(range(told.seeds), told.what, told.rows)
    halves = {"even seeds": table(rows, odd=False), "odd seeds": table(rows)}
    result = json.dumps(halves, indent=1, default=float) + "\n"
    if told.what == "both":
        RESULT.write_text(result)
    print(result)
