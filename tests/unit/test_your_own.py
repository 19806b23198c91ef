"""The examples of "How to write your own": they learn, are saved, and are right.

The page ``chapters/your_own.md`` shows this code; a test holds both together.
"""

import inspect
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import Dense, Network, activations, check_gradients, datasets, fit, losses, storage
from nnlib.activations import ACTIVATIONS, Activation
from nnlib.layers import Layer, View
from nnlib.losses import MeanSquaredError
from nnlib.optimizers import Adam

pytestmark = pytest.mark.filterwarnings("error")
PAGE = Path(nnlib.__file__).parents[1] / "chapters" / "your_own.md"


def in_the_page(code: str) -> bool:
    return textwrap.dedent(code).strip() in PAGE.read_text(encoding="utf-8")


# -- an activation ------------------------------


@Activation
def softplus(z):
    """a = log(1 + exp(z)), a smooth relu."""
    return np.logaddexp(0, z)


@softplus.backward_step
def softplus(a, gradient):
    return gradient * -np.expm1(-a)  # da/dz = sigmoid(z) = 1 - exp(-a)


class Swish(Layer):
    """a = z sigmoid(z), behind a layer: Dense(50), Swish()."""

    def forward(self, z, training, generators):
        s = activations.sigmoid(z)
        return z * s, s

    def backward(self, record, gradient, to_input):
        z, s = record.input, record.cache
        return gradient * (s + z * s * (1 - s))


# -- a layer ------------------------------


class LayerNorm(Layer):
    """Standardise each row over its inputs, then scale and shift."""

    gamma, beta, dgamma, dbeta = View(), View(), View(), View()

    def shapes(self, width_in):
        return {"gamma": (width_in,), "beta": (width_in,)}

    def initial_value(self, name, shape, generator):
        return np.ones(shape) if name == "gamma" else np.zeros(shape)

    def forward(self, x, training, generators):
        scale = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        normed = (x - x.mean(axis=-1, keepdims=True)) * scale
        output = self.gamma[..., None, :] * normed + self.beta[..., None, :]
        return output, (normed, scale)

    def backward(self, record, gradient, to_input):
        normed, scale = record.cache
        self.dgamma[...] = (gradient * normed).sum(axis=-2)
        self.dbeta[...] = gradient.sum(axis=-2)
        if not to_input:
            return None
        g = gradient * self.gamma[..., None, :]
        along = (g * normed).mean(axis=-1, keepdims=True)
        return scale * (g - g.mean(axis=-1, keepdims=True) - normed * along)


# -- a loss ------------------------------


class Huber(MeanSquaredError):
    """Half the squared error up to delta, then straight on: outliers pull less."""

    name = "huber"

    def __init__(self, delta=1.0):
        self.delta = delta

    def config(self):
        return {"delta": self.delta}

    def value_and_gradient(self, output, targets, share):
        error = output - targets
        near = np.clip(error, -self.delta, self.delta)
        value = (near * (error - near / 2)).sum(axis=-1)
        return losses.mean(value, share), losses.scale(near, share)


# -- an optimizer ------------------------------


class AdamW(Adam):
    """Adam, with weight decay beside the step (Loshchilov and Hutter 2019)."""

    settings = (*Adam.settings, "weight_decay")

    def __init__(self, learning_rate=0.001, *, weight_decay=0.01, **more):
        super().__init__(learning_rate, **more)
        self.weight_decay = weight_decay

    def update(self, theta, grad, rate, decayed):
        theta -= rate * self.weight_decay * decayed * theta
        super().update(theta, grad, rate, decayed)


EXAMPLES = [Swish, LayerNorm, Huber, AdamW]


@pytest.fixture(autouse=True)
def registered():
    before = {id(table): dict(table) for table in storage._TABLES.values()}
    for part in (softplus, *EXAMPLES):
        nnlib.register(part)
    yield
    for table in storage._TABLES.values():
        table.clear()
        table.update(before[id(table)])


def make(seed=0):
    layers = [Dense(8, "softplus"), LayerNorm(), Dense(1)]
    return Network(3, layers, seed=seed)


@pytest.fixture
def data(rng):
    X = rng.normal(size=(40, 3))
    return X, X[:, 0] * X[:, 1] + 2


@pytest.mark.parametrize("part", [softplus.function, *EXAMPLES])
def test_the_page_shows_exactly_what_is_tested(part):
    source = inspect.getsource(part)
    assert in_the_page(re.sub(r"^@Activation\n", "", source) if part not in EXAMPLES else source)


def test_their_gradients_are_right(data):
    X, y = data
    for delta in (0.05, 1, 100):
        check = check_gradients(make(), X, y, loss=Huber(delta))
        assert check.largest < 1e-6 and check.kinks == 0, check
    assert check_gradients(make(), X, y, loss="mse").largest < 1e-6


