"""What the chapter on data measures, against known answers."""

import matplotlib

matplotlib.use("Agg")

from math import comb

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import data
from nnlib import datasets


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_steps_are_few_where_the_columns_are_alike_and_many_where_they_are_not():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    y = X @ [2.0, -1.0] + 3
    few = data.steps_needed(X, y)
    many = data.steps_needed(X * [1, 30], y)
    assert 0 < few < 40 < many
    assert data.steps_needed(X * [1, 30], y, limit=many) is None
    assert data.steps_needed(X * [1, 30], y, limit=many + 1) == many
    assert data.steps_needed(0 * X, np.full(50, 7.0), within=1e-12) in (0, 1)  # only a bias


def test_the_count_of_steps_is_that_of_plain_descent_on_one_column():
    # x = +-1 and y = 4x: the cost is (w - 4)^2 + b^2, its second derivative 2, the rate 1/2.
    X, y = np.array([[1.0], [-1.0]]), np.array([4.0, -4.0])
    assert data.steps_needed(X, y) == 1


def test_shrinking_takes_the_mean_of_each_block_inside_a_margin():
    image = np.zeros((28, 28))
    image[2:6, 2:6] = 1  # rows 4 to 8 of the padded frame: the block in row 1, column 1
    small = data.shrink(image.reshape(1, -1)).reshape(8, 8)
    assert small[1, 1] == 1 and small.sum() == 1


def test_a_redrawn_digit_fills_the_frame_and_keeps_its_proportions():
    image = np.zeros((28, 28))
    image[4:24, 9:19] = 0.8  # twice as high as wide
    redrawn = data.redraw(image.reshape(1, -1)).reshape(8, 8)
    np.testing.assert_array_equal(redrawn[:, 2:6], 1)  # 32 high, 16 wide, black
    assert redrawn.sum() == 32
    moved = np.roll(image, (3, -5), axis=(0, 1))
    np.testing.assert_array_equal(data.redraw(moved.reshape(1, -1)).reshape(8, 8), redrawn)
    faint = data.redraw(0.5 * image.reshape(1, -1) / 0.8)  # exactly one half everywhere
    assert faint.sum() == 0


def test_a_reader_is_several_networks_and_each_is_counted():
    X, y = datasets.load_digits()
    nets = data.reader(X[:300], y[:300], epochs=3, starts=2)
    assert nets.widths == (64, 50, 10) and len(nets) == 2
    right = data.percent_right(nets, X[300:500], y[300:500])
    assert right.shape == (2,)
    by_hand = [100 * np.mean(nets[k].predict(X[300:500]) == y[300:500]) for k in range(2)]
    np.testing.assert_allclose(right, by_hand)


def test_a_scaler_that_saw_the_test_rows_is_compared_with_one_that_did_not(monkeypatch):
    X = np.random.default_rng(0).normal(size=(400, 3))
    y = np.arange(400) % 2
    seen = []

    class Net:
        def predict(self, rows):
            seen.append(rows.mean())
            return np.zeros(len(rows)) if len(seen) == 1 else np.ones(len(rows))

    monkeypatch.setattr(data, "one_layer", lambda rows, labels, classes: Net())
    gained = data.scaler_leak(X, y, 40, seed=0)
    (_, _), (_, b) = datasets.split(X, y, 40, 360, seed=0)
    assert gained == pytest.approx(100 * (np.mean(b == 0) - np.mean(b == 1)))
    # Scaled by all 400 rows the test rows are nearer to mean 0 than scaled by the 40.
    assert abs(seen[0]) < abs(seen[1])


def test_the_probability_of_no_rare_row_is_that_of_counting():
    assert data.none_in_test(4, 1, 2) == 0.5
    assert data.none_in_test(5, 3, 3) == 0  # only two rows are not rare
    rng = np.random.default_rng(0)
    drawn = np.mean([rng.permutation(30)[:8].min() >= 4 for _ in range(4000)])
    assert data.none_in_test(30, 4, 8) == pytest.approx(drawn, abs=0.03)


def test_the_bars_are_probabilities_and_the_first_is_none():
    figure, alt = data.rare_in_test(20, 4, 5)
    (ax,) = figure.axes
    heights = [bar.get_height() for bar in ax.patches]
    assert heights[0] == pytest.approx(100 * data.none_in_test(20, 4, 5))
    assert heights[1] == pytest.approx(100 * 4 * comb(16, 4) / comb(20, 5))
    assert sum(heights) == pytest.approx(100, abs=0.1)
    assert f"{heights[0]:.1f} per cent" in alt and alt.endswith("most often 1.")


def test_pictures_stand_in_rows_with_their_names():
    first, second = np.zeros((3, 64)), np.eye(64)[:3]
    figure = data.rows_of_pictures({"pale": first, "one pixel": second})
    axes = np.reshape(figure.axes, (2, 3))
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["pale", "one pixel"]
    np.testing.assert_array_equal(axes[1, 2].images[0].get_array(), second[2].reshape(8, 8))
    assert axes[0, 0].images[0].get_clim() == (0, 1)
