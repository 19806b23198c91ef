"""The two recipes of chapter 2, and their picture."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import softmax
from nncourse.experiments.softmax import shares, shares_figure


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    plt.close("all")


def test_only_differences_count_for_softmax_and_only_ratios_for_shares():
    p, share = shares([2, 1, 0])
    np.testing.assert_allclose(p, np.exp([2, 1, 0]) / np.exp([2, 1, 0]).sum())
    np.testing.assert_allclose(share, [2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(shares([102, 101, 100])[0], p)
    np.testing.assert_allclose(shares([4, 2, 0])[1], share)
    assert shares([4, 2, 0])[0][0] > p[0]


@pytest.mark.parametrize("scores", [[0, 0], [1, -2], [np.nan, 1]])
def test_shares_of_nothing_are_refused(scores):
    with pytest.raises(ValueError, match="positive sum"):
        shares(scores)


def test_the_figure_has_a_bar_for_each_number_and_its_text_says_them():
    figure, alt = shares_figure([4.0, 2.0, 0.0])
    (ax,) = figure.axes
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, np.concatenate(shares([4, 2, 0])))
    assert ax.get_title("left") == "scores (4, 2, 0)"
    assert "softmax 0.867, 0.117, 0.016; share of the total 0.667, 0.333, 0.000" in alt


def test_the_product_of_the_two_tables_is_p_minus_t():
    p, t = np.array([0.2, 0.7, 0.1]), np.array([0, 0, 1])
    figure = softmax.jacobian_figure(p, t)
    slopes, jacobian, product = (figure.axes[k].images[0].get_array() for k in (0, 1, 3))
    np.testing.assert_allclose(slopes.T @ jacobian, product, atol=1e-12)
    np.testing.assert_allclose(product[0], p - t)
    plt.close(figure)


def test_what_has_no_end_says_so():
    figure = softmax.limits_figure({"ends": (3, 5), "never": (np.inf, np.inf)})
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.texts] == ["no end", "no end"]
    assert sorted(bar.get_width() for bar in ax.patches) == [3, 5, 860, 860]
    plt.close(figure)
