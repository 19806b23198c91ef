"""Backpropagation against central differences and against automatic differentiation.

Parametrised from the registries: a new layer, activation, loss, penalty or initialiser is
tested here the moment it is listed there.
"""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    L1,
    L2,
    SGD,
    BatchNorm,
    Dense,
    Dropout,
    Network,
    check_gradients,
    fit,
    losses,
    train,
)
from nnlib.activations import ACTIVATIONS, Activation
from nnlib.gradients import GradientCheck, _has_corner
from nnlib.initializers import INITIALIZERS
from nnlib.layers import LAYERS
from nnlib.losses import LOSSES
from nnlib.regularizers import PENALTIES

pytestmark = pytest.mark.filterwarnings("error")

TRAINABLE = [name for name in ACTIVATIONS if name != "heaviside"]
MAKE = {  # a layer that is not described here is made without arguments
    "Dense": lambda activation, initializer: Dense(3, activation, initializer),
    "Dropout": lambda activation, initializer: Dropout(0.4),
    "BatchNorm": lambda activation, initializer: BatchNorm(activation),
}


def needs(what, name, table):
    """An answer to a newcomer's first red test: what to add, and where."""
    if name not in table:
        pytest.fail(
            f"{name!r} is new: add {what} to {table['where']} in tests/unit/test_gradients.py"
        )
    return table[name]


def make_layer(kind, activation, initializer):
    return MAKE.get(kind, lambda *_: LAYERS[kind]())(activation, initializer)


def moved_from_kinks(network, rng):
    """Biases, scales and shifts somewhere between 0.2 and 1, away from 0 on either side."""
    for name, values, _ in network.parameters():
        if not name.endswith("W"):
            values[...] = rng.uniform(0.2, 1, values.shape) * rng.choice([-1, 1], values.shape)
    return network


def targets_for(loss, rng, n, width):
    if loss == "mse":
        return rng.normal(size=(n, width))
    if loss == "binary_cross_entropy":
        return rng.integers(0, 2, (n, width))
    if loss != "cross_entropy":
        pytest.fail(f"the loss {loss!r} is new: say in targets_for, in "
                    "tests/unit/test_gradients.py, what its targets are")  # fmt: skip
    return rng.integers(0, width - 1, n)  # the last class is missing from the batch


@pytest.mark.parametrize("initializer", list(INITIALIZERS))
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", TRAINABLE)
@pytest.mark.parametrize("kind", list(LAYERS))
def test_every_combination_passes_the_gradient_check(kind, activation, loss, initializer):
    rng = np.random.default_rng(8)
    middle = make_layer(kind, activation, initializer)
    layers = [Dense(3, activation, initializer), middle, Dense(3, "identity", initializer)]
    network = moved_from_kinks(Network(2, layers, seed=3), rng)
    # Rows far apart, so that no unit has all of them on one side of its bend.
    X, y = 2 * rng.normal(size=(5, 2)), targets_for(loss, rng, 5, 3)
    for penalty in [None, *(p(0.1) for p in PENALTIES.values()), [L1(0.05), L2(0.2)]]:
        check = check_gradients(network, X, y, loss=loss, regularizer=penalty)
        assert check.largest < 1e-6, f"{penalty}: {check}"
        if initializer != "zeros":  # weights of 0 lie on the corner of L1; its gradient there is 0
            assert check.kinks == 0, f"{penalty}: {check}"


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", TRAINABLE)
def test_every_activation_as_the_output_passes_the_gradient_check(activation, loss):
    rng = np.random.default_rng(2)
    network = moved_from_kinks(Network(2, [Dense(4, "tanh"), Dense(3, activation)], seed=1), rng)
    check = check_gradients(network, rng.normal(size=(5, 2)), targets_for(loss, rng, 5, 3),
                            loss=loss)  # fmt: skip
    assert check.largest < 1e-6 and check.kinks == 0


# -- automatic differentiation: a second forward pass, written apart -------------------------------

