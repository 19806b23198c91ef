"""Layers: each step forwards and backwards, its views, and what it asks for."""

import numpy as np
import pytest

from nnlib import BatchNorm, Dense, Dropout, Network, initializers, train
from nnlib.initializers import INITIALIZERS
from nnlib.layers import LAYERS, Layer, from_config

pytestmark = pytest.mark.filterwarnings("error")


def alone(layer, inputs, **options):
    """The layer in a network of its own."""
    Network(inputs, [layer], **options)
    return layer


# -- Dense ------------------------------


def test_dense_is_a_W_plus_b():
    layer = alone(Dense(2), 3)
    layer.W[...] = [[1, 2], [3, 4], [5, 6]]
    layer.b[...] = [10, 20]
    np.testing.assert_array_equal(layer(np.array([[1.0, 0, 2]])), [[1 + 10 + 10, 2 + 12 + 20]])


def test_dense_backward_by_hand():
    net = Network(2, [Dense(1), Dense(1)])
    first, last = net.layers
    first.W[...], last.W[...] = [[1], [2]], [[3]]
    net.forward(np.array([[1.0, 1], [2.0, 0]]))  # hidden: 3 and 2
    net.backward(np.array([[1.0], [10]]))
    assert last.dW == 3 * 1 + 2 * 10 and last.db == 11
    np.testing.assert_array_equal(first.dW, [[3 * 1 + 2 * 30], [3]])
    assert first.db == 33


def test_dense_without_bias_has_none():
    layer = alone(Dense(2, bias=False), 3)
    assert set(layer.views) == {"W", "dW"}
    with pytest.raises(AttributeError, match="has no b: it belongs to no network yet, or was made"):
        _ = layer.b


def test_a_layer_without_a_network_has_no_numbers_yet():
    layer = Dense(2, "relu")
    with pytest.raises(AttributeError, match=r"Dense\(width=2, activation='relu'.* has no W"):
        _ = layer.W
    with pytest.raises(AttributeError, match="cannot be replaced"):
        layer.W = np.zeros((3, 2))
    assert not hasattr(layer, "W")
    assert Dense.W is vars(Dense)["W"]


@pytest.mark.parametrize("name", ["W", "b", "dW", "db"])
def test_windows_are_written_in_place_and_never_replaced(name):
    net = Network(3, [Dense(2)])
    layer, vector = net.layers[0], net.grad if name[0] == "d" else net.theta
    with pytest.raises(AttributeError, match=rf"{name} is a view.*Write into it.*\[...\]"):
        setattr(layer, name, getattr(layer, name) + 1)
    vector[...] = 0
    getattr(layer, name)[...] = 5
    assert np.count_nonzero(vector == 5) == getattr(layer, name).size
    if name == "W":
        layer.W += 1  # in place, and then the same array is assigned: allowed
        layer.W[0, 0] *= 2
        assert sorted(vector[vector > 0]) == [6] * 5 + [12]
    assert np.shares_memory(getattr(layer, name), vector)


# -- initializers ------------------------------


@pytest.mark.parametrize("d_in, d_out", [(300, 200), (200, 300)])
@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_initializers_have_the_variance_of_their_paper(name, d_in, d_out):
    W = INITIALIZERS[name](np.random.default_rng(0), d_in, d_out)
    variance = {
        "zeros": 0,
        "normal": 1,
        "glorot_uniform": 2 / (d_in + d_out),
        "glorot_normal": 2 / (d_in + d_out),
        "he_uniform": 2 / d_in,
        "he_normal": 2 / d_in,
    }[name]
    assert W.shape == (d_in, d_out)
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert abs(W.mean()) <= 4 * np.sqrt(variance / W.size)
    if name.endswith("uniform"):
        assert np.abs(W).max() <= np.sqrt(3 * variance)


def test_initializers_suit_the_activation_unless_told():
    for activation in ("relu", "leaky_relu", "elu"):
        assert Dense(1, activation).initializer is initializers.he_normal
    for activation in ("identity", "sigmoid", "tanh", "softmax"):
        assert Dense(1, activation).initializer is initializers.glorot_uniform
    assert Dense(1, "relu", "zeros").initializer is initializers.zeros
    assert Dense(1, "relu", initializers.normal(0.3)).initializer.std == 0.3


def test_published_weights_can_be_handed_in():
    published = np.arange(6.0).reshape(3, 2)
    layer = alone(Dense(2, initializer=lambda generator, d_in, d_out: published), 3)
    np.testing.assert_array_equal(layer.W, published)
    published[...] = -1
    assert layer.W[0, 1] == 1


@pytest.mark.parametrize(
    "initializer, message",
    [
        (lambda g, i, o: np.zeros((o, i)), r"finite weights of shape \(3, 2\), got shape \(2, 3\)"),
        (lambda g, i, o: 0.0, r"shape \(3, 2\), got shape \(\)"),
        (lambda g, i, o: np.full((i, o), np.nan), "values that are not finite"),
    ],
)
def test_initializers_that_return_something_else(initializer, message):
    with pytest.raises(ValueError, match=message):
        Network(3, [Dense(2, initializer=initializer)])


