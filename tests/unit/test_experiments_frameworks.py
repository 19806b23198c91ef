"""The helpers of the chapter on other libraries; they need none of them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import frameworks


def test_the_largest_difference_is_that_of_the_worst_array():
    a, b = np.zeros((2, 3)), np.zeros(3)
    moved = b.copy()
    moved[1] = -0.25
    assert frameworks.largest_difference([a, b], [a, moved]) == 0.25
    assert frameworks.largest_difference([a, b], [a, b]) == 0


def test_what_is_not_finite_is_a_difference():
    assert frameworks.largest_difference([np.array([np.nan])], [np.zeros(1)]) == np.inf
    assert frameworks.in_words(np.inf) == "inf"


@pytest.mark.parametrize("theirs", [[np.zeros((3, 2))], [np.zeros(3)], []])
def test_arrays_that_cannot_be_compared_are_refused(theirs):
    with pytest.raises(ValueError, match="differ|one length"):
        frameworks.largest_difference([np.zeros((2, 3))], theirs)


def test_rounding_has_no_digits():
    assert frameworks.in_words(3e-16) == frameworks.in_words(8e-12) == "below 1e-11"
    assert frameworks.in_words(5.3e-9) == "5e-09"
    assert frameworks.in_words(0.275) == "0.3"


def lines(figure):
    found = [line.get_ydata() for line in figure.axes[0].get_lines()]
    plt.close(figure)
    return found


def test_bands_show_the_mean_of_the_runs():
    runs = np.array([[10.0, 20.0], [50.0, 70.0]])
    (mean,) = lines(frameworks.accuracy_bands({"a": runs}))
    assert mean.tolist() == [15, 60]


def test_first_steps_are_those_of_our_adam():
    """With a constant gradient, the first formula is what nnlib's optimizer does."""
    from nnlib import Adam

    gradient, epsilon = 1e-7, 1e-8
    ours, theirs = lines(frameworks.first_steps(gradient, epsilon, steps=20))
    adam, theta = Adam(1.0, epsilon=epsilon), np.zeros(1)
    for step in range(20):
        before = theta.copy()
        adam.step(theta, np.array([gradient]))
        assert before - theta == pytest.approx(ours[step], rel=1e-9)
    assert theirs[0] < 0.5 * ours[0]  # the first step is where they differ most
    assert (np.diff(theirs) > 0).all()
