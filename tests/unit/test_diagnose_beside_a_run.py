"""The doctor beside a run, with several networks, and where it has to hold its tongue."""

import numpy as np
import pytest

import nnlib
from benchmarks import doctor_cost, programs
from benchmarks.report import COST_PARTS
from nnlib import SGD, Adam, Dense, Dropout, History, Network, diagnose, fit, probes, train, trials
from nnlib.findings import ILLNESSES
from tests.unit.test_diagnose import X, Y, blobs, net

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture
def calls(monkeypatch):
    """How often what is dear is done."""
    counted = {}

    def count(module, name):
        inner, counted[name] = getattr(module, name), 0

        def counting(*args, **more):
            counted[name] += 1
            return inner(*args, **more)

        monkeypatch.setattr(module, name, counting)

    for name in ("neighbours", "line"):
        count(probes, name)
    for name in ("gradient_factors", "trial", "teachable"):
        count(trials, name)
    return counted


def test_a_run_that_learns_is_looked_at_without_anything_dear(calls):
    run = train(net(Dense(16, "tanh"), Dense(3)), X, Y, optimizer=SGD(0.05), epochs=30)
    for step in run:
        if step.epoch_end and step.epoch < 30:
            assert diagnose(run).codes == ()
    assert not any(calls.values())
    assert diagnose(run).codes == ()  # it is over: now all is looked at, once
    assert calls["neighbours"] == calls["line"] == calls["gradient_factors"] == 1


def test_what_a_run_cannot_change_is_measured_once(calls):
    run = train(net(Dense(16, "tanh"), Dense(3)), X, Y, optimizer=SGD(1e-7), epochs=200)
    diagnose(run)
    looks = 0
    for step in run:
        if step.epoch_end and step.epoch <= 60:
            looks += 1
            assert step.epoch < 5 or "D303" in diagnose(run)
        if step.epoch == 60:
            break
    assert calls["neighbours"] == calls["gradient_factors"] == 1
    assert calls["trial"] < looks  # what stands still is not tried at every epoch


def test_a_run_that_goes_wrong_later_is_seen():
    network = net(Dense(16, "relu"), Dense(1))
    run = train(network, X, X[:, 0], loss="mse", optimizer=SGD(0.05), epochs=60)
    for step in run:
        if step.epoch_end:
            found = diagnose(run)
        if step.epoch_end and step.epoch == 20:
            assert found.codes == ()
            run.optimizer.learning_rate = 1000.0
    assert diagnose(run).codes == ("D301",)


def test_a_plateau_of_a_run_that_is_not_over_is_no_verdict():
    gate, answers = nnlib.datasets.load_gate("xor")
    network = Network(2, [Dense(16, "sigmoid"), Dense(2)], seed=0)
    run = train(network, gate, answers, optimizer=Adam(0.01), epochs=600, seed=0)
    for step in run:
        if step.epoch % 50 == 0:
            assert "D314" not in diagnose(run), step.epoch
    assert diagnose(run).codes == ()


def test_several_networks_in_one_run():
    network = net(Dense(8, "relu"), Dense(3), seed=[0, 1, 2])
    network.layers[0].b[1] = -50
    run = train(network, X, Y, optimizer=SGD([0.1, 0.1, 1e-8]), epochs=20,
                regularizer=nnlib.L2([0.0, 0.0, 1e-4]))  # fmt: skip
    for _ in run:
        pass
    found = diagnose(run)
    where = {f.code: f.networks for f in found}
    assert where["D305"] == (1,) and where["D303"] == (2,)
    told = {"optimizer": run.optimizer, "regularizer": nnlib.L2([0.0, 0.0, 1e-4])}
    assert diagnose(network, X, Y, run.history, **told).codes == found.codes


@pytest.mark.parametrize("trained", [False, True])
def test_weights_that_are_no_numbers(trained):
    network = net()
    network.layers[0].W[0, 0] = np.nan
    found = diagnose(network, X, Y, trained=trained)
    assert found.codes == ("D301",) and "0.W" in found[0].evidence
    assert found.moment == ("after a run" if trained else "before training")