AUTO = {
    "where": "AUTO",
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0 * z),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(z) - 1),
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}


def auto_cost(theta, network, X, T, loss, l1, l2):
    """The cost as a function of the flat vector, from the formulas, with autograd's NumPy."""
    a, start, penalty = X, 0, 0.0
    for layer, record in zip(network.layers, network.trace, strict=True):
        arrays = []
        for name in ("W", "b", "gamma", "beta"):
            if name in layer.views:
                shape = layer.views[name].shape
                size = int(np.prod(shape))
                arrays.append(anp.reshape(theta[start : start + size], shape))
                start += size
        if isinstance(layer, Dense):
            W, b = arrays
            a = needs("its formula", layer.activation.name, AUTO)(anp.dot(a, W) + b)
            penalty = penalty + l1 * anp.sum(anp.abs(W)) + l2 / 2 * anp.sum(W**2)
        elif isinstance(layer, BatchNorm):
            gamma, beta = arrays
            centred = a - anp.mean(a, axis=0)
            scaled = centred / anp.sqrt(anp.mean(centred**2, axis=0) + layer.epsilon)
            a = needs("its formula", layer.activation.name, AUTO)(gamma * scaled + beta)
        elif isinstance(layer, Dropout):
            a = a * record.cache  # the masks that our forward pass drew
        else:
            pytest.fail(f"{type(layer).__name__} is new: add its formula to auto_cost, in "
                        "tests/unit/test_gradients.py")  # fmt: skip
    if loss == "mse":
        return anp.mean((a - T) ** 2) + penalty
    if loss == "cross_entropy":
        p = AUTO["softmax"](a)
        return -anp.sum(T * anp.log(p)) / len(X) + penalty
    if loss != "binary_cross_entropy":
        pytest.fail(f"the loss {loss!r} is new: add its formula to auto_cost, in "
                    "tests/unit/test_gradients.py")  # fmt: skip
    p = AUTO["sigmoid"](a)
    return -anp.sum(T * anp.log(p) + (1 - T) * anp.log(1 - p)) / len(X) + penalty


def assert_agrees_with_autograd(network, X, y, loss, l1=0.0, l2=0.0):
    T = losses.get(loss).encode(y, network.widths[-1])
    value, gradient = losses.get(loss)(network.forward(X, training=True), y)
    network.backward(gradient)
    for penalty in (L1(l1).for_network(network), L2(l2).for_network(network)):
        value += penalty.value(network.theta)
        penalty.add_gradient(network.theta, network.grad)
    arguments = (network, X, T, loss, l1, l2)
    assert value == pytest.approx(float(auto_cost(network.theta, *arguments)), rel=1e-12)
    expected = grad(auto_cost)(network.theta.copy(), *arguments)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(network.grad, expected, rtol=1e-10, atol=1e-10 * scale)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", TRAINABLE)
@pytest.mark.parametrize("kind", list(LAYERS))
def test_gradients_agree_with_automatic_differentiation(kind, activation, loss, rng):
    layers = [Dense(6, activation), make_layer(kind, activation, None), Dense(3)]
    network = moved_from_kinks(Network(5, layers, seed=2), rng)
    X, y = rng.normal(size=(7, 5)), targets_for(loss, rng, 7, 3)
    assert_agrees_with_autograd(network, X, y, loss, l1=0.03, l2=0.2)


@given(
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    n=st.integers(1, 6),
    inputs=st.integers(1, 5),
    activation=st.sampled_from(TRAINABLE),
    loss=st.sampled_from(list(LOSSES)),
    seed=st.integers(0, 10**6),
)
def test_gradients_of_any_shape_agree_with_automatic_differentiation(
    widths, n, inputs, activation, loss, seed
):
    rng = np.random.default_rng(seed)
    if loss == "cross_entropy":
        widths = [*widths, 2 + seed % 3]  # one unit for each class
    layers = [Dense(width, activation) for width in widths[:-1]] + [Dense(widths[-1])]
    network = moved_from_kinks(Network(inputs, layers, seed=rng), rng)
    y = targets_for(loss, rng, n, widths[-1])
    assert_agrees_with_autograd(network, rng.normal(size=(n, inputs)), y, loss)


