"""Storage: what is read is what was written, and nothing else is ever accepted."""

import copy
import json
import os
import pickle
import stat

import numpy as np
import pytest

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
    RMSprop,
    activations,
    initializers,
    load,
    losses,
    resume,
    save,
    schedules,
    train,
)  # fmt: skip
from nnlib.checks import GENERATORS
from nnlib.optimizers import OPTIMIZERS
from nnlib.regularizers import L2 as Penalty
from nnlib.schedules import SCHEDULES

pytestmark = pytest.mark.filterwarnings("error")


def make(seed=0, dtype=np.float64):
    layers = [
        Dense(5, initializer=initializers.normal(1 / 3)),
        BatchNorm("tanh", momentum=0.8),
        Dropout(0.2),
        Dense(3, bias=False),
    ]
    return Network(6, layers, seed=seed, dtype=dtype)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a network.npz"


# -- a network ------------------------------


@pytest.mark.parametrize("seed", [0, [0, 1, 2], np.random.Generator(np.random.MT19937(5))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_comes_back_bit_for_bit(seed, dtype, path, digits_like):
    net = make(seed, dtype)
    net.forward(digits_like[0])
    save(path, net)
    again = load(path)
    assert repr(again) == repr(net) and again.config() == net.config()
    np.testing.assert_equal(again.state(), net.state())
    np.testing.assert_array_equal(again(digits_like[0]), net(digits_like[0]))
    np.testing.assert_array_equal(again.forward(digits_like[0]), net.forward(digits_like[0]))
    assert again.theta.dtype == dtype


def test_the_file_is_one_npz_without_code_at_the_name_given(path):
    save(path, make())
    assert os.listdir(path.parent) == [path.name]
    with np.load(path, allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
        assert json.loads(str(file["header"]))["format"] == "nnlib 2"
    bare = path.with_name("without an ending")
    save(str(bare), make())
    assert bare.exists() and load(str(bare)).inputs == 6


def test_the_file_has_the_usual_permissions(path):
    save(path, make())
    other = path.with_name("other")
    other.write_text("")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_saving_twice_replaces_the_file(path):
    save(path, make(1))
    save(path, make(2))
    np.testing.assert_array_equal(load(path).theta, make(2).theta)


def test_handed_in_weights_are_saved_as_numbers(path):
    net = Network(2, [Dense(2, initializer=lambda g, i, o: np.full((i, o), 0.1))])
    save(path, net)
    np.testing.assert_array_equal(load(path).theta, net.theta)


# -- what is refused ------------------------------


def test_no_such_file(path):
    for reader in (load, lambda p: resume(p, [[0]], [0])):
        with pytest.raises(FileNotFoundError, match=r"no file .*save a network first"):
            reader(path)
    with pytest.raises(FileNotFoundError, match="no file"):
        load(path.parent)


DAMAGE = {
    "empty": lambda raw: b"",
    "cut in half": lambda raw: raw[: len(raw) // 2],
    "cut by a byte": lambda raw: raw[:-1],
    "text": lambda raw: b"hello, world",
    "a pickle": lambda raw: pickle.dumps({"theta": [1, 2]}),
    "only the start": lambda raw: raw[:10],
    "head gone": lambda raw: raw[100:],
}


@pytest.mark.parametrize("how", list(DAMAGE))
def test_damaged_files_are_refused(how, path):
    save(path, make())
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    with pytest.raises(ValueError, match="is damaged, or was not written by nnlib.*Save it again"):
        load(path)


def test_no_changed_byte_goes_unnoticed(path):
    net = make()
    save(path, net)
    raw = path.read_bytes()
    for place in range(0, len(raw), 37):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :])
        try:
            again = load(path)
        except ValueError as error:
            assert "is damaged" in str(error)
        else:  # bytes that carry nothing, such as time stamps
            np.testing.assert_equal(again.state(), net.state())


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_pickles_inside_are_refused_and_never_executed(path):
    np.savez(path, header=np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="is damaged, or was not written by nnlib"):
        load(path)
    np.save(path.with_suffix(".npy"), np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="is damaged, or was not written by nnlib"):
        load(path.with_suffix(".npy"))


def test_other_arrays_are_refused(path):
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(ValueError, match="is damaged, or was not written by nnlib"):
        load(path.with_suffix(".npy"))
    np.savez(path, theta=np.zeros(3))
    with pytest.raises(ValueError, match="not written by nnlib"):
        load(path)
    np.savez(path, header=np.array(json.dumps({"format": "nnlib 9"})))
    with pytest.raises(ValueError, match="has format 'nnlib 9', expected 'nnlib 2'.*version"):
        load(path)


def test_a_file_that_may_not_be_read_is_not_called_damaged(path, monkeypatch):
    save(path, make())

    def refuse(*_):
        raise PermissionError("not yours")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(PermissionError):
        load(path)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_crash_while_writing_leaves_the_old_file_and_nothing_else(error, path, monkeypatch):
    save(path, make(1))
    savez = np.savez

    def half(file, **arrays):
        savez(file, header=arrays["header"])
        raise error

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(type(error)):
        save(path, make(2))
    monkeypatch.undo()
    np.testing.assert_array_equal(load(path).theta, make(1).theta)
    assert os.listdir(path.parent) == [path.name]


def test_things_of_your_own_making_are_refused_before_anything_is_written(path, digits_like):
    class Double(Dense):
        pass

    def softplus(z):
        return np.log1p(np.exp(z))

    activation = activations.Activation(softplus)
    for layer in (Double(3), Dense(3, activation)):
        with pytest.raises(ValueError, match="of your own making.*nnlib.register.*numpy.save"):
            save(path, Network(6, [layer]))
    with pytest.raises(ValueError, match="of your own making.*nnlib.register.*numpy.save"):
        save(path, train(Network(6, [Double(3)]), *digits_like))
    mine = losses.mse.variant("mine", losses.mse.value_and_gradient)
    namesake = losses.mse.variant("mse", losses.mse.value_and_gradient)

    class Ridge(Penalty):
        pass

    SGD_of_mine = type("SGD", (SGD,), {})  # of the same name, but not the same

    class Patience(EarlyStopping):
        pass

    for change, message in [
        ({"loss": mine}, "a loss of your own"),
        ({"loss": namesake}, "a loss of your own"),
        ({"regularizer": Ridge(1)}, "has a penalty of your own"),
        ({"optimizer": SGD_of_mine(0.1)}, "has an optimizer of your own"),
        ({"early_stopping": Patience(monitor="loss")}, "has an early stopping of your own"),
        ({"schedule": lambda epochs: 1.0}, "has a schedule of your own"),
        ({"batches": lambda epoch: [[0]]}, "has a function for its batches of your own"),
    ]:
        with pytest.raises(ValueError, match=message):
            save(path, train(make(), *digits_like, **change))
    assert os.listdir(path.parent) == []


# -- a training ------------------------------


def test_a_training_with_every_kind_of_generator_goes_on(path, digits_like):
    kinds = [np.random.Generator(getattr(np.random, name)(3)) for name in GENERATORS]
    run = train(make(list(range(5))), *digits_like, seed=kinds, epochs=2, batch_size=7)
    next(run)
    save(path, run)
    resumed = resume(path, *digits_like)
    for one in (run, resumed):
        for _ in one:
            pass
    np.testing.assert_array_equal(resumed.network.theta, run.network.theta)


def assert_goes_on(settings, steps, path, data, seed=0, dtype=np.float64, **watched):
    """Stop after some steps, save, resume, run to the end: the same as never stopping."""
    X, y = data
    whole, stopped = (
        train(
            make(seed, dtype), X, y, **settings | {"optimizer": settings["optimizer"]()}, **watched
        )
        for _ in range(2)
    )
    for _ in range(steps):
        next(stopped)
    save(path, stopped)
    resumed = resume(path, X, y, **watched)
    assert repr(resumed) == repr(stopped)
    for run in (whole, stopped, resumed):
        for _ in run:
            pass
    for run in (stopped, resumed):
        np.testing.assert_equal(run.snapshot(), whole.snapshot())
        assert run.stopped_because == whole.stopped_because
        assert (run.epoch, run.steps) == (whole.epoch, whole.steps)
    np.testing.assert_array_equal(resumed.network.theta, whole.network.theta)
    return resumed


SETTINGS = {"epochs": 4, "batch_size": 15, "regularizer": [L1(0.01), L2(0.1)], "clip_norm": 2.0}


@pytest.mark.parametrize("kind", [
    lambda: SGD(0.1), lambda: SGD(0.1, momentum=0.9), lambda: SGD(0.1, 0.9, nesterov=True),
    lambda: RMSprop(0.01), lambda: Adam(0.01),
])  # fmt: skip
@pytest.mark.parametrize("steps", [0, 2, 3, 7])
def test_a_resumed_training_equals_one_never_stopped(kind, steps, path, digits_like):
    assert_goes_on(SETTINGS | {"optimizer": kind}, steps, path, digits_like, dtype=np.float32,
                   validation=digits_like, monitor={"again": digits_like})  # fmt: skip


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
def test_so_does_one_of_several_networks(kind, path, digits_like):
    settings = SETTINGS | {"optimizer": lambda: OPTIMIZERS[kind]([0.01, 0.02])}
    settings |= {"regularizer": L2([0.1, 0.2]), "seed": [3, 4]}
    assert_goes_on(settings, 5, path, digits_like, seed=[1, 2], validation=digits_like)


@pytest.mark.parametrize("kind", list(SCHEDULES))
def test_so_does_one_with_a_schedule(kind, path, digits_like):
    settings = SETTINGS | {"optimizer": Adam, "schedule": SCHEDULES[kind]()}
    resumed = assert_goes_on(settings, 5, path, digits_like)
    assert resumed.schedule == SCHEDULES[kind]()


@pytest.mark.parametrize("steps", [1, 8, 14])
def test_so_does_one_that_stops_early(steps, path, digits_like, rng):
    other = rng.normal(size=(20, 6)), rng.integers(0, 3, 20)
    settings = {
        "optimizer": lambda: Adam(0.1),
        "epochs": 100,
        "batch_size": 10,
        "early_stopping": EarlyStopping(patience=4),
    }
    resumed = assert_goes_on(settings, steps, path, digits_like, validation=other)
    assert "has not got better for 4 epochs" in resumed.stopped_because


def test_so_does_one_with_weights_and_another_generator(path, digits_like):
    weights = np.linspace(0, 1, 40)
    X, y = digits_like
    runs = [
        train(make(), X, y, sample_weight=weights, epochs=3, batch_size=10,
              seed=np.random.Generator(np.random.MT19937(1)))
        for _ in range(2)
    ]  # fmt: skip
    for _ in range(6):
        next(runs[1])
    save(path, runs[1])
    resumed = resume(path, X, y, sample_weight=weights)
    for run in (runs[0], resumed):
        for _ in run:
            pass
    np.testing.assert_array_equal(resumed.network.theta, runs[0].network.theta)
    for given_weights in (None, weights):
        run = train(make(), X, y, sample_weight=given_weights)
        save(path, run)
        with pytest.raises(ValueError, match="the training had (its|no) sample_weight"):
            resume(path, X, y, sample_weight=weights if given_weights is None else None)


def test_a_live_change_of_the_learning_rate_is_kept(path, digits_like):
    run = train(make(), *digits_like, optimizer=Adam(0.1), epochs=3)
    next(run)
    run.optimizer.learning_rate = 0.003
    save(path, run)
    assert resume(path, *digits_like).optimizer.learning_rate == 0.003


def test_a_finished_training_can_be_taken_up_with_more_epochs(path, digits_like):
    runs = [train(make(), *digits_like, epochs=n, batch_size=10) for n in (2, 5)]
    for run in runs:
        for _ in run:
            pass
    save(path, runs[0])
    resumed = resume(path, *digits_like)
    assert list(resumed) == []
    resumed.epochs = 5
    assert sum(1 for _ in resumed) == 12
    np.testing.assert_equal(resumed.snapshot(), runs[1].snapshot())


def test_the_network_alone_can_be_read_from_a_training(path, digits_like):
    run = train(make(), *digits_like, epochs=2)
    for _ in run:
        pass
    save(path, run)
    np.testing.assert_array_equal(load(path).theta, run.network.theta)


def test_a_network_alone_is_no_training(path, digits_like):
    save(path, make())
    with pytest.raises(ValueError, match=r"holds a network, but no training. Use nnlib.load"):
        resume(path, *digits_like)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda X, y: (X[:-1], y[:-1]), "not the data this training was saved with"),
        (lambda X, y: (X[::-1], y[::-1]), "in the same order"),
        (lambda X, y: (X + 1e-3, y), "not the data"),
        (lambda X, y: (X, np.roll(y, 1)), "not the data"),
        (lambda X, y: (X[:, :3], y), "X has 3 columns"),
    ],
)
@pytest.mark.parametrize("outputs", [1, 3])
def test_other_data_are_refused(change, message, outputs, path, digits_like):
    X, y = digits_like
    y = y.astype(float) if outputs == 1 else y
    net = Network(6, [Dense(outputs)])
    save(path, train(net, X, y, loss="mse", epochs=2))
    with pytest.raises(ValueError, match=message):
        resume(path, *change(X, y))


