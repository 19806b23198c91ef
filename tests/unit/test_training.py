"""Training: what a step is, what is written down, and that nothing spoils a network."""

import os
import platform
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib
from nnlib import (
    L1,
    L2,
    SGD,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    EarlyStopping,
    Network,
    fit,
    losses,
    schedules,
    train,
)  # fmt: skip
from nnlib.losses import LOSSES
from nnlib.optimizers import OPTIMIZERS
from tests.unit.conftest import arrays_of

pytestmark = pytest.mark.filterwarnings("error")


def make(seed=0, dtype=np.float64, outputs=3):
    # No bias before batch norm: its gradient is 0 but for rounding, which Adam would blow up.
    layers = [Dense(5, bias=False), BatchNorm("tanh"), Dropout(0.2), Dense(outputs)]
    return Network(6, layers, seed=seed, dtype=dtype)


def everything(run):
    """All numbers of a training, as one list that can be compared."""
    return [run.network.theta, run.history.columns, run.snapshot()["rngs"], run.optimizer.memory,
            run.network.state()]  # fmt: skip


def assert_same(run, other):
    np.testing.assert_equal(everything(run), everything(other))


# -- a step, an epoch ------------------------------


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries: nothing to see")
def test_a_step_takes_no_fresh_memory_from_the_system():
    program = textwrap.dedent("""
        import resource
        from nnlib import Dense, Network, datasets, train
        X, y = datasets.load_digits()
        networks = Network(64, [Dense(50, "sigmoid"), Dense(10)], seed=list(range(25)))
        run = train(networks, X, y, batch_size=100, epochs=5)
        pages = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        first = [next(run) for _ in range(20)]
        before = pages()
        for step in run:
            pass
        print("pages", pages() - before)
    """)
    # Dask sets MALLOC_TRIM_THRESHOLD_, and what is set so cannot be raised.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=Path(nnlib.__file__).parents[1], env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = int(done.stdout.split()[1])
    assert pages < 500, f"{pages} pages in 70 steps"  # without our doing: 16,000


def test_one_step_of_descent_by_hand():
    net = Network(1, [Dense(1)])
    net.layers[0].W[...] = 2
    run = train(net, [[1.0], [3.0]], [1.0, 1.0], loss="mse", optimizer=SGD(0.1), regularizer=L2(1))
    step = next(run)  # errors 1 and 5: loss 13, dW = 2 (1 + 15) / 2 + 2, db = 2 (1 + 5) / 2
    assert step.loss == 13 and step.cost == 13 + 2
    np.testing.assert_allclose(net.theta, [2 - 0.1 * 18, -0.1 * 6])
    assert (step.epoch, step.batch, step.steps, step.epoch_end) == (1, 1, 1, True)


def test_steps_count_epochs_and_batches(digits_like):
    X, y = digits_like
    run = train(make(), X, y, epochs=2, batch_size=15)
    seen = [(s.epoch, s.batch, s.steps, s.epoch_end) for s in run]
    assert seen == [(1, 1, 1, False), (1, 2, 2, False), (1, 3, 3, True),
                    (2, 1, 4, False), (2, 2, 5, False), (2, 3, 6, True)]  # fmt: skip
    assert run.epoch == 2 and run.stopped_because == "all 2 epochs are done"
    assert list(run) == []


def test_the_history_weighs_batches_by_their_rows(digits_like):
    X, y = digits_like
    run = train(make(), X, y, epochs=1, batch_size=15, regularizer=L1(0.1))
    steps = list(run)
    rows = [15, 15, 10]
    for column, values in (("loss", [s.loss for s in steps]), ("cost", [s.cost for s in steps])):
        assert run.history[column][0] == pytest.approx(np.average(values, weights=rows))


@given(n=st.integers(2, 12), data=st.data(), loss=st.sampled_from(list(LOSSES)),
       dtype=st.sampled_from([np.float32, np.float64]))  # fmt: skip
def test_any_number_of_rows_batches_and_classes(n, data, loss, dtype):
    batch_size = data.draw(st.none() | st.integers(2, n))  # the last batch may have one row
    label = data.draw(st.integers(0, 2))  # a batch in which classes are missing
    X = np.random.default_rng(n).normal(size=(6, n)).T  # not contiguous
    y = np.eye(3)[[label] * n] if loss == "binary_cross_entropy" else np.full(n, label)
    X.flags.writeable = y.flags.writeable = False
    net = make(dtype=dtype)
    history = fit(net, X, y, loss=loss, epochs=2, batch_size=batch_size, validation=(X, y))
    assert history.epochs == 2 and np.isfinite(history["cost"]).all()
    assert set(history.columns) == {"loss", "cost", "validation_loss", "validation_accuracy"}
    assert np.isfinite(net.theta).all() and net.theta.dtype == dtype


def test_every_row_once_an_epoch_in_a_new_order_each_time():
    X = np.arange(10.0)[:, None]
    net = Network(1, [Dense(1)])
    run = train(net, X, X[:, 0], loss="mse", optimizer=SGD(1e-9), epochs=3, batch_size=4, seed=3)
    orders = [[], [], []]
    for step in run:
        orders[step.epoch - 1].extend(net.trace[0].input[:, 0])
    assert [sorted(order) for order in orders] == [list(range(10))] * 3
    assert orders[0] != orders[1] != orders[2]
    assert len(set(np.diff(orders[0]) % 10)) > 3  # shuffled rows, not only shuffled starts
    again = train(net, X, X[:, 0], loss="mse", epochs=3, batch_size=4, seed=3)
    next(again)
    np.testing.assert_array_equal(net.trace[0].input[:, 0], orders[0][:4])


