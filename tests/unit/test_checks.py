"""Checks: what passes unchanged, and errors that say what came, what was wanted, what to do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnlib import checks

pytestmark = pytest.mark.filterwarnings("error")


@given(st.integers(1, 10**9))
def test_whole_numbers_pass(value):
    assert checks.check_int("n", value) == checks.check_int("n", np.int64(value)) == value


@given(st.floats(0, 1e300, exclude_min=True))
def test_numbers_pass(value):
    assert checks.check_scalar("x", value, open_low=True) == value
    assert isinstance(checks.check_scalar("x", np.float64(value)), float)
    assert checks.check_scalar("x", np.array(value)) == value
    np.testing.assert_array_equal(checks.check_scalar("x", [value, 1], networks=2), [value, 1])


@given(arrays(st.sampled_from([np.float64, np.float32, np.int8, bool]),
              array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.just(1)))  # fmt: skip
def test_rows_pass_and_become_floats(X):
    checked = checks.check_inputs(X, X.shape[1])
    assert checked.dtype == float and checked.shape == X.shape
    if X.dtype == float:
        assert checked is X  # nothing is copied


@given(arrays(float, array_shapes(min_dims=1, max_dims=2, max_side=5), elements=st.floats(-1, 1)),
       st.data(), st.sampled_from([np.nan, np.inf, -np.inf]))  # fmt: skip
def test_one_value_that_is_not_finite_is_found_and_its_place_named(array, data, bad):
    place = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    array[place] = bad
    with pytest.raises(ValueError) as error:
        checks.check_finite(array, "A")
    assert f"A holds {bad} at index {place}" in str(error.value)


def test_opposite_infinities_do_not_hide_each_other():
    with pytest.raises(ValueError, match=r"holds inf at index \(0,\)"):
        checks.check_finite(np.array([np.inf, -np.inf]), "A")


def test_large_finite_values_pass():
    array = np.full(4, 3e38, np.float32)  # their sum overflows
    assert checks.check_finite(array, "A") is array


def test_generators():
    generator = np.random.default_rng(0)
    assert checks.as_generator(generator) is generator
    same = {checks.as_generator(seed).integers(10**9) for seed in
            (5, np.int32(5), np.random.SeedSequence(5), np.random.PCG64(5))}  # fmt: skip
    assert len(same) == 1


@pytest.mark.parametrize(
    "check, error, message",
    [
        (lambda: checks.check_choice("loss", "mze", ["mse", "mae"]), ValueError,
         "unknown loss 'mze'. Did you mean 'mse'.* Known names: mse, mae."),
        (lambda: checks.check_choice("loss", 3, ["mse"]), TypeError,
         "loss must be a name such as 'mse', got int 3. Known names: mse."),
        (lambda: checks.check_int("n", 1.0), TypeError,
         "n must be a whole number, got float 1.0. Give an int of at least 1."),
        (lambda: checks.check_int("n", np.True_), TypeError, "n must be a whole number"),
        (lambda: checks.check_int("n", 0), ValueError, "at least 1, got 0. Give a larger number."),
        (lambda: checks.check_scalar("x", 2, 0, 1), ValueError, "x must be at least 0 and at most"),
        (lambda: checks.check_scalar("x", 1j), TypeError, "x must be a number at least 0.*complex"),
        (lambda: checks.check_scalar("x", [1, 2]), ValueError,
         r"x must be one number, got an array of shape \(2,\). Only several networks"),
        (lambda: checks.check_scalar("x", [1, 2], networks=3), ValueError, "one number, or 3"),
        (lambda: checks.check_scalar("x", [1, -1], networks=2), ValueError, r"0, got \[1, -1\]"),
        (lambda: checks.check_scalar("x", {}), TypeError, "x must be a number at least 0, got d"),
        (lambda: checks.check_scalar("x", np.True_), TypeError, "x must be a number at least 0"),
        (lambda: checks.check_targets([[[0]]]), ValueError, "one or two axes, got shape"),
        (lambda: checks.check_same_length([1], [1, 2]), ValueError, "X and y must .*got 1 and 2"),
        (lambda: checks.as_generator("a"), TypeError, "seed must be a whole number, got str 'a'"),
    ],
)  # fmt: skip
def test_what_does_not_pass(check, error, message):
    with pytest.raises(error, match=message):
        check()
