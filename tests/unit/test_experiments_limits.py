"""What the chapter on limits measures, against known answers."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import limits
from nnlib import datasets


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def smallest(A, T, penalty):
    """The best last layer; with a penalty by the normal equations, not by the chapter's formula."""
    if penalty == 0:
        return np.linalg.pinv(A) @ T
    return np.linalg.solve(A.T @ A + len(A) * penalty / 2 * np.eye(A.shape[1]), A.T @ T)


def test_a_unit_bends_once_and_is_flat_on_one_side():
    x = np.linspace(-1.5, 1.5, 301)
    layer = limits.bends(x, 50, np.random.default_rng(0))
    assert layer.shape == (301, 50) and layer.min() == 0
    slopes = np.diff(layer, axis=0) / np.diff(x)[:, None]
    turning = (np.abs(np.diff(slopes, axis=0)) > 1e-6).sum(axis=0)
    assert set(turning) <= {1, 2}  # two where the bend lies between two places
    assert np.all((slopes[0] < 0.5) | (slopes[-1] < 0.5))
    np.testing.assert_allclose(np.abs(slopes).max(axis=0), 1)


def test_bias_and_variance_of_curves_made_by_hand():
    truth = limits.truth(limits.GRID)
    bias, variance = limits.bias_and_variance(np.stack([truth + 2, truth - 1]))
    assert bias == pytest.approx(0.25) and variance == pytest.approx(2.25)
    # and they add up to the squared error
    curves = np.random.default_rng(0).normal(size=(7, len(truth)))
    bias, variance = limits.bias_and_variance(curves)
    assert np.mean((curves - truth) ** 2) == pytest.approx(bias + variance)


def test_a_penalty_trades_variance_for_bias():
    found = [
        limits.bias_and_variance(limits.repeated_fits(60, penalty, smallest))
        for penalty in (1e-6, 1e-2, 1.0)
    ]
    (b1, v1), (b2, v2), (b3, v3) = found
    assert v1 > 10 * v2 > 10 * 0.5 * v3 and b3 > 5 * b2
    assert sum(found[1]) < min(sum(found[0]), sum(found[2])) / 2
    again = limits.repeated_fits(60, 1e-2, smallest)
    np.testing.assert_array_equal(again, limits.repeated_fits(60, 1e-2, smallest))
    assert len({curve[0] for curve in again}) == limits.FITS  # each has rows of its own


def test_what_the_figure_says_is_what_was_measured():
    figure, text = limits.fits_figure(60, 1e-6, smallest)
    assert "scatter widely" in text and "follows" in text
    _, text = limits.fits_figure(3, 1.0, smallest)
    assert "lie close together" in text and "misses" in text
    assert len(figure.axes) == 2


@pytest.mark.parametrize(("value", "said"), [(0.0123, "0.01"), (1.169, "1"), (0.077, "0.08")])
def test_one_digit(value, said):
    assert limits._about(value) == said


def test_a_reader_learns_digits_with_and_without_a_hidden_layer():
    (X, y), (Z, z) = datasets.split(*datasets.load_digits(), 400, 400, seed=0)
    nets = limits.reader(X, y, [30], epochs=30, starts=2)
    assert len(nets) == 2 and nets.score(Z, z).min() > 0.85
    assert len(limits.reader(X, y, (), epochs=1, starts=1).layers) == 1
    assert limits.reader(X[:7], y[:7], epochs=1).score(X[:7], y[:7]).shape == (3,)


def test_pictures_move_to_the_right_and_leave_white():
    X = np.arange(18.0).reshape(2, 9)
    once = limits.moved(X, 1).reshape(2, 3, 3)
    np.testing.assert_array_equal(once[:, :, 0], 0)
    np.testing.assert_array_equal(once[:, :, 1:], X.reshape(2, 3, 3)[:, :, :2])
    np.testing.assert_array_equal(limits.moved(X, 0), X)
    with pytest.raises(ValueError, match="square pictures"):
        limits.moved(np.zeros((2, 10)), 1)
    with pytest.raises(ValueError, match="columns"):
        limits.moved(X, -1)


def test_reliability_is_counted_bin_by_bin():
    sure = np.repeat([0.25, 0.85, 1.0, 0.55], [40, 40, 40, 19])
    right = np.concatenate([np.arange(40) < 10, np.arange(40) < 20, np.ones(40), np.ones(19)])
    mean, share, count = limits.reliability(sure, right == 1)
    np.testing.assert_allclose(mean, [0.25, 0.85, 1.0])  # 19 answers are too few for a bin
    np.testing.assert_allclose(share, [0.25, 0.5, 1.0])
    np.testing.assert_array_equal(count, [40, 40, 40])
    with pytest.raises(ValueError):
        limits.reliability(sure, right[:-1] == 1)


def test_the_drawings_show_what_they_are_given():
    stairs = limits.stairs_figure({"A": [1, 2, 3], "B": [3, 2, 1]}, ["x", "y", "z"])
    assert [list(line.get_ydata()) for line in stairs.axes[0].lines] == [[1, 2, 3], [3, 2, 1]]

    errors = np.array([[10.0, 90.0], [20.0, 70.0]])
    figure = limits.descent_figure({"a": errors, "b": errors / 2}, [5, 9], errors, [3, 4], 7)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [15, 80])
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), [7.5, 40])
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), [15, 80])

    points = np.array([0.2, 0.9]), np.array([0.1, 0.8])
    figure = limits.reliability_figure(points, points[::-1])
    np.testing.assert_allclose(figure.axes[0].lines[1].get_xdata(), [20, 90])
    np.testing.assert_allclose(figure.axes[0].lines[2].get_xdata(), [10, 80])

    r = np.array([1.0, 4.0])
    figure = limits.orbits_figure(r, np.stack([r, 2 * r]), r**1.5, {"Here": (1.0, 1.0)})
    assert [text.get_text() for text in figure.axes[0].texts] == ["Here"]
    np.testing.assert_allclose(figure.axes[0].lines[2].get_ydata(), [1, 8])
