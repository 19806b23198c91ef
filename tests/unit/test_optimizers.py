"""Optimizers: step by step the same as independent libraries, and as their own formula."""

import copy
import pickle

import numpy as np
import pytest
from autograd.misc import optimizers as reference
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer as SklearnAdam
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from nnlib import SGD, Adam, RMSprop
from nnlib.optimizers import OPTIMIZERS, clip_by_norm

pytestmark = pytest.mark.filterwarnings("error")

STEPS = 12
CURVATURE = np.array([1.0, 10.0, 0.1, 3.0])
START = np.array([1.0, -2.0, 3.0, 0.5])
EXAMPLES = {
    "SGD": [
        lambda rate=0.05: SGD(rate),
        lambda rate=0.05: SGD(rate, momentum=0.9),
        lambda rate=0.05: SGD(rate, momentum=0.8, nesterov=True),
    ],
    "RMSprop": [lambda rate=0.01: RMSprop(rate)],
    "Adam": [lambda rate=0.01: Adam(rate)],
}
EVERY = [pytest.param(make, id=f"{kind}{i}") for kind in OPTIMIZERS
         for i, make in enumerate(EXAMPLES.get(kind, [None]))]  # fmt: skip


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
def test_every_optimizer_has_an_example(kind):
    assert kind in EXAMPLES, f"{kind} is new: add ways to make it to EXAMPLES in this file"


def gradient(theta, step=0):
    """The gradient of a bent valley that moves a little at every step."""
    return CURVATURE * theta + np.sin(theta + step)


def run(optimizer, steps=STEPS, dtype=float):
    theta = START.astype(dtype)
    for i in range(steps):
        optimizer.step(theta, gradient(theta, i).astype(dtype))
    return theta


def test_plain_descent_against_autograd():
    # There the velocity is (1 - mass) times the gradient, and the rate multiplies it afterwards.
    expected = reference.sgd(gradient, START, None, STEPS, step_size=0.05, mass=0.0)
    np.testing.assert_allclose(run(SGD(0.05)), expected, rtol=1e-10)


def test_momentum_against_autograd():
    expected = reference.sgd(gradient, START, None, STEPS, step_size=0.05 / (1 - 0.7), mass=0.7)
    np.testing.assert_allclose(run(SGD(0.05, momentum=0.7)), expected, rtol=1e-10)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_and_nesterov_against_scikit_learn(nesterov):
    theta = START.copy()
    other = SGDOptimizer([theta], 0.05, momentum=0.9, nesterov=nesterov)
    for i in range(STEPS):
        other.update_params([theta], [gradient(theta, i)])
    ours = run(SGD(0.05, momentum=0.9, nesterov=nesterov))
    np.testing.assert_allclose(ours, theta, rtol=1e-10)


def test_rmsprop_against_autograd():
    # There the mean square starts at 1, here at 0: start ours from there too.
    expected = reference.rmsprop(gradient, START, None, STEPS, step_size=0.01, gamma=0.8, eps=1e-6)
    optimizer = RMSprop(0.01, decay=0.8, epsilon=1e-6)
    optimizer.memory = {"mean_square": np.ones(4)}
    np.testing.assert_allclose(run(optimizer), expected, rtol=1e-10)


def test_adam_against_autograd():
    settings = {"step_size": 0.01, "b1": 0.8, "b2": 0.99, "eps": 1e-6}
    expected = reference.adam(gradient, START, None, STEPS, **settings)
    ours = run(Adam(0.01, beta1=0.8, beta2=0.99, epsilon=1e-6))
    np.testing.assert_allclose(ours, expected, rtol=1e-10)


def test_adam_against_scikit_learn_but_for_the_place_of_epsilon():
    theta = START.copy()
    other = SklearnAdam([theta], 0.01, epsilon=1e-300)
    for i in range(STEPS):
        other.update_params([theta], [gradient(theta, i)])
    np.testing.assert_allclose(run(Adam(0.01, epsilon=1e-300)), theta, rtol=1e-10)


def test_first_steps_by_hand():
    for optimizer, expected in [
        (SGD(0.5), 1 - 0.5 * 4),
        (SGD(0.5, momentum=0.9), 1 - 0.5 * 4),
        (SGD(0.5, momentum=0.9, nesterov=True), 1 - 0.9 * 0.5 * 4 - 0.5 * 4),
        (RMSprop(0.5, decay=0.75, epsilon=1e-12), 1 - 0.5 * 4 / 2),
        (Adam(0.5, epsilon=1e-12), 1 - 0.5),
    ]:
        theta = np.array([1.0])
        optimizer.step(theta, np.array([4.0]))
        assert theta[0] == pytest.approx(expected, rel=1e-10), optimizer


@pytest.mark.parametrize("make", EVERY)
def test_a_step_goes_downhill_in_place_and_leaves_the_slopes_alone(make):
    optimizer, theta = make(), START.copy()
    grad = gradient(theta)
    kept, same = grad.copy(), theta
    optimizer.step(theta, grad)
    assert theta is same and (np.sign(START - theta) == np.sign(grad)).all()
    np.testing.assert_array_equal(grad, kept)
    assert optimizer.steps == 1 and set(optimizer.memory) == set(optimizer.remembers)


