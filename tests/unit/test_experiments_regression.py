"""The targets, stairs and drawings of the chapter on regression: do they show the truth?"""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments.regression import (
    BRICKS,
    TARGETS,
    abs_sin,
    as_forum,
    best_sum,
    brick_figure,
    brick_units,
    outside_figure,
    panels_figure,
    rmse,
    sin_squared,
    stairs,
    stairs_figure,
    starts_figure,
    summary,
)
from nnlib import Dense, Network

U = np.linspace(-1, 1, 401)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_twins_have_the_same_humps():
    x = np.array([0, np.pi / 2, np.pi, 3 * np.pi / 2])
    for target in TARGETS.values():
        np.testing.assert_allclose(target(x), [0, 1, 0, 1], atol=1e-12)
    quarter = np.pi / 4
    assert abs_sin(quarter) == pytest.approx(np.sqrt(0.5))
    assert sin_squared(quarter) == pytest.approx(0.5)


def test_the_forum_s_weights_lie_between_minus_and_plus_a_half():
    W = as_forum(np.random.default_rng(0), 100, 100)
    assert W.shape == (100, 100)
    assert -0.5 <= W.min() < -0.49 and 0.49 < W.max() <= 0.5


def test_a_summary_has_no_negative_zero():
    assert summary(np.array([-0.001, 0.5, 1.0])).split() == ["0.00", "0.50", "1.00"]
    assert summary(np.array([3.0, -4.27, 1.0])).split() == ["-4.27", "1.00", "3.00"]


def test_stairs_equal_the_target_in_the_middle_of_each_piece_and_are_level_around_it():
    middles = (np.arange(8) + 0.5) * np.pi / 4
    for shift in (-0.3, 0.0, 0.3):
        found = stairs(abs_sin, 0, 2 * np.pi, 8, middles + shift)
        np.testing.assert_allclose(found, abs_sin(middles), atol=1e-12)
    with pytest.raises(ValueError, match="m must be"):
        stairs(abs_sin, 0, 1, 1, middles)


@pytest.mark.parametrize("m", [20, 80])
def test_the_error_of_stairs_is_foretold(m):
    x = np.random.default_rng(0).uniform(0, 2 * np.pi, 20_000)
    error = rmse(stairs(abs_sin, 0, 2 * np.pi, m, x), abs_sin(x))
    assert error == pytest.approx(2 * np.pi / m / np.sqrt(24), rel=0.02)


def test_bricks_have_their_bends_where_they_should():
    H = brick_units("steps", 4, np.array([-1.0, -0.4, 0.2, 0.9]))
    np.testing.assert_array_equal(H.sum(axis=1), [2, 3, 4, 5])  # steps reached, and the ones
    H = brick_units("ReLU", 2, np.array([-1.0, -0.5, 0.5]))
    np.testing.assert_allclose(H, [[0, 0, 1], [0.5, 0, 1], [1.5, 0.5, 1]])
    H = brick_units("tanh", 2, np.array([-0.5, 0.5]))
    np.testing.assert_allclose(np.diag(H), 0, atol=1e-12)
    with pytest.raises(ValueError, match="brick"):
        brick_units("cosine", 2, U)


@pytest.mark.parametrize("brick", BRICKS)
def test_the_best_sum_is_no_worse_than_others_and_finds_what_is_in_reach(brick):
    H = brick_units(brick, 6, U)
    inside = H @ np.arange(7.0)
    np.testing.assert_allclose(best_sum(H, inside), inside, atol=1e-8)
    y = abs_sin(6 * U)
    best = rmse(best_sum(H, y), y)
    assert best < y.std()
    assert best <= rmse(best_sum(H[:, 1:], y), y) + 1e-12


def test_rmse_refuses_what_would_be_broadcast_to_all_pairs():
    assert rmse(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(np.sqrt(12.5))
    with pytest.raises(ValueError, match="shapes"):
        rmse(np.zeros((3, 1)), np.zeros(3))


def test_panels_draw_the_target_and_each_network():
    outputs = np.array([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]])
    (ax,) = panels_figure({"one": (np.pi, outputs, 0.5)}, abs_sin).axes
    target, *networks = ax.lines
    np.testing.assert_allclose(target.get_ydata(), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose([line.get_ydata() for line in networks], outputs)
    assert "0.50" in ax.get_title(loc="left")


def test_stairs_are_drawn():
    axes = stairs_figure(abs_sin, 2 * np.pi, (4, 40)).axes
    errors = [rmse(ax.lines[1].get_ydata(), ax.lines[0].get_ydata()) for ax in axes]
    assert errors[1] < errors[0] / 5


def test_starts_draw_each_hidden_unit_of_the_network_asked_for():
    before = Network(1, [Dense(3, "tanh"), Dense(1)], seed=[0, 1])
    after = Network(1, [Dense(3, "tanh"), Dense(1)], seed=[2, 3])
    axes = starts_figure({"Glorot": (before, after)}, k=1).axes
    for ax, net in zip(axes, (before, after), strict=True):
        drawn = np.array([line.get_ydata() for line in ax.lines])
        np.testing.assert_allclose(drawn, net.layers[0](np.linspace(-1, 1, 401)[:, None])[1].T)


def test_outside_draws_each_network_on_twice_the_interval():
    nets = Network(1, [Dense(3, "tanh"), Dense(1)], seed=[0, 1])
    (ax,) = outside_figure({"tanh": nets}, abs_sin, np.pi).axes
    *networks, target = ax.lines
    for line, end in zip(networks, nets(np.array([[3.0]])).ravel(), strict=True):
        x, output = line.get_data()
        assert x[-1] == pytest.approx(2 * np.pi)  # u = 3
        assert output[-1] == pytest.approx(end)
    np.testing.assert_allclose(target.get_ydata(), abs_sin(target.get_xdata()))


def test_the_figure_with_knobs_says_the_error_that_it_draws():
    for brick in BRICKS:
        figure, text = brick_figure(brick, 20, "|sin x|")
        target, output = (line.get_ydata() for line in figure.axes[0].lines)
        assert f"{rmse(output, target):.2g}" in text
        assert f"20 {brick}" in text
    with pytest.raises(ValueError, match="target"):
        brick_figure("tanh", 20, "cosine")
