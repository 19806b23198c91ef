"""The doctor: each known fault by its right name, healthy set-ups in silence."""

import json
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import (
    SGD,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    History,
    Network,
    cross_entropy,
    diagnose,
    fit,
    train,
)
from nnlib.findings import ILLNESSES, LIMITS, Finding, settle
from nnlib.initializers import normal
from nnlib.probes import line

CHAPTERS = Path(__file__).parents[2] / "chapters"
pytestmark = pytest.mark.filterwarnings("error")


def blobs(seed=0, n=240, K=3):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, K, n)
    X = rng.normal(size=(K, 5))[y] * 1.5 + rng.normal(0, 0.6, (n, 5))
    return (X - X.mean(axis=0)) / X.std(axis=0), y


X, Y = blobs()
WAVE = np.linspace(-1, 1, 200)[:, None]


def net(*layers, inputs=5, **settings):
    return Network(inputs, list(layers) or [Dense(16, "tanh"), Dense(3)], **settings)


def one_bias(record_layer=Dense):
    class OneBias(record_layer):
        def backward(self, record, gradient, to_input):
            back = super().backward(record, gradient, to_input)
            self.db[...] = self.db.sum()
            return back

    return OneBias


class DerivativeTwice(Dense):
    def backward(self, record, gradient, to_input):
        gradient = self.activation.backward(record.output, gradient)
        return super().backward(record, gradient, to_input)


def spoilt(rule):
    def value_and_gradient(output, targets, share):
        value, gradient = cross_entropy.value_and_gradient(output, targets, share)
        return value, rule(output, gradient)

    return cross_entropy.variant("mine", value_and_gradient)


BEFORE = {
    "missing value": (net(), np.where(np.arange(5) == 2, np.nan, X), Y, {}, "D101"),
    "too large": (net(), X * 300, Y, {}, "D102"),
    "too small": (net(), X * 1e-4, Y, {}, "D103"),
    "labels from 1": (net(), X, Y + 1, {}, "D104"),
    "labels under bce": (net(Dense(1)), X, Y, {"loss": "binary_cross_entropy"}, "D104"),
    "house prices": (net(Dense(8, "tanh"), Dense(1)), X, 3e5 + 5e4 * X[:, 0], {"loss": "mse"},
                     "D105"),
    "one class": (net(Dense(8, "tanh"), Dense(2)), X, (X[:, 0] > np.sort(X[:, 0])[-5]) * 1, {},
                  "D106"),
    "shuffled": (net(), X, np.random.default_rng(1).permutation(Y), {}, "D107"),
    "unused output": (net(Dense(8, "tanh"), Dense(4)), X, Y, {}, "D108"),
    "classes as numbers": (net(Dense(8, "tanh"), Dense(1)), X, Y, {"loss": "mse"}, "D109"),
    "validation raw": (net(), X, Y, {"validation": (X * 255, Y)}, "D110"),
    "softmax twice": (net(Dense(8, "tanh"), Dense(3, "softmax")), X, Y, {}, "D201"),
    "sigmoid as a logit": (net(Dense(8, "tanh"), Dense(3, "sigmoid")), X, Y, {}, "D202"),
    "relu on the output": (net(Dense(8, "tanh"), Dense(3, "relu")), X, Y, {}, "D202"),
    "softmax of one": (net(Dense(8, "tanh"), Dense(1, "softmax")), X, (Y > 0) * 1,
                       {"loss": "binary_cross_entropy"}, "D203"),
    "labels above a sigmoid": (net(Dense(8, "tanh"), Dense(1, "sigmoid")), X, Y, {"loss": "mse"},
                               "D204"),
    "below a relu": (net(Dense(8, "tanh"), Dense(1, "relu")), X, X[:, 0], {"loss": "mse"}, "D204"),
    "nothing bends": (net(Dense(8), Dropout(0.2), Dense(3)), X, Y, {}, "D205"),
    "heaviside": (net(Dense(8, "heaviside"), Dense(3)), X, Y, {}, "D206"),
    "zeros": (net(Dense(8, "tanh", "zeros"), Dense(3)), X, Y, {}, "D207"),
    "weights too large": (net(Dense(8, "tanh", normal(50)), Dense(3)), X, Y, {}, "D208"),
    "weights too large, relu": (net(Dense(8, "relu", normal(20)), Dense(3)), X, Y, {}, "D208"),
    "weights too small": (net(Dense(8, "tanh", normal(1e-4)), Dense(3)), X, Y, {}, "D209"),
    "sign": (net(), X, Y, {"loss": spoilt(lambda o, g: -g)}, "D210"),
    "sum": (net(), X, Y, {"loss": spoilt(lambda o, g: g * len(o))}, "D210"),
    "derivative twice": (net(DerivativeTwice(8, "tanh"), Dense(3)), X, Y, {}, "D210"),
    "one bias": (net(one_bias()(8, "tanh"), Dense(3)), X, Y, {}, "D210"),
    "no biases": (net(Dense(8, "tanh", bias=False), Dense(3, bias=False)), X, Y, {}, "D213"),
    "dropout": (net(Dense(16, "relu"), Dropout(0.9), Dense(3)), X, Y, {}, "D211"),
    "rate too high": (net(), X, Y, {"optimizer": SGD(3000.0)}, "D302"),
    "rate too low": (net(), X, Y, {"optimizer": SGD(1e-8)}, "D303"),
}  # fmt: skip