def test_without_shuffling_the_rows_keep_their_order():
    X = np.arange(5.0)[:, None]
    net = Network(1, [Dense(1)])
    run = train(net, X, X[:, 0], loss="mse", epochs=1, batch_size=2, shuffle=False)
    assert [net.trace[0].input[:, 0].tolist() for _ in run] == [[0, 1], [2, 3], [4]]


def test_the_batches_of_a_published_run_can_be_handed_in():
    X = np.arange(4.0)[:, None]
    net, asked = Network(1, [Dense(1)]), []

    def batches(epoch):
        asked.append(epoch)
        return iter([[3, 0], np.array([1])])

    run = train(net, X, X[:, 0], loss="mse", epochs=2, batches=batches)
    assert [net.trace[0].input[:, 0].tolist() for _ in run] == [[3, 0], [1]] * 2
    assert asked == [0, 1]


def test_the_remaining_batches_can_be_asked_for(digits_like):
    X, y = digits_like
    net = make()
    run = train(net, X, y, epochs=2, batch_size=15)
    for left in (3, 2, 1, 3, 2, 1):
        coming = run.remaining_batches()
        assert len(coming) == left
        next(run)
        np.testing.assert_array_equal(net.trace[0].input, X[coming[0]])
    assert run.remaining_batches() == []


@pytest.mark.parametrize(
    "batches, message",
    [
        ([], "yielded nothing"),
        ([[0, 4]], r"row numbers from 0 to 3, got ndarray of shape \(2,\).*\[0, 4\]"),
        ([[0, -1]], "row numbers from 0 to 3"),
        ([[]], "row numbers from 0 to 3, got .*shape \\(0,\\)"),
        ([[0.0, 1.0]], "row numbers from 0 to 3, got .*float64"),
        ([[True, False, True, False]], "row numbers from 0 to 3, got .*bool"),
        ([[[0, 1], [2, 3]]], r"row numbers from 0 to 3, got .*shape \(2, 2\)"),
        ([0, 1], r"row numbers from 0 to 3, got .*shape \(\)"),
    ],
)
def test_batches_that_cannot_be(batches, message):
    net = Network(1, [Dense(1)])
    before = net.theta.copy()
    run = train(net, np.ones((4, 1)), np.ones(4), loss="mse", batches=lambda epoch: batches)
    with pytest.raises(ValueError, match=message):
        next(run)
    np.testing.assert_array_equal(net.theta, before)


def test_watched_data_are_measured_at_the_end_of_each_epoch(digits_like, rng):
    X, y = digits_like
    other = rng.normal(size=(9, 6)), rng.integers(0, 3, 9)
    net = make()
    run = train(net, X, y, epochs=3, validation=other, monitor={"train": (X, y)})
    for _ in run:
        pass
    assert run.history["validation_loss"][-1] == LOSSES["cross_entropy"](net(other[0]), other[1])[0]
    assert run.history["validation_accuracy"][-1] == (net.predict(other[0]) == other[1]).mean()
    assert run.history["train_accuracy"][-1] == (net.predict(X) == y).mean()
    assert list(run.history.columns)[:2] == ["loss", "cost"]


def test_accuracy_of_each_kind_of_target(rng):
    X = rng.normal(size=(8, 6))
    labels, table = rng.integers(0, 3, 8), rng.integers(0, 2, (8, 3))
    net = Network(6, [Dense(3)], seed=1)
    classes, answers = net(X).argmax(axis=1) == labels, ((net(X) > 0) == table).all(axis=1)
    for loss, y, right in [
        ("mse", labels, classes),
        ("cross_entropy", labels, classes),
        ("cross_entropy", np.eye(3)[labels], classes),
        ("binary_cross_entropy", table, answers),
    ]:
        history = fit(net, X, y, loss=loss, epochs=1, optimizer=SGD(1e-300), validation=(X, y))
        assert history["validation_accuracy"][0] == right.mean()
    history = fit(make(), X, X[:, :3], loss="mse", epochs=1, validation=(X, X[:, :3]))
    assert "validation_accuracy" not in history
    pair = Network(6, [Dense(2)], seed=1)
    assert "validation_accuracy" in fit(pair, X, labels % 2, epochs=1, validation=(X, labels % 2))


def test_sample_weights_weigh_rows_and_may_all_be_zero_in_a_batch(rng):
    X, y = rng.normal(size=(6, 6)), rng.integers(0, 3, 6)
    weighted, repeated = (Network(6, [Dense(3)], seed=1) for _ in range(2))
    fit(weighted, X, y, sample_weight=[1, 1, 2, 0, 0, 1], epochs=3)
    fit(repeated, X[[0, 1, 2, 2, 5]], y[[0, 1, 2, 2, 5]], epochs=3)
    np.testing.assert_allclose(weighted.theta, repeated.theta, rtol=1e-12)
    still = Network(6, [Dense(3)], seed=1)
    run = train(still, X, y, sample_weight=[0, 0, 1, 1, 1, 1], batch_size=2, shuffle=False)
    before = still.theta.copy()
    assert next(run).loss == 0
    np.testing.assert_array_equal(still.theta, before)
    assert next(run).loss > 0
    # Within a batch, too, the weights are shares of one whole.
    alike, plain = (Network(6, [Dense(3)], seed=1) for _ in range(2))
    fit(alike, X, y, sample_weight=[7] * 6, batch_size=2, epochs=3)
    fit(plain, X, y, batch_size=2, epochs=3)
    np.testing.assert_allclose(alike.theta, plain.theta, rtol=1e-12)


