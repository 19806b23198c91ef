"""Faulty programs in the manner of the published collections, each with its repaired twin.

    python -m benchmarks.programs --write            # into benchmarks/programs.json
    python -m benchmarks.programs --mnist --write    # all of MNIST, if it is at hand

Each case was written after a program that its source describes; data are made or shipped, sizes
are small, and none of the sources' code is used.  A number is that of a question on Stack Overflow,
most of them collected by DeepLocalize (Wardat, Le & Rajan 2021, doi:10.1109/ICSE43902.2021.00034)
and DeepDiagnosis (Wardat et al. 2022, doi:10.1145/3510003.3510071); AUTOTRAINER is Zhang et al.
(2021, in the same proceedings as DeepLocalize), UMLAUT is Schoop et al. (2021,
doi:10.1145/3411764.3445538), DeepFD is Cao et al. (2022, arXiv:2205.01938), Theia a study of 2024
(arXiv:2412.05775).

Programs at even places of the list may be looked at while rules are mended, those at odd places
are only counted (but for "three raw columns", whose accused twin was looked at).

Not here: injected faults at several strengths (``benchmarks.faults``), how a run is examined
(``benchmarks.doctor``).
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets

from benchmarks import doctor
from benchmarks.cases import load, standardised
from nnlib.datasets import fetch_mnist
from nnlib.initializers import normal

RESULT = Path(__file__).with_name("programs.json")
SEEDS = (200, 201, 202)
GATE = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
UNIFORM = normal(0.03)  # as wide as Keras's "uniform", which many of these programs begin with


def _case(X, y, seed, loss="cross_entropy", K=2, held=None, **more) -> dict:
    usual = {"name": "program", "hidden": [32], "f": "relu", "optimizer": ("adam", 0.01),
             "batch": 32, "extra": "", "epochs": 60, "validate": held is not None,
             "dtype": [np.float64, np.float32][seed % 2], "seed": seed}  # fmt: skip
    case = usual | {"X": X, "y": y, "loss": loss, "K": K, "held": held} | more
    return case | {"batch": min(case["batch"], len(X))}


def _of(name, seed, rng, **more) -> dict:
    got = load(name, rng)
    told = {n: got[n] for n in ("loss", "K", "held", "epochs")} | more
    return _case(got["X"], got["y"], seed, **told)


def _table(rng, n=400, d=3, scales=(1.0,)):
    """Columns in units of their own, and a class that depends on them."""
    Z = rng.normal(size=(n, d))
    y = (Z @ np.linspace(1, 2, d) + 0.5 * Z[:, 0] * Z[:, 1] > 0).astype(int)
    return Z * np.resize(scales, d) + 2 * np.resize(scales, d), y


def _life(rng, n=600):
    """The next state of the cell in the middle of nine (Conway's game of life)."""
    X = (rng.random((n, 9)) < 0.4).astype(float)
    around = X.sum(axis=1) - X[:, 4]
    return X, ((around == 3) | ((X[:, 4] == 1) & (around == 2))).astype(int)


def _times(case, factor):
    return case | {"X": case["X"] * factor, "held": (case["held"][0] * factor, case["held"][1])}


def programs(s: int):
    """Yield (name, source, codes that name the fault, faulty case, repaired case)."""
    rng = np.random.default_rng(3000 + s)

    y = np.arange(400) % 2
    X = np.repeat(y[:, None], 128, axis=1).astype(float)
    well = _case(X, y, s, "binary_cross_entropy", 1, hidden=[50, 50], extra="dropout",
                 optimizer=("rmsprop", 0.001), epochs=20)  # fmt: skip
    yield "softmax over one output", "31880720", "D203", well | {"last": "softmax"}, well

    gate = _case(*GATE, s, "mse", 1, hidden=[4], f="sigmoid", last="sigmoid", batch=4,
                 optimizer=("adam", 0.05), epochs=1500)  # fmt: skip
    yield ("XOR, plain steps too short", "31556268", "D303 D310",
           gate | {"optimizer": ("sgd", 0.05), "epochs": 1000}, gate)  # fmt: skip

    X = rng.uniform(0, 10_000, (500, 3))
    y = X @ [2, 1, 0.5] + 2.2
    well = _case(standardised(X), standardised(y), s, "mse", 1, hidden=[8], f="tanh")
    yield ("softmax for a sum of amounts", "33969059", "D203 D204 D102 D105",
           well | {"X": X, "y": y, "last": "softmax", "hidden": [3, 2], "extra": "dropout",
                   "rate": 0.5, "optimizer": ("momentum", 0.1), "epochs": 20}, well)  # fmt: skip

    X, y = datasets.make_multilabel_classification(500, 20, n_classes=3, random_state=s)
    well = _case(standardised(X), y, s, "binary_cross_entropy", 3, hidden=[20], epochs=30)
    yield ("softmax for labels that go together", "38648195", "D202 D201",
           well | {"last": "softmax"}, well)  # fmt: skip

    X = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(float)
    well = _case(X, X, s, "binary_cross_entropy", 8, epochs=80)
    yield ("rows shuffled, targets not", "39217567", "D107",
           well | {"y": rng.permutation(X), "hidden": [8, 8], "f": "sigmoid",
                   "optimizer": ("sgd", 0.1)}, well)  # fmt: skip

    X, y = _table(rng, d=3, scales=(900.0, 40.0, 3000.0))
    well = _case(standardised(X), y, s, "binary_cross_entropy", 1, hidden=[12, 3], init=UNIFORM,
                 optimizer=("adam", 0.001), batch=10, epochs=150)  # fmt: skip
    yield "three raw columns", "39525358", "D102", well | {"X": X}, well

    X, y = _table(rng, d=11, scales=(60_000.0, 6.0, 1.0, 1500.0))
    well = _case(standardised(X), y, s, "binary_cross_entropy", 1, hidden=[12, 12],
                 init=normal(0.05), optimizer=("adam", 0.001), batch=5, epochs=30)  # fmt: skip
    yield "packets, raw columns", "44066044", "D102", well | {"X": X}, well

    X = rng.normal(1500, 400, (400, 1))
    y = (X[:, 0] > 1600).astype(int)
    well = _case(standardised(X), y, s, "binary_cross_entropy", 1, hidden=[1], f="sigmoid",
                 optimizer=("rmsprop", 0.01), batch=50, epochs=200)  # fmt: skip
    yield "one raw column", "45442843", "D102 D208", well | {"X": X}, well

    X = rng.uniform(0, 10, (200, 1))
    y = 3 * X[:, 0] + 1 + rng.normal(0, 0.5, 200)
    well = _case(X, y, s, "mse", 1, hidden=[5], f="sigmoid", optimizer=("adam", 0.05),
                 epochs=400)  # fmt: skip
    yield ("a straight line through a sigmoid", "48221692", "D204",
           well | {"last": "sigmoid", "optimizer": ("sgd", 0.01), "batch": 200}, well)  # fmt: skip

    X = rng.normal(size=(200, 2))
    y = 0.9 * np.tanh(X[:, 0] - X[:, 1])
    well = _case(X, y, s, "mse", 1, hidden=[8], last="tanh", optimizer=("sgd", 0.1), epochs=300)
    yield ("amounts below 0 through a relu", "48251943", "D204 D212",
           well | {"last": "relu"}, well)  # fmt: skip

    images = _of("mnist", s, rng, f="sigmoid", hidden=[30], batch=10)
    well = images | {"optimizer": ("sgd", 0.5), "epochs": 15}
    loud = normal(1.0)
    yield ("MNIST, no activation, large weights, rate 3", "48385830", "D205 D208 D301 D302",
           well | {"f": "identity", "loss": "mse", "init": loud,
                   "y": np.eye(10)[well["y"]], "validate": False,
                   "optimizer": ("sgd", 3.0)}, well)  # fmt: skip

    X = np.arange(0, 5, 0.05)[:, None]
    y = 5 * X[:, 0] ** 2 + rng.normal(size=100) ** 3
    well = _case(standardised(X), standardised(y), s, "mse", 1, hidden=[50, 30], epochs=200)
    yield ("a parabola up to 125", "48934338", "D105 D301 D302",
           well | {"X": X, "y": y, "optimizer": ("sgd", 0.1)}, well)  # fmt: skip

    y = np.arange(200) % 2
    X = np.where(y[:, None], rng.uniform(0.5, 0.7, (200, 2)), rng.uniform(0.2, 0.4, (200, 2)))
    well = _case(X, y, s, hidden=[2], f="sigmoid", epochs=300)
    yield ("five epochs at 0.001", "50306988", "D310 D303",
           well | {"optimizer": ("adam", 0.001), "epochs": 5}, well)  # fmt: skip

    Z, y = _table(rng, 1500, 4)
    Z = standardised(Z)
    rare = np.sort(np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:7]])
    even = np.sort(np.r_[np.flatnonzero(y == 0)[:300], np.flatnonzero(y == 1)[:300]])
    well = _case(Z[even], y[even], s, "binary_cross_entropy", 1, hidden=[10, 20], epochs=30,
                 optimizer=("adam", 0.003))  # fmt: skip
    yield ("one row in a hundred of the second class", "50481178", "D106",
           well | {"X": Z[rare], "y": y[rare]}, well)  # fmt: skip

    well = _of("mnist", s, rng, hidden=[64, 32], optimizer=("momentum", 0.05))
    yield ("batches of all rows, five epochs", "44164749", "D310 D303",
           well | {"batch": len(well["X"]), "epochs": 5, "optimizer": ("momentum", 0.01)}, well)

    well = _of("diabetes", s, rng, hidden=[8], epochs=25)
    prices = {"y": 1e6 + 4e5 * well["y"], "validate": False}
    yield ("house prices in dollars", "DeepLocalize, melbourne", "D105",
           well | prices | {"optimizer": ("adam", 0.001)}, well)  # fmt: skip

    X, y = _life(rng)
    well = _case(X, y, s, "binary_cross_entropy", 1, epochs=150)
    yield ("game of life, one epoch", "DeepLocalize, gol_nn", "D310 D303",
           well | {"optimizer": ("adam", 0.001), "epochs": 1}, well)  # fmt: skip

    well = _of("circles", s, rng, hidden=[16, 16])
    yield ("twelve layers of five sigmoids", "AUTOTRAINER, circle", "D306",
           well | {"hidden": [5] * 12, "f": "sigmoid"}, well)  # fmt: skip
    yield ("sixteen layers of five relus, small weights", "AUTOTRAINER, circle", "D209 D305 D306",
           well | {"hidden": [5] * 16, "init": normal(0.1)}, well)  # fmt: skip

    well = _of("blobs", s, rng, hidden=[5, 5, 5], f="tanh")
    yield ("eight layers of large weights", "AUTOTRAINER, blob", "D208 D307 D301",
           well | {"hidden": [5] * 8, "f": "relu", "init": normal(3.0)}, well)  # fmt: skip
    yield ("a loss that jumps", "AUTOTRAINER, blob", "D302 D301",
           well | {"optimizer": ("sgd", 30.0)}, well)  # fmt: skip

    well = _of("digits", s, rng, optimizer=("sgd", 0.2))
    yield ("slow convergence", "AUTOTRAINER, MNIST", "D303 D310",
           well | {"optimizer": ("sgd", 1e-4)}, well)  # fmt: skip
    yield ("Adam with a rate of 0.5", "UMLAUT", "D302", well | {"optimizer": ("adam", 0.5)}, well)

    well = _of("mnist", s, rng, hidden=[64])
    yield "pixels from 0 to 255", "UMLAUT", "D102", _times(well, 255.0), well
    yield "softmax before the loss's own", "UMLAUT", "D201", well | {"last": "softmax"}, well

    well = _of("circles", s, rng, hidden=[32, 32])
    yield "no activations", "UMLAUT", "D205", well | {"f": "identity"}, well
    well = _of("digits", s, rng, extra="dropout", rate=0.2, optimizer=("adam", 0.005))
    yield "dropout of 0.9", "UMLAUT", "D211", well | {"rate": 0.9}, well

    well = _of("breast_cancer", s, rng, hidden=[64], epochs=30, l2=1e-3)
    few = np.random.default_rng(s).permutation(len(well["X"]))[:60]
    noisy = well["y"][few].copy()
    noisy[:15] = 1 - noisy[:15]
    yield ("sixty rows, some wrong, many epochs", "UMLAUT", "D312",
           well | {"X": well["X"][few], "y": noisy, "epochs": 400, "l2": 0.0}, well)  # fmt: skip

    X, y = _table(rng)
    X = standardised(X)
    well = _case(X, y, s, "mse", 1, last="sigmoid", optimizer=("adam", 0.01))
    yield ("labels -1 and 1 against a sigmoid", "Theia", "D204", well | {"y": 2 * y - 1}, well)

    X = rng.uniform(-1, 1, (300, 1))
    y = 5 + 5 * np.sin(3 * X[:, 0])
    well = _case(X, y, s, "mse", 1, f="tanh", epochs=200)
    yield "targets to 10 through tanh", "77588498", "D204", well | {"last": "tanh"}, well

    well = _case(*GATE, s, hidden=[8], f="tanh", batch=4, epochs=400)
    yield ("XOR with one hidden unit", "320672 of Cross Validated", "D311",
           well | {"hidden": [1]}, well)  # fmt: skip

    well = _of("wine", s, rng, l2=1e-4)
    yield "weight decay of 1", "DeepFD", "D309", well | {"l2": 1.0}, well
    well = _of("digits", s, rng, optimizer=("sgd", 0.2), clip=1.0, epochs=40)
    yield "clipped to nearly nothing", "DeepFD", "D303", well | {"clip": 1e-5}, well
    well = _of("iris", s, rng, optimizer=("sgd", 0.1))
    order = np.argsort(well["y"], kind="stable")
    sorted_rows = {"X": well["X"][order], "y": well["y"][order], "shuffle": False, "batch": 16}
    yield ("sorted by class, not shuffled", "DeepFD", "D113",
           well | sorted_rows, well)  # fmt: skip
    well = _of("wine", s, rng, epochs=40)
    yield ("the target among the columns", "UMLAUT, leak", "D112",
           well | {"X": np.c_[well["X"], well["y"]], "validate": False}, well)  # fmt: skip
    well = _of("digits", s, rng)
    nothing = {"X": np.floor(well["X"] / 1.01), "validate": False}
    yield "integers divided, all 0", "Theia", "D103 D107", well | nothing, well