def test_unknown_initializers():
    with pytest.raises(ValueError, match="unknown initializer 'he'.*Known names: zeros, normal"):
        Dense(2, initializer="he")
    with pytest.raises(TypeError, match="initializer must be a name.*got float 0.1"):
        Dense(2, initializer=0.1)
    with pytest.raises(ValueError, match="std must be at least 0, got -1"):
        initializers.normal(-1)


def test_names_of_initializers_lead_back_to_them():
    for name, initializer in INITIALIZERS.items():
        assert initializers.from_name(initializers.name_of(initializer)) is initializer, name
    std = initializers.from_name(initializers.name_of(initializers.normal(1 / 3))).std
    assert std == 1 / 3
    assert initializers.from_name(initializers.name_of(lambda g, i, o: None)) is None


# -- Dropout ------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_learns_on_a_part_and_is_used_whole(dtype):
    net = Network(50, [Dropout(0.4)], seed=3, dtype=dtype)
    X = np.ones((400, 50), dtype)
    a = net.forward(X, training=True)
    assert set(np.unique(a)) == {0, dtype(1 / 0.6)}
    assert (a == 0).mean() == pytest.approx(0.4, abs=0.01)
    assert a.mean() == pytest.approx(1, abs=0.02)
    assert (net.forward(X, training=True) != a).any()
    np.testing.assert_array_equal(net(X), X)


def test_dropout_stops_slopes_where_it_stopped_the_signal():
    net = Network(4, [Dense(6), Dropout(0.5), Dense(1)], seed=1)
    net.forward(np.ones((1, 4)), training=True)
    dropped = net.trace[1].output == 0
    assert 0 < dropped.sum() < 6
    net.backward(np.ones((1, 1)))
    np.testing.assert_array_equal(net.layers[0].db == 0, dropped[0])


def test_each_of_several_networks_drops_inputs_of_its_own():
    X = np.ones((7, 5))
    outputs = Network(5, [Dropout(0.5)], seed=[3, 4]).forward(X, training=True)
    for output, seed in zip(outputs, (3, 4), strict=True):
        alone = Network(5, [Dropout(0.5)], seed=seed)
        np.testing.assert_array_equal(output, alone.forward(X, training=True))


def test_dropout_in_a_list_of_one_network_is_that_of_the_network_alone(rng):
    X, gradient = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
    listed, alone = (Network(5, [Dense(5), Dropout(0.5)], seed=seed) for seed in ([3], 3))
    output = listed.forward(X, training=True)
    np.testing.assert_array_equal(output, alone.forward(X, training=True)[None])
    listed.backward(gradient[None]), alone.backward(gradient)
    np.testing.assert_array_equal(listed.layers[0].dW, alone.layers[0].dW[None])


def test_dropout_of_nothing_changes_nothing():
    net = Network(5, [Dropout(0)])
    X = np.arange(10.0).reshape(2, 5)
    np.testing.assert_array_equal(net.forward(X, training=True), X)

    class Zeros:  # the least that a generator can draw
        def random(self, shape, dtype):
            return np.zeros(shape, dtype)

    np.testing.assert_array_equal(net.layers[0].forward(X, True, [Zeros()])[0], X)


# -- BatchNorm ------------------------------


def test_batchnorm_standardises_the_batch_while_learning(rng):
    net = Network(3, [BatchNorm(epsilon=1e-12)])
    z = net.forward(5 + 2 * rng.normal(size=(50, 3)), training=True)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-9)


def test_batchnorm_is_used_with_running_averages(rng):
    net = Network(2, [BatchNorm(momentum=0.5, epsilon=1e-3)])
    layer, batches = net.layers[0], rng.normal(2, 3, size=(2, 20, 2))
    layer.gamma[...], layer.beta[...] = [2, 3], [0.5, -1]
    for X in batches:
        net.forward(X, training=True)
    first, second = batches.mean(axis=1)
    mean = 0.25 * 0 + 0.25 * first + 0.5 * second
    first, second = batches.var(axis=1)
    variance = 0.25 * 1 + 0.25 * first + 0.5 * second
    np.testing.assert_allclose(layer.statistics["mean"], mean)
    np.testing.assert_allclose(layer.statistics["variance"], variance)
    X = rng.normal(size=(4, 2))
    expected = np.array([2, 3]) * (X - mean) / np.sqrt(variance + 1e-3) + [0.5, -1]
    np.testing.assert_allclose(net(X), expected)
    np.testing.assert_array_equal(net(X[:1]), net(X)[:1])  # a row does not see its neighbours


def test_batchnorm_of_one_row_is_finite():
    net = Network(2, [Dense(3), BatchNorm("relu"), Dense(1)])
    net.forward(np.ones((1, 2)), training=True)
    net.backward(np.ones((1, 1)))
    assert np.isfinite(net.grad).all()