def test_clipping_limits_the_length_of_the_gradient(rng):
    net = Network(6, [Dense(3)], seed=1)
    before = net.theta.copy()
    X, y = 100 * rng.normal(size=(6, 6)), rng.integers(0, 3, 6)
    next(train(net, X, y, optimizer=SGD(1), clip_norm=0.01))
    assert np.linalg.norm(net.theta - before) == pytest.approx(0.01)


def test_fit_is_the_loop_run_to_the_end(digits_like):
    X, y = digits_like
    settings = {"epochs": 4, "batch_size": 7, "seed": 5}
    net, twin = make(), make()
    run = train(net, X, y, optimizer=Adam(0.01), **settings)
    for _ in run:
        pass
    history = fit(twin, X, y, optimizer=Adam(0.01), progress=False, **settings)
    assert history.columns == run.history.columns
    np.testing.assert_array_equal(net.theta, twin.theta)
    assert history.stopped_because == "all 4 epochs are done"


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
def test_every_optimizer_learns(kind, digits_like):
    X, y = digits_like
    history = fit(Network(6, [Dense(8, "tanh"), Dense(3)], seed=0), X, y,
                  optimizer=OPTIMIZERS[kind](0.02), epochs=60, batch_size=10)  # fmt: skip
    assert history["loss"][-1] < 0.9 * history["loss"][0]


def test_no_epochs_at_all(digits_like):
    net = make()
    before = net.theta.copy()
    history = fit(net, *digits_like, epochs=0)
    assert history.epochs == 0 and history.columns == {}
    np.testing.assert_array_equal(net.theta, before)


def test_repr_says_how_far_it_is(digits_like):
    run = train(make(), *digits_like, epochs=2, batch_size=10)
    assert repr(run) == (
        "<Training: epoch 0 of 2 done; it trains as you loop over it: for step in run: ...>"
    )
    next(run)
    assert "epoch 0 of 2 done, batch 1 of 4;" in repr(run)
    for _ in run:
        pass
    assert "epoch 2 of 2 done, loss " in repr(run) and repr(run).endswith("epochs are done>")


# -- float32 stays float32 ------------------------------


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
@pytest.mark.parametrize(
    "seeds, rate, strength", [(0, 0.01, 0.1), ([0, 1], [0.01, 0.02], [0, 0.1])]
)
@pytest.mark.parametrize("loss", list(LOSSES))
def test_nothing_in_a_float32_training_is_promoted(kind, seeds, rate, strength, loss, digits_like):
    X, y = digits_like
    y = np.eye(3)[y] if loss == "binary_cross_entropy" else y
    run = train(
        make(seeds, np.float32), X.astype(np.float64), y, loss=loss,
        optimizer=OPTIMIZERS[kind](rate), regularizer=[L1(strength), L2(strength)], epochs=2,
        batch_size=15, clip_norm=1.0, schedule=schedules.Cosine(2), validation=(X, y), seed=seeds,
        sample_weight=np.ones(40) if loss == "mse" else None,
    )  # fmt: skip
    for _ in range(4):
        step = next(run)
    run.network.forward(run._X[:3], training=True)
    assert {np.asarray(step.loss).dtype, np.asarray(step.cost).dtype} == {np.dtype(np.float32)}
    ours = {"run.history", "run._seen", "run.optimizer._learning_rate", "run._penalties"}
    for path, array in arrays_of(run):
        if array.dtype == np.float64:  # sums, records and what the user handed in, nothing else
            assert any(path.startswith(p) for p in ours) and array.size <= 6, path
            assert "strengths" not in path and "factor" not in path, path
    assert run.network(X).dtype == np.float32


# -- several networks ------------------------------


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_networks_are_each_trained_as_alone(kind, dtype, digits_like):
    X, y = digits_like
    seeds, rates, strengths = [3, 1, 4], [0.01, 0.1, 0.03], [0, 0.1, 0.01]
    settings = {"epochs": 3, "batch_size": 15, "validation": (X, y)}
    together = make(seeds, dtype)
    history = fit(together, X, y, optimizer=OPTIMIZERS[kind](rates), regularizer=L2(strengths),
                  seed=seeds, **settings)  # fmt: skip
    assert history["loss"].shape == (3, 3)
    for k in range(3):
        alone = make(seeds[k], dtype)
        single = fit(alone, X, y, optimizer=OPTIMIZERS[kind](rates[k]),
                     regularizer=L2(strengths[k]), seed=seeds[k], **settings)  # fmt: skip
        digits = {"rtol": 1e-4, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-10}
        np.testing.assert_allclose(together[k].theta, alone.theta, **digits)
        np.testing.assert_allclose(together[k](X), alone(X), **digits)
        for column in single.columns:
            np.testing.assert_allclose(history[column][:, k], single[column], **digits)


def test_several_networks_lose_no_digit_against_the_single_ones(digits_like):
    X, y = digits_like
    together = make([3, 1])
    fit(together, X, y, optimizer=SGD([0.1, 0.2], momentum=0.9), regularizer=L2([0, 0.1]),
        epochs=4, batch_size=8, seed=[3, 1])  # fmt: skip
    for k, (seed, rate, strength) in enumerate([(3, 0.1, 0), (1, 0.2, 0.1)]):
        alone = make(seed)
        fit(alone, X, y, optimizer=SGD(rate, momentum=0.9), regularizer=L2(strength), epochs=4,
            batch_size=8, seed=seed)  # fmt: skip
        np.testing.assert_allclose(together[k].theta, alone.theta, rtol=1e-12, atol=1e-15)