@pytest.mark.parametrize("name", BEFORE)
def test_each_fault_is_named_before_training(name):
    network, rows, targets, told, code = BEFORE[name]
    diagnosis = diagnose(network, rows, targets, **told)
    assert diagnosis.codes == (code,), diagnosis  # one illness, one finding
    assert code in diagnosis and diagnosis.moment == "before training"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.05, momentum=0.9), Adam(0.01), None])
@pytest.mark.parametrize(
    "layers",
    [
        [Dense(3)],
        [Dense(8, "sigmoid"), Dense(3)],
        [Dense(32, "relu"), Dropout(0.3), Dense(16, "elu"), Dense(3)],
        [Dense(16), BatchNorm("relu"), Dense(3)],
    ],
)
def test_silence_on_healthy_set_ups_and_runs(layers, optimizer, dtype):
    network = Network(5, [type(x)(**x.config()) if isinstance(x, Dropout) else
                          BatchNorm("relu") if isinstance(x, BatchNorm) else
                          Dense(x.width, x.activation) for x in layers], dtype=dtype)  # fmt: skip
    told = {"optimizer": optimizer, "batch_size": 32, "validation": (X[180:], Y[180:])}
    assert diagnose(network, X[:180], Y[:180], **told).codes == ()
    if optimizer is not None:
        told["optimizer"] = type(optimizer)(**optimizer.config())
    history = fit(network, X[:180], Y[:180], epochs=15, progress=False, **told)
    assert diagnose(network, X[:180], Y[:180], history).codes == ()


def test_nothing_is_changed():
    network = net(Dense(8, "relu"), BatchNorm(), Dropout(0.2), Dense(3), seed=3)
    before, optimizer = network.state(), Adam()
    diagnose(network, X, Y, optimizer=optimizer)
    after = network.state()
    assert (before["theta"] == after["theta"]).all() and before["rngs"] == after["rngs"]
    for one, other in zip(before["statistics"], after["statistics"], strict=True):
        assert all((one[name] == other[name]).all() for name in one)
    assert optimizer.steps == 0 and not optimizer.memory and network.trace == ()


# -- runs ---------------------------------------------------------------------------------------


def run(network, X=X, y=Y, epochs=30, rate=0.1, **more):
    history = fit(network, X, y, epochs=epochs, optimizer=SGD(rate), progress=False, **more)
    return diagnose(network, X, y, history, optimizer=SGD(rate), **more)


def test_a_run_that_overflows_says_where_it_began():
    with pytest.warns(RuntimeWarning, match="diverged"):
        diagnosis = run(net(Dense(8, "relu"), Dense(1)), y=X[:, 0], loss="mse", rate=1e4)
    assert diagnosis.codes == ("D301",)
    assert "epoch" in diagnosis[0].evidence


def test_dead_units_and_their_consequence():
    network = net(Dense(8, "relu"), Dense(3))
    network.layers[0].b[...] = -50
    found = run(network)
    assert found[0].code == "D305" and "D308" not in found
    assert ILLNESSES["D308"].title in found[0].consequences


def test_vanishing_gradients():
    deep = [Dense(10, "sigmoid") for _ in range(7)]
    assert run(net(*deep, Dense(3)), epochs=10).codes[0] == "D306"


def test_too_low_a_rate_and_too_few_epochs():
    assert run(net(seed=1), rate=1e-6).codes == ("D303",)