def test_the_page_says_how_large_a_right_and_a_wrong_error_are():
    X, y = datasets.load_digits()

    def error(*layers):
        network = Network(64, [*layers, Dense(10)])
        return check_gradients(network, X[:50], y[:50], loss="cross_entropy").largest

    assert error(Dense(20, softplus, "he_normal")) < 1e-6
    assert error(Dense(20), Swish()) < 1e-6
    wrong = Activation(softplus.function)
    wrong.backward_step(lambda a, gradient: gradient * np.exp(-a))  # 1 - sigmoid
    assert error(Dense(20, wrong, "he_normal")) > 1e-2
    assert "$10^{-6}$" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("weights", [None, np.linspace(0, 2, 40)])
def test_several_networks_and_weights_are_no_extra_work(data, weights):
    X, y = data
    settings = {"loss": Huber(0.5), "epochs": 5, "batch_size": 8, "sample_weight": weights}
    together = make([0, 1])
    fit(together, X, y, optimizer=AdamW([0.01, 0.02]), seed=[3, 4], **settings)
    for k, rate in enumerate((0.01, 0.02)):
        alone = make(k)
        fit(alone, X, y, optimizer=AdamW(rate), seed=3 + k, **settings)
        np.testing.assert_allclose(together[k].theta, alone.theta, rtol=1e-9)


def test_they_are_saved_and_read_again(data, tmp_path):
    X, y = data
    network = make()
    run = nnlib.train(network, X, y, loss=Huber(0.5), optimizer=AdamW(0.01, weight_decay=0.2),
                      epochs=4, batch_size=8)  # fmt: skip
    for _ in range(7):
        next(run)
    nnlib.save(tmp_path / "run.npz", run)
    resumed = nnlib.resume(tmp_path / "run.npz", X, y)
    assert resumed.loss == Huber(0.5) and resumed.optimizer.weight_decay == 0.2
    for one in (run, resumed):
        for _ in one:
            pass
    np.testing.assert_array_equal(resumed.network.theta, network.theta)
    np.testing.assert_array_equal(resumed.network.predict(X), network.predict(X))


def test_a_regression_by_huber_predicts_numbers_and_classes_get_their_accuracy(data):
    X, y = data
    network = make()
    history = fit(network, X, y, loss=Huber(), epochs=3)
    assert network.predict(X).shape == (40,) and "validation_accuracy" not in history
    labels = (y > 2).astype(int)
    classes = Network(3, [Dense(2)])
    history = fit(classes, X, labels, loss=Huber(), epochs=3, validation=(X, labels))
    assert history["validation_accuracy"][-1] == (classes.predict(X) == labels).mean()


def test_adamw_leaves_biases_and_scales_alone(data):
    X, y = data
    network = make()
    network.theta[...] = 1
    before = network.theta.copy()
    AdamW(0.1, weight_decay=0.5).step(network.theta, np.zeros_like(before), 1.0, network.decayed)
    np.testing.assert_array_equal(network.theta, np.where(network.decayed, 0.95, 1))


def test_huber_by_hand():
    value, gradient = Huber(1.0)([[0.5], [3.0]], [0.0, 0.0])
    assert value == (0.5**2 / 2 + 1 * (3 - 0.5)) / 2
    np.testing.assert_array_equal(gradient, [[0.25], [0.5]])


def test_a_sweep_takes_an_optimizer_of_your_own(data):
    sweep = nnlib.sweep(make(), *data, {"learning_rate": [0.01, 0.1]}, loss=Huber(),
                        optimizer=AdamW(weight_decay=0.3), epochs=2).run()  # fmt: skip
    assert sweep._blocks[0].run.optimizer.weight_decay == 0.3


def test_names_that_are_taken_are_refused():
    class Dense(Layer):
        pass

    with pytest.raises(ValueError, match="there is a 'Dense' already"):
        nnlib.register(Dense)
    with pytest.raises(TypeError, match="register takes a class of layer"):
        nnlib.register(3)
    assert ACTIVATIONS["softplus"] is softplus


def test_what_is_missing_says_so():
    with pytest.raises(NotImplementedError, match="Loss has no value_and_gradient yet: write it"):
        losses.Loss()([[1.0]], [1.0])
    with pytest.raises(NotImplementedError, match="Layer has no forward yet: write it"):
        Network(1, [Layer()])([[1.0]])
    with pytest.raises(NotImplementedError, match="has no rule yet: write update"):
        nnlib.optimizers.Optimizer(0.1).step(np.ones(1), np.ones(1))
