"""Activations: right values and gradients, everywhere that floating-point numbers go."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnlib import activations
from nnlib.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("error")

BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])
TRAINABLE = [name for name in ACTIVATIONS if name != "heaviside"]
EXTREMES = [-1e4, -1000, -750, -100, -30, -1, -1e-3, 0, 1e-3, 1, 30, 100, 750, 1000, 1e4]


def exact(name, z):
    """The value by Python's own mathematics, one number at a time."""
    if name == "sigmoid":
        return 1 / (1 + math.exp(-z)) if z > -700 else math.exp(z) if z > -745 else 0.0
    known = {
        "identity": lambda: z,
        "heaviside": lambda: 1.0 if z > 0 else 0.0,
        "tanh": lambda: math.tanh(z),
        "relu": lambda: max(z, 0.0),
        "leaky_relu": lambda: z if z > 0 else z / 100,
        "elu": lambda: z if z > 0 else math.expm1(z),
    }
    if name not in known:
        pytest.fail(f"{name!r} is new: add its formula, by Python's math, to exact() in this file")
    return known[name]()


@BOTH
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_values_of_every_elementwise_activation_up_to_ten_thousand(name, dtype):
    z = np.array(EXTREMES, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a = ACTIVATIONS[name](z)
    assert a.dtype == dtype
    tiny = np.finfo(dtype).tiny  # below it a number has fewer digits
    expected = [exact(name, float(x)) for x in z]
    np.testing.assert_allclose(a, expected, rtol=4 * np.finfo(dtype).eps, atol=4 * tiny)


@BOTH
@pytest.mark.parametrize("rows", [1, 3])
def test_softmax_of_logits_of_ten_thousand(dtype, rows):
    logits = np.array([[1e4, -1e4, 1e4]] * rows, dtype)
    p = activations.softmax(logits)
    assert p.dtype == dtype
    np.testing.assert_array_equal(p, [[0.5, 0, 0.5]] * rows)


def test_softmax_against_fractions():
    # exp(log 1), exp(log 2), exp(log 5): the shares are 1/8, 2/8, 5/8, whatever is added
    z = np.log([[1.0, 2, 5]]) + np.array([[0.0], [700], [-700]])
    np.testing.assert_allclose(activations.softmax(z), [[1 / 8, 2 / 8, 5 / 8]] * 3, rtol=1e-12)


@given(arrays(float, array_shapes(min_dims=1, max_dims=3, max_side=5),
              elements=st.floats(-1e4, 1e4)))  # fmt: skip
def test_softmax_rows_are_probabilities(z):
    p = activations.softmax(z)
    assert p.shape == z.shape
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
    largest = z == z.max(axis=-1, keepdims=True)
    assert (p[largest] == p.max(axis=-1, keepdims=True).repeat(z.shape[-1], -1)[largest]).all()


@pytest.mark.parametrize("name", TRAINABLE)
def test_backward_step_against_central_differences(name, rng):
    f = ACTIVATIONS[name]
    z = rng.normal(size=(4, 5))
    z += 0.1 * np.sign(z)  # away from the kinks at 0
    gradient, direction, h = rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), 1e-6
    along = ((f(z + h * direction) - f(z - h * direction)) / (2 * h) * gradient).sum()
    ours = (f.backward(f(z), gradient) * direction).sum()
    assert ours == pytest.approx(along, rel=1e-8, abs=1e-9)


@BOTH
@pytest.mark.parametrize("name", TRAINABLE)
def test_backward_step_is_finite_and_keeps_the_type_at_extremes(name, dtype):
    f = ACTIVATIONS[name]
    z = np.array([EXTREMES], dtype)
    gradient = f.backward(f(z), np.ones_like(z))
    assert gradient.dtype == dtype
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_slope_at_the_kink_is_the_left_one(name):
    gradient = ACTIVATIONS[name].backward(np.zeros(1), np.ones(1))
    assert gradient == {"relu": 0, "leaky_relu": 0.01, "elu": 1}[name]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_an_activation_takes_numbers_lists_whole_numbers_and_leaves_them_alone(name):
    f = ACTIVATIONS[name]
    z = np.array([-2, 0, 3])
    before = z.copy()
    a = f(z)
    assert a.dtype == float
    np.testing.assert_array_equal(f([-2, 0, 3]), a)
    np.testing.assert_array_equal(z, before)
    z = np.array([-2.0, 0.5, 3])
    z.flags.writeable = False
    assert f(z).shape == (3,)
    if name != "softmax":
        assert np.ndim(f(3)) == 0
        assert f(-2) == a[0]


def test_heaviside_has_no_slope_and_says_what_to_do():
    with pytest.raises(ValueError, match="heaviside has no backward step.*@heaviside"):
        activations.heaviside.backward(np.ones(1), np.ones(1))


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_activations_are_found_by_name_and_survive_pickle_and_copy(name):
    f = activations.get(name)
    assert activations.get(f) is f is ACTIVATIONS[name]
    assert pickle.loads(pickle.dumps(f)) is f
    assert copy.deepcopy(f) is f
    assert repr(f) == f"<activation {name}>"
    assert f.__doc__.startswith("a")


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        ("sigmod", ValueError, "unknown activation 'sigmod'. Did you mean 'sigmoid'.*Known names"),
        ("swish", ValueError, "unknown activation 'swish'. Known names: identity, heaviside"),
        (np.tanh, TypeError, "activation must be a name such as 'identity', got ufunc"),
        (None, TypeError, "got NoneType None"),
    ],
)
def test_unknown_activations(wrong, error, message):
    with pytest.raises(error, match=message):
        activations.get(wrong)