def test_penalty_too_strong():
    assert run(net(), regularizer=nnlib.L2(5.0), epochs=60).codes == ("D309",)


def test_too_small_a_network():
    rng = np.random.default_rng(0)
    rows = rng.uniform(-1, 1, (300, 2))
    xor = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    assert run(net(Dense(2), inputs=2), rows, xor, 100).codes == ("D311",)


def test_overfitting_and_validation_labels_of_another_code():
    rng = np.random.default_rng(2)
    rows, targets = rng.normal(size=(40, 20)), rng.integers(0, 2, 40)
    targets[:25] = rows[:25, 0] > 0
    held = rng.normal(size=(200, 20))
    network = net(Dense(64, "relu"), Dense(2), inputs=20)
    found = run(network, rows, targets, 300, validation=(held, (held[:, 0] > 0).astype(int)))
    assert found.codes == ("D312",)
    found = run(net(), X[:160], Y[:160], validation=(X[160:], (Y[160:] + 1) % 3))
    assert found.codes == ("D111",)


def test_gradient_evidence_names_arrays_and_factor():
    found = diagnose(net(), X, Y, loss=spoilt(lambda o, g: g * len(o)))[0]
    assert "0.W, 0.b, 1.W, 1.b" in found.evidence and "summed over the rows" in found.cause
    found = diagnose(net(one_bias()(8, "tanh"), Dense(3)), X, Y)[0]
    assert "disagree in 0.b;" in found.evidence and "only biases" in found.cause


# -- who may be ill, and how it is told ------------------------------------------------------------


def test_training_estimator_and_several():
    steps = train(net(), X, Y, optimizer=SGD(1e-8))
    assert diagnose(steps).codes == ("D303",)
    for _ in zip(range(3), steps, strict=False):
        pass
    assert diagnose(steps).moment == "after a run"
    model = nnlib.MLPClassifier((16,), max_iter=400, random_state=0).fit(X, Y)
    assert diagnose(model, X, Y).codes == ()
    sick = net(Dense(8, "tanh", "zeros"), Dense(3))
    found = diagnose([net(), sick], X, Y)
    assert found.codes == ("D207",) and found[0].networks == (1,)
    two = net(Dense(4, "tanh"), Dense(3, "softmax"), seed=[0, 1])
    found = diagnose(two, X, Y, loss="cross_entropy")
    assert found.codes == ("D201",) and found[0].networks == ()  # both
    two = net(Dense(4, "tanh"), Dense(3), seed=[0, 1])
    history = fit(two, X, Y, epochs=30, optimizer=Adam(0.05), progress=False)
    assert diagnose(two, X, Y, history).codes == ()


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ((X, Y), TypeError, "network must be a Network"),
        ((net(),), TypeError, "needs the rows and targets"),
        ((net(), X[:, :2], Y), ValueError, "X"),
        ((net(), X, Y[:5]), ValueError, "X and y"),
        ((net(), X, Y, {"loss": [1]}), TypeError, "history must be the History"),
        (([], X, Y), ValueError, "empty"),
        ((nnlib.MLPClassifier(), X, Y), ValueError, "not fitted yet"),
    ],
)
def test_wrong_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        diagnose(*arguments)


@pytest.mark.parametrize("name", BEFORE)
def test_cures_run_and_findings_can_be_read(name):
    network, rows, targets, told, code = BEFORE[name]
    found = diagnose(network, rows, targets, **told)
    for finding in found:
        names = {
            "nnlib": nnlib, "np": np, "network": network, "X": rows, "y": targets,
            "loss": told.get("loss", "cross_entropy"), "validation": told.get("validation"),
            "optimizer": told.get("optimizer"),
        }  # fmt: skip
        with np.errstate(all="ignore"):
            exec(finding.cure, names)
        assert finding.evidence and finding.cause and finding.page and finding.title
    assert code in str(found) and "cure" in str(found)
    card = found._repr_html_()
    assert code in card and "<strong>" in card and "background:#" not in card


def test_a_cured_patient_is_well():
    network, rows, targets, told, _ = BEFORE["softmax twice"]
    names = {"nnlib": nnlib, "np": np, "X": rows, "y": targets}
    exec(diagnose(network, rows, targets)[0].cure, names)
    assert diagnose(names["network"], rows, targets).codes == ()