def test_too_high_and_too_low_are_never_said_together():
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(400, 4))
    targets = (rows @ rng.normal(size=4) / 2 + rng.normal(0, 1.6, 400) > 0).astype(int)
    for rate in (1e-5, 1e-3, 0.2, 3.0):
        told = {"loss": "binary_cross_entropy", "optimizer": SGD(rate)}
        network = Network(4, [Dense(50, "relu"), Dense(1)], seed=0)
        history = fit(network, rows, targets, epochs=10, progress=False, **told)
        assert not {"D302", "D303"} <= set(diagnose(network, rows, targets, history, **told).codes)


def test_a_loss_that_falls_from_a_bad_start_is_not_called_too_fast():
    network = net(Dense(8, "relu"), Dense(1))
    network.layers[1].b[...] = 3
    told = {"loss": "mse", "optimizer": Adam(0.001)}
    history = fit(network, X, X[:, 0], epochs=8, progress=False, **told)
    assert "D302" not in diagnose(network, X, X[:, 0], history, **told)


def test_two_units_that_had_no_time_are_not_called_too_few():
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    rows = np.where(y[:, None], rng.uniform(0.5, 0.7, (200, 2)), rng.uniform(0.2, 0.4, (200, 2)))
    network = Network(2, [Dense(2, "sigmoid"), Dense(2)], seed=0)
    told = {"optimizer": Adam(0.001)}
    history = fit(network, rows, y, epochs=5, progress=False, **told)
    found = diagnose(network, rows, y, history, **told)
    assert found.codes[0] in ("D310", "D303") and "D311" not in found


def test_clipping_that_leaves_nothing_is_named():
    told = {"optimizer": SGD(0.1), "clip_norm": 1e-6}
    network = net()
    history = fit(network, X, Y, epochs=10, progress=False, **told)
    found = diagnose(network, X, Y, history, **told)
    assert found.codes == ("D303",) and "clip_norm" in found[0].evidence
    told["clip_norm"] = 5.0
    network = net()
    history = fit(network, X, Y, epochs=30, progress=False, **told)
    assert diagnose(network, X, Y, history, **told).codes == ()


def test_a_class_among_the_columns_and_a_law_among_amounts():
    rows, targets = blobs(4)
    assert "D112" in diagnose(net(inputs=6), np.c_[rows, targets], targets)
    law = Network(5, [Dense(8, "tanh"), Dense(1)], seed=0)
    assert diagnose(law, rows, rows[:, 0], loss="mse").codes == ()
    every = np.repeat(targets[:, None], 4, axis=1) / 2.0  # a toy: all columns say it
    assert diagnose(net(inputs=4), every, targets).codes == ()


def test_rows_in_order_matter_only_where_nobody_shuffles():
    order = np.argsort(Y, kind="stable")
    rows, targets = X[order], Y[order]
    assert "D113" in diagnose(net(), rows, targets, shuffle=False, batch_size=10)
    for told in ({"shuffle": True}, {}):
        assert diagnose(net(), rows, targets, batch_size=10, **told).codes == ()
    assert diagnose(net(), X, Y, shuffle=False, batch_size=1).codes == ()


def test_weak_ties_are_looked_for_in_more_rows():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(3000, 6))
    weights = 0.12 * np.ones(6)
    targets = (rows @ weights + rng.normal(size=3000) > 0).astype(int)
    network = Network(6, [Dense(8, "relu"), Dense(2)], seed=0)
    assert "D107" not in diagnose(network, rows, targets)
    assert "D107" in diagnose(network, rows, rng.permutation(targets))


def test_targets_that_do_not_vary():
    network = net(Dense(8, "tanh"), Dense(1))
    assert diagnose(network, X, np.ones(len(X)), loss="mse").codes == ("D105",)


@pytest.mark.parametrize("bias", [1e-2, 1e-3, 1e-4])
def test_weights_of_0_do_not_look_like_a_wrong_gradient(bias):
    layers = [Dense(40, "relu", "zeros"), Dense(40, "relu", "zeros")]
    network = net(*layers, Dense(3, "identity", "zeros"))
    network.layers[2].b[...] = bias * np.array([1, -2, 1])  # all that such a network can learn
    assert "D210" not in diagnose(network, X, Y)