def test_one_seed_gives_several_networks_the_same_order(digits_like):
    X, y = digits_like
    together = make([3, 1])
    fit(together, X, y, epochs=2, batch_size=15, seed=9)
    for k, seed in enumerate([3, 1]):
        alone = make(seed)
        fit(alone, X, y, epochs=2, batch_size=15, seed=9)
        np.testing.assert_allclose(together[k].theta, alone.theta, rtol=1e-12)


def test_one_of_several_that_diverges_leaves_the_others_alone(digits_like):
    X, y = digits_like
    networks = Network(6, [Dense(4, "relu"), Dense(3)], seed=[3, 1])
    history = fit(networks, X, y, loss="mse", optimizer=SGD([1e6, 0.05]), epochs=30, batch_size=20,
                  validation=(X, y))  # fmt: skip
    alone = Network(6, [Dense(4, "relu"), Dense(3)], seed=1)
    fit(alone, X, y, loss="mse", optimizer=SGD(0.05), epochs=30, batch_size=20)
    assert not np.isfinite(history["validation_loss"][-1, 0])
    np.testing.assert_allclose(networks[1].theta, alone.theta, rtol=1e-12)


def test_going_on_with_some_of_several(digits_like):
    X, y = digits_like
    settings = {"regularizer": L2([0, 0.1, 0.2]), "epochs": 4, "batch_size": 15, "seed": [1, 2, 3]}
    optimizers = [SGD([0.1, 0.2, 0.3], momentum=0.9) for _ in range(2)]
    whole = train(make([5, 6, 7]), X, y, optimizer=optimizers[0], **settings)
    part = train(make([5, 6, 7]), X, y, optimizer=optimizers[1], **settings)
    for _ in range(4):
        next(whole), next(part)
    part.keep([2, 0])
    assert len(part.network) == 2
    for _ in whole:
        pass
    for _ in part:
        pass
    np.testing.assert_array_equal(part.network.theta, whole.network.theta[[2, 0]])
    np.testing.assert_array_equal(part.history["loss"], whole.history["loss"][:, [2, 0]])


# -- bad arguments change nothing ------------------------------

NAN_ROW = np.ones((4, 6))
NAN_ROW[2, 3] = np.nan
GOOD_X, GOOD_Y = np.ones((4, 6)), np.array([0, 1, 2, 0])

BAD = [
    ({"network": "net"}, TypeError, r"must be a Network, got str 'net'.*train\(network, X, y\)"),
    ({"X": NAN_ROW}, ValueError, r"X holds nan at index \(2, 3\).*Remove or fill"),
    ({"X": np.ones((4, 5))}, ValueError, "X has 5 columns, but the network takes 6 inputs"),
    ({"X": np.ones((6, 4)).T[0]}, ValueError, r"two axes.*got shape \(6,\)"),
    ({"X": np.ones((0, 6)), "y": []}, ValueError, "X is empty"),
    ({"X": [["a"] * 6] * 4}, TypeError, "X must hold numbers, got the text 'a' at index"),
    ({"y": [0, 1, 2]}, ValueError, "X and y must have the same number of rows, got 4 and 3"),
    ({"y": [0, 1, 2, 3]}, ValueError, "labels must lie between 0 and 2 .*got 0 to 3"),
    ({"y": [0, 1, -1, 2]}, ValueError, "labels must lie between 0 and 2 .*got -1 to 2"),
    ({"y": [0, 1, np.nan, 2]}, ValueError, r"y holds nan at index \(2,\)"),
    ({"y": [0, 1, 0.5, 2]}, ValueError, "labels must be whole numbers, got 0.5"),
    ({"y": [*"abc", 1]}, TypeError, "y must hold numbers, got the text 'a'"),
    ({"y": []}, ValueError, "y is empty"),
    ({"y": 3}, ValueError, r"y must have one or two axes, got shape \(\)"),
    ({"y": np.full((4, 3), 1e300), "loss": "mse", "dtype": np.float32}, ValueError, "y holds inf"),
    ({"loss": "crossentropy"}, ValueError, "unknown loss 'crossentropy'. Did you mean 'cross_entr"),
    ({"loss": 3}, TypeError, "loss must be a name such as 'mse', got int 3"),
    ({"loss": "binary_cross_entropy"}, ValueError, "1 columns, but the network has 3 outputs"),
    ({"optimizer": "adam"}, TypeError, r"SGD\(0.1\), got 'adam'. There are SGD, RMSprop, Adam"),
    ({"optimizer": SGD}, TypeError, "optimizer must be an optimizer such as"),
    ({"optimizer": SGD([0.1, 0.2])}, ValueError, r"learning_rate must be one number, got .*\(2,\)"),
    ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
    ({"epochs": 2.5}, TypeError, "epochs must be a whole number, got float 2.5"),
    ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
    ({"batch_size": 5}, ValueError, "at most the number of rows, 4, got 5. None takes all"),
    ({"batch_size": "10"}, TypeError, "batch_size must be a whole number, got str '10'"),
    ({"regularizer": 0.01}, TypeError, "regularizer must be .*got 0.01.*write regularizer=L2"),
    ({"regularizer": L2([0.1, 0.2])}, ValueError, r"strength must be one number, got .*\(2,\)"),
    ({"validation": GOOD_X}, TypeError, r"validation must be a pair \(X, y\), got ndarray"),
    ({"validation": (GOOD_X,)}, TypeError, "validation must be a pair .*tuple of 1.*Write valid"),
    ({"validation": (NAN_ROW, GOOD_Y)}, ValueError, "X of validation holds nan"),
    ({"validation": (GOOD_X, GOOD_Y[:2])}, ValueError, "X of validation and y of validation must"),
    ({"validation": (GOOD_X, GOOD_Y + 1)}, ValueError, "labels must lie between 0 and 2"),
    ({"monitor": (GOOD_X, GOOD_Y)}, TypeError, "monitor must be a dict of names and data, got tup"),
    ({"monitor": {"train": GOOD_X}}, TypeError, r"train must be a pair \(X, y\), got ndarray"),
    ({"early_stopping": 10}, TypeError, r"EarlyStopping\(...\), got int 10.*patience=10"),
    ({"early_stopping": EarlyStopping()}, ValueError, "'validation_loss', which this training doe"),
    ({"early_stopping": EarlyStopping(monitor="accuracy"), "validation": (GOOD_X, GOOD_Y)},
     ValueError, "There are loss, cost, validation_loss, validation_accuracy; give"),
    ({"schedule": 0.5}, TypeError, "schedule must be a function of one number, got float 0.5"),
    ({"schedule": "cosine"}, TypeError, "schedule must be a function of one number, got str"),
    ({"batches": [[0, 1]]}, TypeError, "batches must be a function of one number, got list"),
    ({"clip_norm": 0}, ValueError, "clip_norm must be above 0, got 0"),
    ({"clip_norm": "1"}, TypeError, "clip_norm must be a number above 0, got str '1'"),
    ({"seed": None}, TypeError, "a seed is needed, got None"),
    ({"seed": "0"}, TypeError, "seed must be a whole number, got str '0'"),
    ({"seed": [0, 1]}, ValueError, "seed must be one seed, or 1, got 2"),
    ({"sample_weight": [1, 2]}, ValueError, r"weights must be 4 numbers .*got shape \(2,\)"),
    ({"sample_weight": [1, -1, 1, 1]}, ValueError,
     r"weights must be 4 numbers of at least 0.*from -1 to 1"),
    ({"sample_weight": [1, np.nan, 1, 1]}, ValueError, r"weights holds nan at index \(1,\)"),
]  # fmt: skip