def test_other_weights_are_refused(path, digits_like):
    save(path, train(make(), *digits_like, sample_weight=np.ones(40)))
    with pytest.raises(ValueError, match="not the data this training was saved with"):
        resume(path, *digits_like, sample_weight=np.linspace(1, 2, 40))


def test_other_watched_data_are_refused(path, digits_like):
    save(path, train(make(), *digits_like, validation=digits_like))
    with pytest.raises(ValueError, match="not the data this training was saved with"):
        resume(path, *digits_like, validation=(digits_like[0] + 1, digits_like[1]))
    with pytest.raises(ValueError, match="the training monitored validation, got none. Give"):
        resume(path, *digits_like)
    save(path, train(make(), *digits_like))
    with pytest.raises(ValueError, match="monitored no data set, got train, validation"):
        resume(path, *digits_like, validation=digits_like, monitor={"train": digits_like})


def test_save_and_load_are_offered_at_the_front_door():
    assert nnlib.load is load and nnlib.save is save and nnlib.resume is resume
    assert schedules is nnlib.schedules


def test_one_generator_for_both_is_refused(path, digits_like):
    rng = np.random.default_rng(0)
    run = train(make(seed=rng), *digits_like, seed=rng)
    with pytest.raises(ValueError, match="share one random generator"):
        save(path, run)
    assert not path.exists()


def test_a_copy_of_a_training_can_be_saved(path, digits_like):
    run = train(make(), *digits_like, epochs=1)
    for copied in (copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
        save(path, copied)
        assert nnlib.resume(path, *digits_like).epochs == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.pop("content"),
        lambda header: header["content"]["dict"]["network"]["dict"].update(generators=["seed"]),
        lambda header: header["content"]["dict"]["network"]["dict"].update(generators=["test"]),
        lambda header: header["content"]["dict"]["network"]["dict"]["layers"][0].__setitem__(0, 7),
        lambda header: header["content"]["dict"]["network"]["dict"].pop("inputs"),
        lambda header: header["content"]["dict"]["state"]["dict"].update(theta={"array": "a9"}),
        lambda header: header["content"]["dict"]["state"]["dict"].update(theta=[0.5]),
    ],
)
def test_a_well_formed_file_that_says_what_cannot_be_is_called_damaged(change, path):
    save(path, make())
    with np.load(path) as inside:
        arrays = {name: inside[name] for name in inside.files}
    header = json.loads(str(arrays.pop("header")))
    change(header)
    with path.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (nobody may touch the global one)
    with pytest.raises(ValueError, match="damaged, or was not written by nnlib"):
        nnlib.load(path)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