def on_all_of_mnist(s: int):
    """Yield the same for all 60,000 training images, one or two epochs (see `fetch_mnist`)."""
    images, labels, held_images, held_labels = fetch_mnist()
    X, held = (images / 255).astype(np.float32), (held_images / 255).astype(np.float32)
    well = _case(X, labels, s, K=10, held=(held, held_labels), hidden=[100], batch=64, epochs=2,
                 optimizer=("sgd", 0.1), dtype=np.float32)  # fmt: skip
    source, adam = "all of MNIST", {"optimizer": ("adam", 0.001), "epochs": 1}
    yield "pixels from 0 to 255", source, "D102", _times(well, np.float32(255)), well | adam
    yield ("softmax before the loss's own", source, "D201", well | {"last": "softmax"},
           well | {"f": "tanh", "hidden": [64, 32], "optimizer": ("momentum", 0.05)})  # fmt: skip
    yield ("labels shuffled", source, "D107",
           well | {"y": np.random.default_rng(s).permutation(labels), "validate": False},
           well | {"f": "sigmoid", "optimizer": ("adam", 0.003)})  # fmt: skip
    yield ("a rate of 0.00001", source, "D303 D310", well | {"optimizer": ("sgd", 1e-5)},
           well | {"extra": "dropout", "rate": 0.3, "epochs": 1})  # fmt: skip
    yield ("Adam with a rate of 0.5", source, "D302", well | {"optimizer": ("adam", 0.5)},
           well | {"extra": "norm", "batch": 128})  # fmt: skip
    yield ("all weights 0", source, "D207", well | {"init": "zeros"},
           well | {"f": "elu", "batch": 256, "optimizer": ("rmsprop", 0.001)})  # fmt: skip


