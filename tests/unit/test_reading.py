"""A network knows its loss: predictions, accuracies and scores all read the output by it."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.metrics import r2_score

import nnlib
from nnlib import SGD, Adam, Dense, Dropout, Network, fit, losses
from nnlib.reading import Reading

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def X(rng):
    return rng.normal(size=(60, 2))


def trained(X, y, outputs=1, activation="identity", seed=0, **settings):
    settings = {"optimizer": Adam(0.02), "epochs": 200, "progress": False} | settings
    network = Network(2, [Dense(8, "tanh"), Dense(outputs, activation)], seed=seed)
    history = fit(network, X, y, validation=(X, y), **settings)
    return network, history


def test_a_regression_predicts_numbers(X):
    network, history = trained(X, 3 * X[:, 0] + 10, loss="mse")
    np.testing.assert_array_equal(network.predict(X), network(X)[:, 0])
    assert network.predict(X).shape == (60,)
    assert "validation_accuracy" not in history
    both, _ = trained(X, 3 * X + 10, outputs=2, loss="mse")
    np.testing.assert_array_equal(both.predict(X), both(X))
    with pytest.raises(ValueError, match=r"predicts numbers.*Use network.predict\(X\)"):
        network.probabilities(X)


def test_the_score_of_a_regression_is_r2(X):
    y = np.column_stack([3 * X[:, 0] + 10, X[:, 1] ** 2])
    network, _ = trained(X, y, outputs=2, loss="mse", epochs=30)
    assert network.score(X, y) == pytest.approx(r2_score(y, network.predict(X)))
    several, _ = trained(X, y, outputs=2, loss="mse", epochs=3, seed=[0, 1])
    scores = several.score(X, y)
    assert scores.shape == (2,)
    for k in range(2):
        assert scores[k] == pytest.approx(several[k].score(X, y))
    constant = np.full((60, 2), 5.0)
    assert network.score(X, constant) == r2_score(constant, network.predict(X))


def test_several_questions_are_answered_one_by_one(X):
    y = np.column_stack([X[:, 0] > 0, X[:, 1] > 0, X[:, 0] > X[:, 1]]).astype(int)
    network, history = trained(X, y, outputs=3, loss="binary_cross_entropy")
    answers = network.predict(X)
    assert answers.shape == (60, 3) and set(np.unique(answers)) == {0, 1}
    right = (answers == y).all(axis=1).mean()
    assert right == network.score(X, y) == history["validation_accuracy"][-1] > 0.8


def test_the_border_of_mse_with_targets_0_and_1_is_one_half(X):
    y = (X[:, 0] > 0.5).astype(int)
    network, history = trained(X, y, loss="mse")
    np.testing.assert_array_equal(network.predict(X), network(X)[:, 0] > 0.5)
    right = (network.predict(X) == y).mean()
    assert right == network.score(X, y) == history["validation_accuracy"][-1]
    assert right > (y == (network(X)[:, 0] > 0)).mean()  # the old border


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy"])
@pytest.mark.parametrize("activation", ["identity", "sigmoid"])
@pytest.mark.parametrize("seed", [0, [0, 1]])
def test_history_predict_and_score_agree_for_every_output(loss, activation, seed, X):
    y = (X.sum(axis=1) > 0).astype(int)
    network, history = trained(
        X, y, activation=activation, seed=seed, loss=loss, allow="sigmoid output"
    )
    right = (network.predict(X) == y).mean(axis=-1)
    np.testing.assert_array_equal(history["validation_accuracy"][-1], right)
    np.testing.assert_array_equal(network.score(X, y), right)
    assert (right > 0.9).all()


def test_mse_on_labels_and_on_one_hot_rows_predicts_labels(X):
    labels = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    for y in (labels, np.eye(3)[labels]):
        network, history = trained(X, y, outputs=3, loss="mse")
        np.testing.assert_array_equal(network.predict(X), network(X).argmax(axis=1))
        assert network.score(X, y) == history["validation_accuracy"][-1]


def test_a_network_that_was_told_nothing_does_not_guess(X):
    network = Network(2, [Dense(3)])
    for method in (network.predict, network.probabilities, lambda X: network.score(X, X)):
        with pytest.raises(ValueError, match=r"has no loss yet.*Network\(..., loss='cross_ent"):
            method(X)
    network.loss = "cross_entropy"
    np.testing.assert_array_equal(network.predict(X), network(X).argmax(axis=1))
    told = Network(2, [Dense(1)], loss="mse")
    np.testing.assert_array_equal(told.predict(X), told(X)[:, 0])
    with pytest.raises(ValueError, match="unknown loss 'hinge'"):
        network.loss = "hinge"


@pytest.mark.parametrize(
    "how",
    [copy.deepcopy, lambda net: net.copy(), lambda net: pickle.loads(pickle.dumps(net)), "file"],
)
@pytest.mark.parametrize("seed", [0, [0, 1]])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_the_loss_goes_with_the_network(how, seed, loss, X, tmp_path):
    network, _ = trained(X, (X[:, 0] > 0).astype(int), outputs=2, loss=loss, seed=seed, epochs=2)
    if how == "file":
        nnlib.save(tmp_path / "net.npz", network)
        again = nnlib.load(tmp_path / "net.npz")
    else:
        again = how(network)
    assert again.loss == losses.get(loss) and again.reading == network.reading
    np.testing.assert_array_equal(again.predict(X), network.predict(X))
    if seed:
        np.testing.assert_array_equal(network[1].predict(X), network.predict(X)[1])
        np.testing.assert_array_equal(network.take([1]).predict(X)[0], network.predict(X)[1])


def test_a_sweep_reads_as_training_does(X):
    y = (X[:, 0] > 0.5).astype(int)
    template = Network(2, [Dense(1)])
    grid = {"learning_rate": [0.01, 0.1]}
    sweep = nnlib.sweep(template, X, y, grid, loss="mse", epochs=20, validation=(X, y)).run()
    for k in range(2):
        right = (sweep.network(k).predict(X) == y).mean()
        assert sweep.curves["validation_accuracy"][k, -1] == right


def test_names_of_classes_come_back(X, tmp_path):
    y = np.where(X[:, 0] > 0, "tern", "gull")
    network, history = trained(X, y, outputs=2)
    assert set(network.predict(X)) == {"tern", "gull"} and network.classes == ("gull", "tern")
    assert network.score(X, y) == history["validation_accuracy"][-1] > 0.9
    nnlib.save(tmp_path / "net.npz", network)
    assert (nnlib.load(tmp_path / "net.npz").predict(X) == network.predict(X)).all()
    assert (trained(X, list(y), loss="binary_cross_entropy")[0].predict(X) == y).mean() > 0.9
    with pytest.raises(ValueError, match="y holds 'crow' in row 0, a class that the network does"):
        fit(network, X[:2], ["crow", "gull"])
    with pytest.raises(ValueError, match="y of validation holds 'crow'"):
        fit(network, X[:2], ["tern", "gull"], validation=(X[:1], ["crow"]))
    fit(network, X[:2], ["tern", "tern"], epochs=1)  # a class may be missing
    assert network.classes == ("gull", "tern")


SQUEEZED = [
    ("softmax", "cross_entropy", "applies softmax itself, and it would be applied twice"),
    ("sigmoid", "binary_cross_entropy", "applies sigmoid itself, and it would be applied twice"),
    ("relu", "cross_entropy", "takes logits, any numbers, and relu cuts them"),
    ("relu", "binary_cross_entropy", "takes logits, any numbers, and relu cuts them"),
    ("sigmoid", "cross_entropy", "takes logits"),
    ("tanh", "binary_cross_entropy", "takes logits"),
]


@pytest.mark.parametrize("activation, loss, message", SQUEEZED)
@pytest.mark.parametrize("call", [nnlib.train, nnlib.fit, nnlib.sweep])
def test_an_output_that_the_loss_would_read_wrongly_is_refused(call, activation, loss, message, X):
    y = np.tile([[0, 1]], (60, 1)) if loss == "binary_cross_entropy" else np.zeros(60, int)
    more = [{"seed": [0]}] if call is nnlib.sweep else []
    network = Network(2, [Dense(2, activation)])
    with pytest.raises(ValueError, match=f"{message}.*Write Dense\\(2\\) without an activation"):
        call(network, X, y, *more, loss=loss)
    call(network, X, y, *more, loss=loss, epochs=1, allow=[f"{activation} output"])
    call(network, X, y.astype(float) if y.ndim > 1 else np.eye(2)[y], *more, loss="mse", epochs=1)
    with pytest.raises(ValueError, match="unknown mistake to allow 'softmax twice'"):
        call(network, X, y, *more, loss=loss, allow="softmax twice")


def test_readings_that_do_not_exist():
    with pytest.raises(ValueError, match="kind must be one of classes, yes_no, numbers"):
        Reading("labels")


@pytest.mark.parametrize("border", [0.0, 0.5])
def test_an_output_on_the_border_says_no(border):
    reading, output = Reading("yes_no", border), np.array([[border], [border + 1e-9]])
    assert reading.predict(output).tolist() == [0, 1]
    assert reading.correct(output, np.zeros((2, 1))).tolist() == [True, False]


def test_a_last_layer_without_an_activation_squeezes_nothing(X):
    network = Network(2, [Dense(1), Dropout(0.5)], loss="mse")
    assert not hasattr(network.layers[-1], "activation") and not network.squeezes_output
    np.testing.assert_array_equal(network.predict(X), network(X)[:, 0])


def test_a_score_of_too_few_targets_tells_rows_and_targets_apart(X):
    network = Network(2, [Dense(1)], loss="mse")
    with pytest.raises(ValueError, match="X and y must have the same .*, got 60 and 59"):
        network.score(X, np.zeros(59))


def test_predict_after_a_loss_of_your_own_by_variant(X):
    doubled = losses.mse.variant("doubled", lambda a, t, share: (
        2 * losses.mse.value_and_gradient(a, t, share)[0],
        2 * losses.mse.value_and_gradient(a, t, share)[1],
    ))  # fmt: skip
    twice, once = Network(2, [Dense(1)], seed=0), Network(2, [Dense(1)], seed=0)
    fit(twice, X, X[:, 0] + 3, loss=doubled, optimizer=SGD(0.05), epochs=20)
    fit(once, X, X[:, 0] + 3, loss="mse", optimizer=SGD(0.1), epochs=20)
    np.testing.assert_allclose(twice.predict(X), once.predict(X))
    assert losses.mse.name == "mse" and doubled != losses.mse