def test_an_estimator_is_not_blamed_for_a_start_it_did_not_have():
    model = nnlib.MLPClassifier((8,), max_iter=3, random_state=0).fit(X, Y)
    found = diagnose(model, X, Y)
    assert not {"D207", "D209"} & set(found.codes)
    assert "zeros" not in " ".join(f.cure for f in found)


ODD = {
    "one feature": (net(inputs=1), X[:, :1], Y, {}),
    "one row": (net(), X[:1], Y[:1], {}),
    "two rows": (net(Dense(4, "relu"), Dense(1)), X[:2], X[:2, 0], {"loss": "mse"}),
    "single precision": (net(dtype=np.float32), X.astype(np.float32), Y, {}),
    "names": (net(), X, np.array(["a", "b", "c"])[Y], {}),
    "yes and no": (net(Dense(4, "tanh"), Dense(1)), X, np.array(["n", "y"])[(Y > 0) * 1],
                   {"loss": "binary_cross_entropy"}),
    "several amounts": (net(Dense(8, "tanh"), Dense(2)), X, X[:, :2] ** 2, {"loss": "mse"}),
    "several answers": (net(Dense(8, "tanh"), Dense(2)), X, (X[:, :2] > 0) * 1,
                        {"loss": "binary_cross_entropy"}),
    "one validation row": (net(), X, Y, {"validation": (X[:1], Y[:1])}),
    "lists": (net(), X.tolist(), Y.tolist(), {}),
    "dropout last": (net(Dense(3), Dropout(0.5)), X, Y, {}),
    "equal rows": (net(), np.ones((200, 5)), Y[:200], {}),
}  # fmt: skip


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("name", ODD)
def test_odd_inputs_are_no_trouble(name, trained):
    network, rows, targets, told = ODD[name]
    found = diagnose(network, rows, targets, optimizer=SGD(0.1), trained=trained, **told)
    assert isinstance(repr(found), str) and found._repr_html_()
    if not trained and name != "equal rows":
        assert found.codes == (), found


# -- the benchmarks of this -----------------------------------------------------------------------


def test_each_program_differs_from_its_twin_and_names_known_codes():
    names = []
    for name, source, codes, ill, well in programs.programs(1000):
        names.append(name)
        assert source and set(codes.split()) <= set(ILLNESSES)
        assert any(ill[key] is not well.get(key) for key in ill), name
    assert len(set(names)) == len(names) >= 30


def test_programs_are_counted_by_halves():
    row = {"program": "a", "source": "s", "codes": "D302", "place": 0, "kind": "faulty", "seed": 1,
           "before": ["D302"], "measured": {"after": {"learnt": 0.1}}}  # fmt: skip
    twin = row | {"kind": "repaired", "before": [], "measured": {"after": {"learnt": 1.0}}}
    found = programs.report([row, twin, row | {"program": "b", "place": 1, "before": ["D305"]},
                             twin | {"program": "b", "place": 1, "after": ["D312"]}])  # fmt: skip
    first, second = found["looked at"], found["only counted"]
    assert (first["seen"], first["named"], first["twins accused"]) == (1, 1, 0)
    assert (second["seen"], second["named"], second["twins accused"]) == (1, 0, 1)
    assert found["each"]["b"]["twins learnt"] == 1


def test_the_cost_is_measured_on_runs_with_and_without(monkeypatch):
    shape = {"small": (lambda: (X, Y), [8], np.float64, 32, 4, 0.1)}
    monkeypatch.setattr(doctor_cost, "shapes", lambda: shape)
    found = doctor_cost.measure_all(3)["small"]
    assert set(COST_PARTS) <= set(found) and found["calls"] == 4
    share = found[COST_PARTS[0]]
    assert 0 < share["lowest"] <= share["median"] <= share["highest"]


def test_a_history_without_epochs_is_no_run():
    assert diagnose(net(), X, Y, History()).moment == "before training"