def run(seeds, cases=programs) -> list[dict]:
    """Examine every program and its twin."""
    rows = []
    warnings.simplefilter("ignore")
    for seed in seeds:
        for place, (name, source, codes, ill, well) in enumerate(cases(seed)):
            for kind, case in (("faulty", ill), ("repaired", well)):
                found = doctor.examine(case, spoilt=kind == "faulty")
                rows.append({"program": name, "source": source, "codes": codes, "seed": seed,
                             "place": place, "kind": kind, "fault": name if kind == "faulty"
                             else "", **found})  # fmt: skip
        print(f"seed {seed}: {len(rows)} runs", file=sys.stderr, flush=True)
    return rows


def report(rows: list[dict]) -> dict:
    """Counts of each program, and of the half that may be looked at and the half that may not."""
    each = {}
    for row in rows:
        about = {"source": row["source"], "codes": row["codes"], "place": row["place"], "runs": 0,
                 "seen": 0, "named": 0, "learnt": 0, "twins accused": 0,
                 "twins learnt": 0}  # fmt: skip
        counts = each.setdefault(row["program"], about)
        well = (doctor.learnt(row) or 0) > 0.9
        if row["kind"] == "faulty":
            counts["runs"] += 1
            counts["seen"] += doctor.alarms(row)
            counts["named"] += doctor.named(row)
            counts["learnt"] += well
        else:
            counts["twins accused"] += doctor.alarms(row)
            counts["twins learnt"] += well
    names = ("runs", "seen", "named", "learnt", "twins accused", "twins learnt")
    halves = {}
    for half, odd in (("looked at", 0), ("only counted", 1)):
        some = [c for c in each.values() if c["place"] % 2 == odd]
        halves[half] = {"programs": len(some)} | {n: sum(c[n] for c in some) for n in names}
    return {"seeds": sorted({row["seed"] for row in rows}), **halves, "each": each}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    arguments.add_argument("--rows", help="also write every run, with its measurements, to a file")
    arguments.add_argument("--write", action="store_true", help="write programs.json")
    arguments.add_argument("--mnist", action="store_true", help="all of MNIST instead")
    told = arguments.parse_args()
    rows = run(told.seeds, on_all_of_mnist if told.mnist else programs)
    if told.rows:
        Path(told.rows).write_text(json.dumps(rows, default=float))
    found = report(rows)
    if told.write:
        kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        kept["all of MNIST" if told.mnist else "programs"] = found
        RESULT.write_text(json.dumps(kept, indent=1, default=float) + "\n")
    for half in ("looked at", "only counted"):
        print(half, found[half])