@pytest.mark.parametrize("entry", [train, fit])
@pytest.mark.parametrize("change, error, message", BAD)
def test_bad_arguments_are_named_before_anything_changes(change, error, message, entry):
    change = dict(change)
    net = make(dtype=change.pop("dtype", np.float64))
    before = net.state()
    arguments = {"network": net, "X": GOOD_X, "y": GOOD_Y} | change
    with pytest.raises(error, match=message):
        entry(**arguments)
    np.testing.assert_equal(net.state(), before)
    assert net.trace == () and not net.grad.any()


def test_an_activation_without_slope_is_refused_at_once():
    net = Network(6, [Dense(3), BatchNorm("heaviside"), Dense(3)])
    with pytest.raises(ValueError, match="heaviside has no backward step"):
        train(net, GOOD_X, GOOD_Y)
    assert net(GOOD_X).shape == (4, 3)


def test_several_networks_need_as_many_numbers():
    nets = make([0, 1])
    for change, message in [
        ({"optimizer": SGD([0.1, 0.2, 0.3])}, r"one number, or 2, got .*shape \(3,\)"),
        ({"regularizer": L2([0.1, 0.2, 0.3])}, "strength must be one number, or 2"),
        ({"seed": [1, 2, 3]}, "seed must be one seed, or 2, got 3"),
        ({"early_stopping": EarlyStopping(monitor="loss")}, "stops one network; with several"),
    ]:
        with pytest.raises(ValueError, match=message):
            train(nets, GOOD_X, GOOD_Y, **change)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"patience": 0}, ValueError, "patience must be at least 1, got 0"),
        ({"patience": 1.5}, TypeError, "patience must be a whole number"),
        ({"min_delta": -1}, ValueError, "min_delta must be at least 0, got -1"),
    ],
)
def test_early_stopping_that_cannot_be(arguments, error, message):
    with pytest.raises(error, match=message):
        EarlyStopping(**arguments)


def test_an_optimizer_remembers_one_network_only(digits_like):
    optimizer = SGD(0.1, momentum=0.9)
    net = make()
    fit(net, *digits_like, optimizer=optimizer, epochs=1)
    fit(net, *digits_like, optimizer=optimizer, epochs=1)  # going on is fine
    with pytest.raises(ValueError, match=r"remembers the velocity of another.*new SGD\(...\)"):
        train(make(), *digits_like, optimizer=optimizer)
    other = SGD(0.1, momentum=0.9)
    other.memory = {"velocity": np.zeros(3)}
    with pytest.raises(ValueError, match=r"shape \(3,\), this one has .*Make a new optimizer"):
        train(make(), *digits_like, optimizer=other)
    plain = SGD(0.1)
    fit(make(), *digits_like, optimizer=plain, epochs=1)
    fit(make(), *digits_like, optimizer=plain, epochs=1)  # nothing is remembered


# -- interrupted ------------------------------


