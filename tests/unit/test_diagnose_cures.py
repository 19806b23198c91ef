"""Each illness the doctor knows is met once, and the cure it hands out is run."""

import warnings

import numpy as np
import pytest

import nnlib
from nnlib import SGD, Adam, Dense, History, Network, diagnose, fit
from nnlib.examine_layers import examine_layers
from nnlib.findings import ILLNESSES
from nnlib.patient import Patient
from tests.unit.test_diagnose import BEFORE, X, Y, net

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
RNG = np.random.default_rng(0)
SQUARE = RNG.uniform(-1, 1, (200, 2))
XOR = (SQUARE[:, 0] * SQUARE[:, 1] > 0).astype(int)
ORDER = np.argsort(Y, kind="stable")
FEW = RNG.normal(size=(40, 20))
CLEAN = (FEW[:, 0] > 0).astype(int)
HELD = RNG.normal(size=(200, 20))


def run(network, X, y, told, history=None, **more):
    """Train, and hand the run to the doctor; returns the diagnosis and what was told."""
    if history is None:
        history = fit(network, X, y, progress=False, **told, **more)
    return diagnose(network, X, y, history, trained=True, **told)


def biased(network, place, b):
    network.layers[place].b[...] = b
    return network


def noisy():
    y = CLEAN.copy()
    y[:12] = 1 - y[:12]
    return y


def surer():
    """A validation loss that has risen while the accuracy held."""
    return History({"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.1], "cost": [0.6, 0.4, 0.3, 0.2, 0.1, 0.1],
                    "validation_loss": [1.0, 0.5, 0.6, 0.9, 1.3, 2.0],
                    "validation_accuracy": [0.6, 0.8, 0.8, 0.8, 0.8, 0.8]})  # fmt: skip


def constant(T):
    return History({"loss": list(T), "cost": list(T)})


LEARNT = net(Dense(16, "tanh"), Dense(3))
fit(LEARNT, X[:180], Y[:180], optimizer=SGD(0.1), epochs=40, progress=False)

# code -> (network, X, y, told, what more `fit` needs, or a history in place of a run)
AFTER = {
    "D111": (net(), X[:160], Y[:160], {"validation": (X[160:], (Y[160:] + 1) % 3)},
             {"epochs": 30}),
    "D112": (net(inputs=6), np.c_[X, Y], Y, {}, {"epochs": 2}),
    "D113": (net(), X[ORDER], Y[ORDER], {"shuffle": False, "batch_size": 10}, {"epochs": 1}),
    "D212": (biased(net(Dense(4, "tanh"), Dense(1, "relu")), 1, -5.0), X, Y * 1.0 + 1,
             {"loss": "mse"}, constant([2.0, 2.0, 2.0])),
    "D301": (net(Dense(8, "relu"), Dense(1)), X, X[:, 0], {"loss": "mse", "optimizer": SGD(1e4)},
             {"epochs": 5}),
    "D302": (biased(net(), 1, [30, 0, 0]), X, Y, {}, constant([1.0, 3.0, 1.0, 5.0, 20.0] * 2)),
    "D303": (net(), X, Y, {"optimizer": SGD(1e-6)}, {"epochs": 10}),
    "D304": (biased(net(Dense(8, "sigmoid"), Dense(3)), 0, 30.0), X, Y, {},
             constant([2.0, 2.0, 2.0])),
    "D305": (biased(net(Dense(8, "relu"), Dense(3)), 0, -50.0), X, Y,
             {"optimizer": SGD(0.1)}, {"epochs": 10}),
    "D306": (net(*[Dense(10, "sigmoid") for _ in range(7)], Dense(3)), X, Y,
             {"optimizer": SGD(0.1)}, {"epochs": 10}),
    "D309": (net(), X, Y, {"regularizer": nnlib.L2(5.0)}, {"epochs": 60}),
    "D310": (net(), X, Y, {"optimizer": SGD(0.02)}, {"epochs": 3}),
    "D311": (net(Dense(2), inputs=2), SQUARE, XOR, {"optimizer": Adam(0.03)}, {"epochs": 80}),
    "D312": (net(Dense(64, "relu"), Dense(2), inputs=20), FEW, noisy(),
             {"validation": (HELD, (HELD[:, 0] > 0).astype(int)), "optimizer": Adam(0.01)},
             {"epochs": 150}),
    "D313": (LEARNT, X[:180], Y[:180], {"validation": (X[180:], Y[180:])}, surer()),
}  # fmt: skip


def examine(code):
    network, rows, targets, told, more = AFTER[code]
    history = more if isinstance(more, History) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = run(network, rows, targets, told, history, **({} if history else more))
    return network, rows, targets, told, found


def cure(finding, network, rows, targets, told):
    names = {
        "nnlib": nnlib, "np": np, "network": network, "X": rows, "y": targets,
        "loss": told.get("loss", "cross_entropy"), "optimizer": told.get("optimizer", SGD(0.1)),
        "validation": told.get("validation", (rows, targets)),
    }  # fmt: skip
    with np.errstate(all="ignore"):
        exec(finding.cure, names)
    return names


@pytest.mark.parametrize("code", AFTER)
def test_each_illness_of_a_run_is_met_and_its_cure_runs(code, capsys):
    network, rows, targets, told, found = examine(code)
    assert code in found, found
    for finding in found:
        cure(finding, network, rows, targets, told)
        assert finding.evidence and finding.cause and finding.page
    assert code in str(found) and code in found._repr_html_()


LAYERS = {  # seldom the whole story: what is seen in the layers, before causes are sought
    "D307": [(5, 1000.0)],
    "D308": [(5, 1e-6)],
}


@pytest.mark.parametrize("code", LAYERS)
def test_what_is_seen_in_the_layers_has_a_cure_that_runs(code):
    network = net(*[Dense(12, "tanh" if code == "D308" else "relu") for _ in range(5)], Dense(3))
    for place, factor in LAYERS[code]:
        network.layers[place].W[...] *= factor
    network.layers[5].b[0] = 3 * (code == "D308")
    loss = nnlib.cross_entropy
    found = list(examine_layers(Patient(network, loss, X, loss.encode(Y, 3).astype(float))))
    assert code in [f.code for f in found]
    for finding in found:
        cure(finding, network, X, Y, {})


def test_no_illness_is_left_out():
    met = {case[-1] for case in BEFORE.values()} | set(AFTER) | set(LAYERS)
    assert set(ILLNESSES) - met == {"D314"}  # the next test


def test_nothing_was_learnt_and_nobody_knows_why(capsys):
    """Neighbours tell the fields of a chessboard; three units cannot, however they are taught."""
    rows = np.random.default_rng(0).uniform(0, 4, (400, 2)) - 2
    fields = (np.floor(rows).sum(axis=1) % 2).astype(int)
    network = Network(2, [Dense(3, "tanh"), Dense(2)], seed=0)
    told = {"optimizer": Adam(0.01)}
    found = run(network, rows, fields, told, epochs=30)
    assert found.codes == ("D314",), found
    cure(found[0], network, rows, fields, told)