def test_consequences_name_illnesses_and_nothing_loses_its_cause():
    for code, illness in ILLNESSES.items():
        assert set(illness.explains.split()) <= set(ILLNESSES), code
        assert illness.severity in ("error", "warning", "note")
        both = settle([Finding(c, "", "", "") for c in (code, *illness.explains.split())])
        assert both, code
    assert all(side in "<>" for side, _ in LIMITS.values())


def test_history_alone_decides_the_moment():
    assert diagnose(net(), X, Y, History()).moment == "before training"


@pytest.mark.parametrize("n, d", [(30, 4), (20, 40)])
def test_the_line_is_that_of_a_row_left_out(n, d):
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(n, d))
    rows -= rows.mean(axis=0)
    targets = rng.normal(size=(n, 2)) + rows[:, :1]
    ridge = 0.1 * n * np.diag([*np.ones(d), 0])  # none on the intercept
    left_out = []
    for i in range(n):
        kept = np.delete(np.hstack([rows, np.ones((n, 1))]), i, axis=0)
        weights = np.linalg.solve(kept.T @ kept + ridge, kept.T @ np.delete(targets, i, axis=0))
        left_out.append([*rows[i], 1] @ weights)
    np.testing.assert_allclose(line(rows, targets), left_out, atol=1e-9)


def test_a_run_under_way_is_given_time():
    rows, targets = blobs(3)
    steps = train(net(Dense(8, "sigmoid"), Dense(3)), rows, targets, optimizer=SGD(0.05))
    for step in steps:
        if step.epoch in (1, 4, 10):
            assert diagnose(steps).codes == (), step.epoch


def test_relu_on_the_output_is_the_cause_of_equal_predictions():
    gate, answers = nnlib.datasets.load_gate("xor")
    network = net(Dense(4, "tanh"), Dense(1, "relu"), inputs=2)
    network.layers[1].b[...] = -5  # cut off for every row
    found = run(network, gate, answers, loss="mse")
    assert found.codes == ("D212",)
    assert ILLNESSES["D308"].title in found[0].consequences


def test_validation_rows_in_order_do_not_hide_shuffled_training_rows():
    X_more, Y_more = blobs(1, n=600)
    wrong = np.random.default_rng(1).permutation(Y)
    found = nnlib.diagnose(net(), X, wrong, loss="cross_entropy", validation=(X_more, Y_more))
    assert found[0].code == "D107"


def test_shuffled_labels_are_found_after_they_were_learnt_by_heart():
    network = net(Dense(32, "relu"), Dense(3))
    assert run(network, y=np.random.default_rng(1).permutation(Y)).codes[0] == "D107"


def test_nothing_learnt_is_no_riddle_below_its_cause():
    consequence = Finding("D314", "", "", "")
    found = settle([Finding("D205", "", "", ""), consequence])
    assert [f.code for f in found] == ["D205"]
    assert found[0].consequences == ("nothing was learnt",)


def test_every_illness_leads_to_a_page_of_the_course():
    for code, illness in ILLNESSES.items():
        file = CHAPTERS / Finding(code, "", "", "").link
        assert file.exists(), code
        first = "".join(json.loads(file.read_text(encoding="utf-8"))["cells"][0]["source"])
        assert first.splitlines()[0] == f"# {illness.page}"
    found = diagnose(net(Dense(3, "softmax")), X, Y)
    assert f"<a href='{found[0].link}'>" in found._repr_html_()
    assert f"chapters/{found[0].link}" in str(found)


def test_large_inputs_excuse_a_large_first_loss_and_large_weights_do_not():
    weights = net(Dense(32, initializer=normal(3)), Dense(3, initializer=normal(3)))
    assert "D208" in diagnose(weights, X, Y).codes
    raw = 6 * np.abs(X)
    heads = [diagnose(net(Dense(32, "relu"), Dense(3), seed=s), raw, Y).codes for s in range(8)]
    assert not any("D208" in codes for codes in heads)


@pytest.mark.parametrize("f, loss, outputs", [("tanh", "cross_entropy", 3), ("relu", "mse", 1)])
def test_a_first_layer_that_normalises_is_not_judged_by_averages_it_has_not(f, loss, outputs):
    network = net(BatchNorm(), Dense(16, f), Dense(outputs))
    targets = Y if outputs == 3 else X[:, 0]
    assert diagnose(network, 500 * X, targets, loss=loss).codes == ()