@pytest.mark.parametrize("where", ["schedule", "batches"])
def test_ctrl_c_leaves_a_usable_network_and_its_history(where, digits_like):
    X, y = digits_like
    calls = []

    def interrupt(result):
        def function(argument):
            calls.append(1)
            if len(calls) == 6:
                raise KeyboardInterrupt
            return result

        return function

    rows = np.arange(40).reshape(2, 20)
    given_function = interrupt(1.0 if where == "schedule" else rows)
    net = make()
    history = fit(net, X, y, batch_size=20, validation=(X, y), **{where: given_function})
    epochs = {"schedule": 2, "batches": 5}[where]
    assert history.epochs == epochs
    assert {len(history[c]) for c in history.columns} == {epochs}
    assert history.stopped_because == f"interrupted by hand in epoch {epochs + 1}"
    assert np.isfinite(net(X)).all() and np.isfinite(net.theta).all()
    assert fit(net, X, y, epochs=1).epochs == 1  # and it can go on


def test_after_an_interrupt_while_an_epoch_is_measured_the_loop_goes_on(digits_like, monkeypatch):
    X, y = digits_like
    settings = {"epochs": 3, "batch_size": 20, "validation": (X, y)}
    run, twin = train(make(), X, y, **settings), train(make(), X, y, **settings)
    apply = run.network._apply

    def interrupted(rows):
        monkeypatch.setattr(run.network, "_apply", apply)
        raise KeyboardInterrupt

    monkeypatch.setattr(run.network, "_apply", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            pass
    assert run.history.epochs == 0 and run.stopped_because is None
    for _ in run:
        pass
    for _ in twin:
        pass
    assert_same(run, twin)


def test_a_real_ctrl_c_in_another_process():
    program = textwrap.dedent(
        """
        import signal
        import numpy as np
        from nnlib import Dense, Network, fit
        # Tests started in the background (nohup, some CI) inherit that Ctrl-C is ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(500, 20)), rng.integers(0, 3, 500)
        net = Network(20, [Dense(30, "relu"), Dense(3)])

        def schedule(epochs):
            if epochs == 3:
                print("running", flush=True)
            return 1.0

        history = fit(net, X, y, epochs=10**6, batch_size=10, schedule=schedule, progress=False)
        lengths = {len(history[c]) for c in history.columns}
        assert lengths == {history.epochs} and history.epochs >= 3, lengths
        assert np.isfinite(net.theta).all() and net(X).shape == (500, 3)
        print(history.stopped_because)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(nnlib.__file__).parents[1],
    )
    try:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert out.startswith("interrupted by hand in epoch ")


def test_other_errors_are_not_swallowed(digits_like):
    def schedule(epochs):
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        fit(make(), *digits_like, schedule=schedule)


# -- diverged ------------------------------


def test_divergence_is_named_and_the_parameters_stay_finite(digits_like):
    X, y = digits_like
    net = Network(6, [Dense(5, "relu"), Dense(3)], seed=0)
    with pytest.warns(RuntimeWarning, match="training diverged in epoch .*Lower the learning rate"):
        history = fit(net, X, y, loss="mse", optimizer=SGD(1e3), epochs=100, batch_size=10)
    assert "diverged in epoch" in history.stopped_because
    assert "the cost is" in history.stopped_because
    assert np.isfinite(net.theta).all()


@given(
    rate=st.floats(-2, 15).map(lambda e: 10.0**e),
    dtype=st.sampled_from([np.float32, np.float64]),
    loss=st.sampled_from(["mse", "cross_entropy"]),
    kind=st.sampled_from(list(OPTIMIZERS)),
    depth=st.integers(1, 4),
    seed=st.integers(0, 100),
)
def test_whatever_the_learning_rate_the_parameters_stay_finite(
    rate, dtype, loss, kind, depth, seed
):
    rng = np.random.default_rng(seed)
    X, y = 10 * rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    layers = [Dense(4, "relu") for _ in range(depth)] + [Dense(3)]
    net = Network(4, layers, seed=seed, dtype=dtype)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "training diverged", RuntimeWarning)
        history = fit(net, X, y, loss=loss, optimizer=OPTIMIZERS[kind](rate), epochs=30,
                      batch_size=5, regularizer=L2(0.01), validation=(X, y))  # fmt: skip
    assert np.isfinite(net.theta).all()
    assert history.epochs == 30 or "diverged" in history.stopped_because


def test_after_divergence_the_loop_is_over(digits_like):
    X, y = digits_like
    net = Network(6, [Dense(5, "relu"), Dense(3)], seed=0)
    run = train(net, X, y, loss="mse", optimizer=SGD(1e3), batch_size=10)
    steps = sum(1 for _ in run)
    assert steps == run.steps < 100 and list(run) == []
    assert "diverged" in repr(run)


# -- early stopping ------------------------------


def stopped(values, **options):
    """Train on nothing, with these validation losses; return the training."""
    net = Network(1, [Dense(1)], seed=0)
    stopping = EarlyStopping(monitor=options.pop("monitor", "validation_loss"), **options)
    X, y = np.ones((2, 1)), np.array([0, 1])
    run = train(net, X, y, loss="binary_cross_entropy", epochs=len(values), validation=(X, y),
                early_stopping=stopping)  # fmt: skip
    run._measure = lambda *_: {stopping.monitor: values[run.epoch]}
    run.thetas = [net.theta.copy() for _ in run]
    return run


def test_stopping_waits_for_patience_and_gives_the_best_back():
    run = stopped([5, 3, 4, 4, 3.5, 1], patience=3)
    assert run.epoch == 5
    assert run.stopped_because == (
        "validation_loss has not got better for 3 epochs; its best was epoch 2"
    )
    np.testing.assert_array_equal(run.network.theta, run.thetas[1])


def test_stopping_without_restoring_keeps_the_last():
    run = stopped([5, 3, 4, 4, 4], patience=2, restore=False)
    assert run.epoch == 4
    np.testing.assert_array_equal(run.network.theta, run.thetas[3])
    assert (run.network.theta != run.thetas[1]).all()


@pytest.mark.parametrize("restore", [True, False])
def test_fit_gives_the_best_back_when_the_epochs_run_out(restore, rng):
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)  # nothing to learn: validation worsens
    arguments = {"optimizer": SGD(2.0), "epochs": 30, "validation": (X[20:], y[20:])}
    arguments["early_stopping"] = EarlyStopping(patience=30, restore=restore)
    looped, fitted = (Network(3, [Dense(20, "tanh"), Dense(2)], seed=0) for _ in range(2))
    run = train(looped, X[:20], y[:20], **arguments)
    thetas = [looped.theta.copy() for _ in run]
    history = fit(fitted, X[:20], y[:20], **arguments)
    best = history.best("validation_loss")
    assert history.stopped_because == "all 30 epochs are done" and best < 30
    np.testing.assert_array_equal(looped.theta, thetas[-1])  # its loop may go on
    np.testing.assert_array_equal(fitted.theta, thetas[best - 1 if restore else -1])


def test_the_smallest_gain_counts_unless_told_otherwise():
    assert stopped([5, 4.9, 4.8, 4.7, 4.6], patience=2).epoch == 5


def test_a_gain_smaller_than_min_delta_does_not_count():
    assert stopped([5, 4.9, 4.8, 4.7, 4.6], patience=2, min_delta=0.5).epoch == 3
    assert stopped([5, 4.9, 4.8, 4.7, 4.6], patience=2).epoch == 5
    assert stopped([5, 5, 5, 5, 5], patience=2).epoch == 3  # nor does none at all


def test_more_is_better_for_an_accuracy():
    run = stopped([0.5, 0.7, 0.6, 0.6, 0.9], patience=2, monitor="validation_accuracy")
    assert run.epoch == 4 and "best was epoch 2" in run.stopped_because


def test_an_undefined_value_is_never_the_best():
    assert stopped([np.nan, 3, 2, 1, 0.5], patience=2).epoch == 5
    assert stopped([3, np.nan, np.nan, 1], patience=2).epoch == 3


# -- leaving and coming back ------------------------------


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
@pytest.mark.parametrize("seeds", [0, [0, 1]])
@pytest.mark.parametrize("steps", [0, 1, 4, 5, 8])
def test_a_restored_training_goes_on_bit_for_bit(kind, seeds, steps, digits_like):
    X, y = digits_like
    several = isinstance(seeds, list)
    stopping = None if several else EarlyStopping(patience=2)
    run = train(make(seeds), X, y, optimizer=OPTIMIZERS[kind](0.02), epochs=4, batch_size=10,
                validation=(X, y), early_stopping=stopping, seed=seeds)  # fmt: skip
    for _ in range(steps):
        next(run)
    snapshot = run.snapshot()
    first = [np.array([s.loss, s.cost]) for s in run]
    end = [np.copy(a) for _, a in arrays_of(everything(run))]
    columns, reason = run.history.copy().columns, run.stopped_because
    for _ in range(2):  # a snapshot can be used again
        run.optimizer.learning_rate = 5
        run.restore(snapshot)
        second = [np.array([s.loss, s.cost]) for s in run]
        np.testing.assert_array_equal(first, second)
        assert len(second) == len(first) > 0
        for a, (_, b) in zip(end, arrays_of(everything(run)), strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_equal(run.history.columns, columns)
        assert run.stopped_because == reason


def test_epochs_can_be_raised(digits_like):
    X, y = digits_like
    short = train(make(), X, y, epochs=2, batch_size=15)
    long = train(make(), X, y, epochs=5, batch_size=15)
    for _ in short:
        pass
    assert short.stopped_because == "all 2 epochs are done"
    short.epochs = 5
    assert short.stopped_because is None
    assert sum(1 for _ in short) == 9
    for _ in long:
        pass
    assert_same(short, long)


def test_the_learning_rate_can_be_changed_between_two_steps():
    net = Network(1, [Dense(1, bias=False)])
    net.layers[0].W[...] = 1
    run = train(net, [[1.0]], [0.0], loss="mse", optimizer=SGD(0.25))
    next(run)
    assert net.theta[0] == 0.5
    run.optimizer.learning_rate = 0.5
    next(run)
    assert net.theta[0] == 0
    with pytest.raises(ValueError, match="learning_rate must be above 0"):
        run.optimizer.learning_rate = -1


# -- the bar ------------------------------


def test_a_progress_bar_is_shown_when_wanted(digits_like, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm's own, where there is no notebook
        fit(make(), *digits_like, epochs=3, progress=True)
    assert "epoch" in capsys.readouterr().err
    fit(make(), *digits_like, epochs=3)  # less than two seconds
    fit(make(), *digits_like, epochs=3, progress=False)
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize("seed", [0, [0, 1, 2]])
def test_the_bar_moves_once_an_epoch_and_shows_the_mean_loss(seed, digits_like, monkeypatch):
    events = []

    class Bar:
        def __init__(self, epochs, wanted):
            events.append((epochs, wanted))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            events.append("closed")

        def update(self):
            events.append("update")

        def set_postfix(self, loss, refresh):
            events.append(loss)

    monkeypatch.setattr(nnlib.training, "progress_bar", Bar)
    history = fit(make(seed), *digits_like, epochs=3, batch_size=15, progress=True)
    shown = [f"{np.mean(loss):.4g}" for loss in history["loss"]]
    assert events == [(3, True), "update", shown[0], "update", shown[1], "update", shown[2],
                      "closed"]  # fmt: skip


def test_without_tqdm_there_is_no_bar(digits_like, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert fit(make(), *digits_like, epochs=2, progress=True).epochs == 2
    assert capsys.readouterr().err == ""


def test_losses_of_your_own_work_too(digits_like):
    class Absolute(losses.MeanSquaredError):
        """Mean absolute error."""

        name = "absolute"

        def value_and_gradient(self, output, targets, share):
            error = output - targets
            value = losses.mean(np.abs(error).sum(axis=-1), share)
            return value, losses.scale(np.sign(error), share)

    X, y = digits_like
    for seed, weights in [(0, None), (0, np.linspace(0, 1, 40)), ([0, 1], np.linspace(0, 1, 40))]:
        history = fit(Network(6, [Dense(3)], seed=seed), X, y, loss=Absolute(), epochs=20,
                      sample_weight=weights, validation=(X, y))  # fmt: skip
        assert np.all(history["loss"][-1] < history["loss"][0])
        assert "validation_accuracy" in history


def test_only_the_ratios_of_the_weights_matter():
    X, y = np.eye(4), np.array([0, 1, 0, 1])
    curves = []
    for scale in (1.0, 1e-60, 1e60):
        net = Network(4, [Dense(2)], dtype=np.float32)
        weights = scale * np.array([1.0, 2.0, 3.0, 4.0])
        curves.append(fit(net, X, y, sample_weight=weights, epochs=3, progress=False)["loss"])
    assert curves[0][0] > curves[0][-1] > 0
    np.testing.assert_allclose(curves[1:], [curves[0]] * 2, rtol=1e-6)


def test_early_stopping_gives_the_best_epoch_back_after_a_divergence():
    X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])
    net = Network(1, [Dense(1)])
    stopping = EarlyStopping(patience=1000, monitor="loss")
    with pytest.warns(RuntimeWarning, match="diverged.*Lower the learning rate"):
        history = fit(net, X, y, loss="mse", optimizer=SGD(1.5), epochs=2000,
                      early_stopping=stopping, progress=False)  # fmt: skip
    start = Network(1, [Dense(1)])
    fit(start, X, y, loss="mse", optimizer=SGD(1.5), epochs=history.best("loss"), progress=False)
    np.testing.assert_array_equal(net.theta, start.theta)


def test_a_first_step_that_is_too_long_for_any_rate_has_another_cure():
    X, y = np.full((3, 1), 1e12), np.zeros(3)
    net = Network(1, [Dense(1)], dtype=np.float32)
    with pytest.warns(RuntimeWarning, match="diverged in epoch 1, batch 1.*Scale the inputs"):
        fit(net, X, y, loss="mse", epochs=2, progress=False)


def test_a_single_network_has_none_to_drop():
    run = train(Network(2, [Dense(2)]), np.eye(2), [0, 1])
    with pytest.raises(TypeError, match="single network"):
        run.keep([0])


# -- mutations that once survived ------------------------------


def test_the_schedule_counts_epochs_when_the_number_of_batches_changes():
    asked = []

    def schedule(epochs):
        asked.append(epochs)
        return 1.0

    batches = {0: [[0], [1], [2], [3]], 1: [[0, 1, 2, 3]], 2: [[0, 1], [2, 3]]}
    fit(Network(1, [Dense(1)]), np.ones((4, 1)), np.ones(4), loss="mse", epochs=3,
        schedule=schedule, batches=batches.get, progress=False)  # fmt: skip
    assert asked == [0, 0.25, 0.5, 0.75, 1, 2, 2.5]


def test_several_networks_with_orders_of_their_own_are_weighed_as_alone(digits_like):
    X, y = digits_like
    weights = np.linspace(0, 3, 40) ** 2
    settings = {"epochs": 2, "batch_size": 7, "sample_weight": weights, "progress": False}
    together = make([0, 1, 2])
    history = fit(together, X, y, seed=[5, 6, 7], **settings)
    for k in range(3):
        alone = make(k)
        single = fit(alone, X, y, seed=5 + k, **settings)
        np.testing.assert_allclose(together[k].theta, alone.theta, rtol=1e-10)
        np.testing.assert_allclose(history["loss"][:, k], single["loss"], rtol=1e-10)


def test_the_gradient_is_clipped_with_the_penalties_in_it():
    net = Network(1, [Dense(1, bias=False)])
    net.theta[...] = 2
    # The loss pulls with 2 (2 - 0) = 4, the penalty with 100 * 2: together 204, clipped to 1.
    next(train(net, [[1.0]], [0.0], loss="mse", optimizer=SGD(0.5), regularizer=L2(100),
               clip_norm=1.0))  # fmt: skip
    assert net.theta[0] == 2 - 0.5 * 1


@pytest.mark.parametrize("name, default", [("patience", 10), ("min_delta", 0), ("restore", True),
                                           ("monitor", "validation_loss")])
def test_the_defaults_of_early_stopping_are_those_it_describes(name, default):
    assert getattr(EarlyStopping(), name) == default
    said = default if isinstance(default, (int, bool)) else None
    described = f"{name} : {type(default).__name__ if name != 'min_delta' else 'float'}"
    assert f"{described}, default {said}" in EarlyStopping.__doc__ or said is None