@pytest.mark.parametrize("make", EVERY)
def test_a_factor_of_the_schedule_is_a_smaller_learning_rate(make):
    whole, half = START.copy(), START.copy()
    make(0.02).step(half, gradient(half))
    make(0.04).step(whole, gradient(whole), 0.5)
    np.testing.assert_allclose(whole, half, rtol=1e-14)


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_networks_step_as_each_alone(make, dtype):
    rates = [0.001, 0.05, 0.02]
    theta = np.stack([START, -START, 2 * START]).astype(dtype)
    alone = theta.copy()
    together = make(rates)
    single = [make(rate) for rate in rates]
    for i in range(STEPS):
        together.step(theta, gradient(theta, i).astype(dtype))
        for row, optimizer in zip(alone, single, strict=True):
            optimizer.step(row, gradient(row, i).astype(dtype))
    if dtype == np.float64 or isinstance(together, SGD):
        np.testing.assert_array_equal(theta, alone)
    else:  # rates of single networks are divided in float64, those of several in float32
        np.testing.assert_allclose(theta, alone, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("rate", [0.01, [0.01, 0.02]])
def test_float32_stays_float32(make, rate):
    theta = np.ones((2, 3), np.float32)
    optimizer = make(rate)
    for _ in range(3):
        optimizer.step(theta, np.ones_like(theta), 0.5)
    assert {a.dtype for a in optimizer.memory.values()} <= {np.dtype(np.float32)}
    assert theta.dtype == np.float32 and (theta < 1).all()


def test_plain_descent_remembers_nothing():
    optimizer, theta = SGD(0.1), np.ones(3)
    optimizer.step(theta, np.ones(3))
    assert optimizer.memory == {} and optimizer.remembers == ()


def test_the_learning_rate_may_change_at_any_time():
    theta, optimizer = np.zeros(1), SGD(1)
    optimizer.step(theta, np.ones(1))
    optimizer.learning_rate = 0.5
    optimizer.step(theta, np.ones(1))
    assert theta[0] == -1.5
    with pytest.raises(ValueError, match="learning_rate must be above 0, got 0"):
        optimizer.learning_rate = 0
    assert optimizer.learning_rate == 0.5


@pytest.mark.parametrize("make", EVERY)
def test_config_makes_an_equal_optimizer_and_a_copy_goes_on(make):
    optimizer = make()
    again = OPTIMIZERS[type(optimizer).__name__](**optimizer.config())
    assert repr(again) == repr(optimizer)
    np.testing.assert_array_equal(run(again), run(optimizer))
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert twin.moves is None
        np.testing.assert_array_equal(run(twin), run(copy.deepcopy(optimizer)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clipping_shortens_each_network_alone_and_keeps_the_direction(dtype):
    grad = np.array([[3, 4], [0.3, 0.4], [0, 0]], dtype)
    clip_by_norm(grad, 1)
    np.testing.assert_allclose(grad, [[0.6, 0.8], [0.3, 0.4], [0, 0]], rtol=1e-6)
    assert grad.dtype == dtype
    huge = np.array([[-3e30, 0, -4e30], [3, 0, -4]], dtype)  # squares overflow in float32
    clip_by_norm(huge, 2.5)
    np.testing.assert_allclose(huge, [[-1.5, 0, -2], [1.5, 0, -2]], rtol=1e-6)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: SGD(0), ValueError, "learning_rate must be above 0, got 0. Choose a value"),
        (lambda: Adam(-0.1), ValueError, "learning_rate must be above 0, got -0.1"),
        (lambda: RMSprop(np.nan), ValueError, "learning_rate must be above 0, got nan"),
        (lambda: SGD(np.inf), ValueError, "learning_rate must be above 0, got inf"),
        (lambda: SGD([0.1, 0]), ValueError, r"learning_rate must be above 0, got \[0.1, 0\]"),
        (lambda: SGD("0.1"), TypeError, "learning_rate must be a number above 0, got str '0.1'"),
        (lambda: SGD(None), TypeError, "got NoneType None. Give an int or a float"),
        (lambda: SGD(True), TypeError, "got bool True"),
        (lambda: SGD(np.True_), TypeError, "learning_rate must be a number above 0"),
        (lambda: SGD([[0.1], [0.2]]), ValueError, r"one number, or 2, got .*shape \(2, 1\)"),
        (lambda: SGD(["a"]), TypeError, "learning_rate must be a number above 0, got list"),
        (lambda: SGD(momentum=1), ValueError, "momentum must be at least 0 and below 1, got 1"),
        (lambda: SGD(momentum=[0.1, 0.2]), ValueError, "momentum must be one number"),
        (lambda: SGD(nesterov=True), ValueError, "needs a momentum above 0, for example"),
        (lambda: RMSprop(decay=-0.1), ValueError, "decay must be at least 0 and below 1"),
        (lambda: RMSprop(epsilon=0), ValueError, "epsilon must be above 0, got 0"),
        (lambda: Adam(beta1=1), ValueError, "beta1 must be at least 0 and below 1, got 1"),
        (lambda: Adam(beta2=2), ValueError, "beta2 must be at least 0 and below 1, got 2"),
    ],
)
def test_optimizers_that_cannot_be(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_numbers_of_numpy_are_numbers():
    assert SGD(np.float32(0.5)).learning_rate == SGD(np.array(0.5)).learning_rate == 0.5


def test_rates_of_several_networks_do_not_fit_a_single_one():
    for n in (2, 3):  # as many as there are parameters, too
        optimizer, theta = SGD([0.1, 0.2], momentum=0.9), np.ones(n)
        with pytest.raises(ValueError, match=rf"holds 2 numbers, but .* have shape \({n},\)"):
            optimizer.step(theta, np.ones(n))
        assert (theta == 1).all()


def test_a_refused_rate_is_no_step():
    optimizer = Adam([0.1, 0.1])
    theta = np.zeros((3, 4))
    with pytest.raises(ValueError, match="learning_rate holds 2 numbers"):
        optimizer.step(theta, np.ones_like(theta))
    assert optimizer.steps == 0 and not optimizer.memory
