"""A pretended other processor: last bits differ, and nothing else does.

`nnlib.wiggle` changes what the functions of `nnlib` do, so each test asks an interpreter of its
own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlib

PROGRAM = """
import json, sys
import numpy as np
import nnlib
from nnlib import Dense, Network, checks, datasets, fit, sweep

def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.itemsize}").ravel().astype(object).tolist()

X, y = datasets.load_digits()
noisy, labels = datasets.noisy_xor(rows=50)
start = Network(2, [Dense(3, "tanh"), Dense(2)], seed=1, dtype=np.float32)
cast = checks.check_inputs(noisy, 2, dtype=np.float32)
again = checks.check_inputs(cast, 2, dtype=np.float32)
net = start.copy()
output = net.forward(cast)
net.backward((output - 0.5) / 50)
terms = np.tile(np.float32([1e7, 1.25, -1e7, -1.25]), 16)  # their sum is 0, but for rounding
wide = Network(64, [Dense(2, "identity", lambda rng, a, b: np.ones((a, b)))], dtype=np.float32)
forwards = wide.forward(terms[None])
tall = Network(1, [Dense(2)], dtype=np.float32)
tall.forward(np.ones((64, 1)))
tall.backward(np.stack([terms, terms], axis=1))
equal = Network(2, [Dense(4, "sigmoid", "zeros"), Dense(2, "identity", "zeros")], seed=0)
fit(equal, noisy, labels, epochs=3, progress=False)
grid = sweep(start, noisy, labels, {"learning_rate": [0.1, 0.5]}, epochs=3, batch_size=10).run()
alone = Network(2, [Dense(3, "tanh"), Dense(2)], seed=0, dtype=np.float32)
fit(alone, noisy, labels, epochs=3, batch_size=10, optimizer=nnlib.SGD(0.5), progress=False)
from sklearn.neural_network import MLPClassifier
datasets.load_gate()
theirs = MLPClassifier((3,), max_iter=1, random_state=0).partial_fit(
    cast, labels, classes=[0, 1])
print(json.dumps({
    "theirs": bits(theirs.coefs_[0]),
    "digits": bits(X[:20]), "labels": y.tolist(), "noisy": bits(noisy), "cast": bits(cast),
    "start": bits(start.theta), "grad": bits(net.grad),
    "forwards": forwards.tolist(), "backwards": tall.grad.tolist(),
    "once": bool((cast == again).all()),
    "gate": datasets.load_gate("xor")[0].tolist(),
    "alike": len(np.unique(equal.layers[0].W, axis=1).T),
    "alone": float(np.abs(grid.network(1).theta - alone.theta).max()),
    "imported": "nnlib.wiggle" in sys.modules,
}))
"""


def ask(seed: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120,
        cwd=Path(nnlib.__file__).parents[1], env={**os.environ, "NNLIB_WIGGLE": seed},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def runs():
    return {seed: ask(seed) for seed in ("", "1", "2")}


@pytest.mark.parametrize("name", ["digits", "noisy", "cast", "start"])
def test_numbers_move_by_a_unit_or_two_in_the_last_place(runs, name):
    plain, moved, otherwise = (np.array(runs[seed][name], object) for seed in ("", "1", "2"))
    units = np.abs(moved - plain)
    assert units.max() <= (4 if name == "cast" else 2)  # x * (1 + eps), rounded, is 1 or 2 further
    assert (moved > plain).any() and (moved < plain).any()
    assert (moved != otherwise).any()


def test_gradients_are_those_of_another_processor(runs):
    plain, moved = (np.array(runs[seed]["grad"], np.uint32).view(np.float32) for seed in ("", "1"))
    assert (plain != moved).mean() > 0.5
    np.testing.assert_allclose(moved, plain, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("way", ["forwards", "backwards"])
def test_products_are_summed_in_another_order(runs, way):
    """Where 64 terms of 1e7 cancel, float32 is wrong by more than any unit of the result."""
    sums = [np.ravel(runs[seed][way]) for seed in ("", "1", "2")]
    assert np.abs(sums).max() < 64  # units of the terms
    assert np.abs(sums[1] - sums[0]).max() > 0.1 and np.abs(sums[2] - sums[1]).max() > 0.1


def test_the_weights_of_scikit_learn_are_those_of_another_processor(runs):
    plain, moved = (np.array(runs[seed]["theirs"], np.uint32).view(np.float32)
                    for seed in ("", "1"))  # fmt: skip
    assert (plain != moved).any()
    np.testing.assert_allclose(moved, plain, rtol=1e-4)


def test_whole_numbers_and_labels_stay(runs):
    plain, moved = (np.array(runs[seed]["digits"], np.uint64).view(float) for seed in ("", "1"))
    exact = plain == np.rint(plain)
    assert exact.any() and (plain[exact] == moved[exact]).all()
    assert (plain[~exact] != moved[~exact]).all()
    assert runs[""]["labels"] == runs["1"]["labels"]
    assert runs["1"]["gate"] == [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("seed", ["", "1", "2"])
def test_what_is_equal_stays_equal(runs, seed):
    assert runs[seed]["alike"] == 1  # hidden units that start alike
    assert runs[seed]["once"]  # rows that have the type already
    assert runs[seed]["alone"] < 1e-6  # a model of a sweep, and the same alone


def test_nothing_is_loaded_where_it_is_not_asked_for(runs):
    assert [runs[seed]["imported"] for seed in ("", "1", "2")] == [False, True, True]