def test_weight_decay_acts_on_W_alone():
    net = Network(2, [Dense(3), BatchNorm(), Dropout(0.1), Dense(1, bias=False)])
    assert [W.shape for W, _ in net.weights()] == [(2, 3), (3, 1)]
    assert [name for name, *_ in net.parameters()] == ["0.W", "0.b", "1.gamma", "1.beta", "3.W"]


# -- all of them ------------------------------

EXAMPLES = {
    "Dense": lambda: Dense(4, "tanh", initializers.normal(0.5), bias=False),
    "Dropout": lambda: Dropout(0.25),
    "BatchNorm": lambda: BatchNorm("relu", momentum=0.8, epsilon=1e-4),
}


def example(kind):
    if kind not in EXAMPLES:
        pytest.fail(f"{kind} is new: add one, made with arguments of its own, to EXAMPLES in "
                    "tests/unit/test_layers.py")  # fmt: skip
    return EXAMPLES[kind]()


@pytest.mark.parametrize("kind", list(LAYERS))
def test_a_layer_is_described_by_its_config(kind):
    layer = example(kind)
    again = from_config(kind, layer.config())
    assert type(again) is type(layer)
    assert again.config() == layer.config()
    assert repr(layer).startswith(f"{kind}(")
    name, value = next(iter(layer.config().items()))
    assert f"{name}={value!r}" in repr(layer)


@pytest.mark.parametrize("kind", list(LAYERS))
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_layer_keeps_the_type_and_its_input(kind, several, dtype, rng):
    seed = [1, 2] if several else 1
    net = Network(4, [Dense(4), example(kind)], seed=seed, dtype=dtype)
    X = rng.normal(size=(5, 4)).astype(dtype)
    X.flags.writeable = False
    output = net.forward(X, training=True)
    net.backward(np.ones_like(output))
    assert output.dtype == net(X).dtype == net.grad.dtype == dtype
    assert output.shape == ((2, 5, 4) if several else (5, 4))
    assert np.count_nonzero(net.layers[0].dW)


def test_the_bare_layer_is_only_a_contract():
    layer = Layer()
    assert (layer.width_out(3), layer.shapes(3), layer.config()) == (3, {}, {})
    assert repr(layer) == "Layer()" and (layer.initial_value("x", (2,), None) == 0).all()
    with pytest.raises(NotImplementedError):
        layer(np.zeros((1, 1)))
    with pytest.raises(NotImplementedError):
        layer.backward(None, None, True)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: Dense(0), ValueError, "width must be at least 1, got 0. Give a larger number"),
        (lambda: Dense(2.0), TypeError, "width must be a whole number, got float 2.0"),
        (lambda: Dense("10"), TypeError, "width must be a whole number, got str '10'"),
        (lambda: Dense(True), TypeError, "width must be a whole number, got bool True"),
        (lambda: Dense(3, "rleu"), ValueError, "unknown activation 'rleu'. Did you mean 'relu'"),
        (lambda: Dropout(1), ValueError, "rate must be at least 0 and below 1, got 1"),
        (lambda: Dropout(-0.1), ValueError, "rate must be at least 0 and below 1, got -0.1"),
        (lambda: Dropout("half"), TypeError, "rate must be a number.*got str 'half'"),
        (lambda: Dropout(np.nan), ValueError, "rate must be.*got nan"),
        (lambda: Dropout([0.1, 0.2]), ValueError, r"rate must be one number, .*shape \(2,\)"),
        (lambda: BatchNorm(momentum=1), ValueError, "momentum must be at least 0 and below 1"),
        (lambda: BatchNorm(epsilon=0), ValueError, "epsilon must be above 0, got 0"),
        (lambda: BatchNorm("batch"), ValueError, "unknown activation 'batch'"),
    ],
)
def test_layers_that_cannot_be(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_one_row_leaves_the_running_averages_alone():
    net = Network(2, [BatchNorm()])
    net.forward(np.array([[1.0, 2.0], [3.0, 4.0]]), training=True)
    before = {name: values.copy() for name, values in net.layers[0].statistics.items()}
    net.forward(np.array([[50.0, -50.0]]), training=True)
    for name, values in net.layers[0].statistics.items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize("rows, batch_size", [(5, 1), (1, None)])
def test_batch_norm_refuses_batches_of_one_row(rows, batch_size):
    X, y = np.ones((rows, 2)), np.zeros(rows)
    with pytest.raises(ValueError, match="batches of one row"):
        train(Network(2, [Dense(3), BatchNorm(), Dense(2)]), X, y, batch_size=batch_size)


def test_two_rows_are_enough_for_running_averages():
    net = Network(1, [BatchNorm(momentum=0.5)])
    net.forward(np.array([[1.0], [3.0]]), training=True)
    assert net.layers[0].statistics["mean"] == 0.5 * 0 + 0.5 * 2
    assert net.layers[0].statistics["variance"] == 0.5 * 1 + 0.5 * 1