def test_training_steps_along_the_gradient_that_is_checked(rng):
    network = Network(3, [Dense(4, "tanh"), Dense(2)], seed=0)
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)
    check = check_gradients(network, X, y, regularizer=[L1(0.1), L2(0.3)])
    next(train(network, X, y, regularizer=[L1(0.1), L2(0.3)], shuffle=False))
    np.testing.assert_allclose(network.grad, check.backprop, rtol=1e-12)


# -- the check itself ------------------------------


@pytest.fixture
def case(rng):
    network = Network(3, [Dense(4, "tanh"), Dropout(0.3), BatchNorm(), Dense(2)], seed=0)
    return network, rng.normal(size=(6, 3)), rng.integers(0, 2, 6)


def test_the_check_leaves_the_network_as_it_was(case):
    network, X, y = case
    twin = network.copy()
    network.forward(X, training=True), network.grad.fill(7)
    twin.forward(X, training=True)
    trace = network.trace
    check_gradients(network, X, y)
    assert network.trace is trace and (network.grad == 7).all()
    np.testing.assert_array_equal(network.theta, twin.theta)
    np.testing.assert_array_equal(network(X), twin(X))
    np.testing.assert_array_equal(
        network.forward(X, training=True), twin.forward(X, training=True)
    )


def test_an_interrupted_check_leaves_the_network_as_it_was(case, monkeypatch):
    network, X, y = case
    before, forward, calls = network.state(), network._forward, []

    def interrupted(rows, training):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return forward(rows, training)

    monkeypatch.setattr(network, "_forward", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        check_gradients(network, X, y)
    np.testing.assert_array_equal(network.theta, before["theta"])


def test_a_wrong_slope_is_found_and_its_entry_named(case, monkeypatch):
    network, X, y = case
    backward = Dense.backward

    def wrong(layer, record, gradient, to_input):
        passed = backward(layer, record, gradient, to_input)
        if layer is network.layers[3]:
            layer.dW[2, 1] *= -1
        return passed

    monkeypatch.setattr(Dense, "backward", wrong)
    check = check_gradients(network, X, y)
    assert check.worst == "3.W[2, 1]"
    assert check.largest == check.errors["3.W"] > 0.1
    assert check.errors["3.b"] < 1e-6
    assert "3.W " in str(check) and "worst entry 3.W[2, 1]" in str(check)


def test_entries_checks_a_sample_of_each_array(case):
    network, X, y = case
    check = check_gradients(network, X, y, entries=2)
    assert np.isfinite(check.differences).sum() == 2 * len(check.errors)
    assert check.largest < 1e-6
    few = check_gradients(network, X, y, entries=1000)
    assert np.isfinite(few.differences).all()


def test_a_kink_is_counted():
    network = Network(1, [Dense(1, "relu", "zeros"), Dense(1)])  # z = 0, exactly at the corner
    check = check_gradients(network, [[1.0]], [1.0], loss="mse")
    assert check.kinks == 2 and "2 entries lie at a kink" in str(check)
    weights_at_0 = Network(1, [Dense(1, "identity", "zeros")])
    assert check_gradients(weights_at_0, [[1.0]], [1.0], loss="mse").kinks == 0
    with_l1 = check_gradients(weights_at_0, [[1.0]], [1.0], loss="mse", regularizer=L1(0.5))
    assert with_l1.kinks == 1


def test_no_smooth_network_is_called_kinked_near_its_optimum():
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([0.0, 1, 1, 0])
    network = Network(2, [Dense(4, "tanh"), Dense(1)], seed=0)
    fit(network, X, y, loss="mse", optimizer=SGD(0.5), epochs=1000, progress=False)
    assert check_gradients(network, X, y, loss="mse").kinks == 0
    line = Network(1, [Dense(1)], seed=0)
    line.theta[...] = [3 + 1e-5, 10 + 1e-5]
    x = np.linspace(-1, 1, 20)
    assert check_gradients(line, x[:, None], 3 * x + 10, loss="mse").kinks == 0


@pytest.mark.parametrize("distance", [0.0, 0.1, 0.3, 1 / 3, 0.4, 0.6, 0.9])
def test_a_corner_anywhere_within_h_is_counted(distance):
    h = 1e-6
    network = Network(1, [Dense(1, "relu", "zeros"), Dense(1, initializer=lambda *_: [[1.0]])])
    network.layers[0].b[...] = distance * h
    check = check_gradients(network, [[0.5]], [1.0], loss="mse", h=h)
    assert check.kinks >= 1
    assert check_gradients(network, [[0.5]], [1.0], loss="mse", h=distance * h / 2 or 1).kinks == (
        2 if distance == 0 else 0
    )


def test_a_check_is_a_plain_record():
    check = GradientCheck({"0.W": 1e-9}, "0.W[0, 0]", np.zeros(1), np.zeros(1), 0)
    assert check.largest == 1e-9 and "kink" not in str(check)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"network": 3}, TypeError, "network must be a Network, got int 3"),
        ({"network": Network(3, [Dense(2)], dtype=np.float32)}, ValueError,
         "one network in float64.*drowns the differences"),
        ({"network": Network(3, [Dense(2)], seed=[0, 1])}, ValueError, r"check one: net\[0\]"),
        ({"network": Network(3, [Dense(2, "heaviside")])}, ValueError, "heaviside has no backward"),
        ({"X": [[1, 2]]}, ValueError, "X has 2 columns, but the network takes 3"),
        ({"y": [0]}, ValueError, "same number of rows, got 2 and 1"),
        ({"y": [0, 2]}, ValueError, "labels must lie between 0 and 1"),
        ({"loss": "mae"}, ValueError, "unknown loss 'mae'"),
        ({"h": 0}, ValueError, "h must be above 0, got 0"),
        ({"entries": 0}, ValueError, "entries must be at least 1, got 0"),
        ({"entries": "all"}, TypeError, "entries must be a whole number, got str"),
        ({"regularizer": 0.1}, TypeError, "regularizer must be"),
        ({"seed": None}, TypeError, "a seed is needed"),
    ],
)  # fmt: skip
def test_checks_that_cannot_be(change, error, message):
    arguments = {"network": Network(3, [Dense(2)]), "X": np.ones((2, 3)), "y": [0, 1]} | change
    with pytest.raises(error, match=message):
        check_gradients(**arguments)


def test_what_is_no_number_is_not_called_perfect():
    network = Network(2, [Dense(1)])
    network.theta[...] = 1e200
    check = check_gradients(network, [[1, 1]], [0.0], loss="mse")  # the cost is infinite
    assert check.errors == {"0.W": np.inf, "0.b": np.inf} and check.worst == "0.W[0, 0]"

    def flawed(z):
        return z * 1.0

    activation = Activation(flawed)
    activation.backward_step(lambda a, g: np.where(g == g.max(), np.nan, g))
    network = Network(3, [Dense(4, activation), Dense(2)])
    check = check_gradients(network, np.eye(3), [0, 1, 0])
    assert check.errors["0.W"] == np.inf and check.errors["1.W"] < 1e-7
    assert check.worst.startswith("0.")


def test_a_jump_within_rounding_is_no_corner():
    # With h = 1e-6 the slopes of a cost of 1 are known to 1e-8.
    sides = np.array([-4e-9, 4e-9])
    assert not _has_corner(lambda step: 5e-8, sides, 1.0, 1e-6)
    assert _has_corner(lambda step: 8e-7, 100 * sides, 1.0, 1e-6)
