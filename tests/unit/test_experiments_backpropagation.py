"""The wrong gradients of the chapter are wrong in the way their names say."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from nncourse.experiments import backpropagation
from nncourse.experiments.backpropagation import BUGS, PARAMETERS, fingerprint, gradient
from nnlib import Dense, Network, check_gradients, cross_entropy


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 4)), rng.integers(0, 3, 12)
    net = Network(4, [Dense(5, "sigmoid"), Dense(3)], seed=0)
    net.theta[...] = rng.normal(size=net.theta.size)
    _, slope = cross_entropy(net.forward(X), y)
    net.backward(slope)
    theta = dict(zip(PARAMETERS, (v for _, v, _ in net.parameters()), strict=True))
    slopes = dict(zip(PARAMETERS, (s for _, _, s in net.parameters()), strict=True))
    return net, theta, slopes, X, y


def test_without_a_bug_it_is_the_gradient(case):
    net, theta, slopes, X, y = case
    assert check_gradients(net, X, y).largest < 1e-7
    for name, slope in gradient(theta, X, y).items():
        np.testing.assert_allclose(slope, slopes[name], atol=1e-14)


WRONG = {
    "sign": set(PARAMETERS),
    "sum": set(PARAMETERS),
    "forgotten": {"W1", "b1"},
    "doubled": {"W1", "b1"},
    "from z": {"W1", "b1"},
    "outer": {"W1", "b1"},
    "bias twice": {"b1", "b2"},
    "bias last": {"b1", "b2"},
    "stepped": {"W1", "b1"},
}


@pytest.mark.parametrize("bug", BUGS)
def test_each_bug_spoils_what_it_should(case, bug):
    _, theta, slopes, X, y = case
    wrong = gradient(theta, X, y, bug)
    spoilt = {k for k in PARAMETERS if not np.allclose(wrong[k], slopes[k], atol=1e-12)}
    assert spoilt == WRONG[bug]
    assert all(wrong[name].shape == slopes[name].shape for name in PARAMETERS)


def test_outer_product_is_what_the_thread_computed_row_by_row(case):
    _, theta, _, X, y = case
    A1 = 1 / (1 + np.exp(-(X @ theta["W1"] + theta["b1"])))
    _, delta2 = cross_entropy(A1 @ theta["W2"] + theta["b2"], y)
    blame = delta2 @ theta["W2"].T
    rows = zip(blame[:, None], A1[:, None], strict=True)
    expected = X.T @ np.concatenate([e @ (a.T @ (1 - a)) for e, a in rows])
    np.testing.assert_allclose(gradient(theta, X, y, "outer")["W1"], expected)


def test_fingerprint():
    right = np.array([[3.0, 4.0]])
    assert fingerprint(-2 * right, right) == pytest.approx((-2, -1))
    assert fingerprint(np.array([[4.0, -3.0]]), right) == pytest.approx((0, 0))


def test_unknown_bug(case):
    _, theta, _, X, y = case
    with pytest.raises(ValueError, match="doubled"):
        gradient(theta, X, y, "doubledd")


def words(figure):
    """Every text that stands in a figure."""
    return {text.get_text() for text in figure.findobj(Text)} - {""}


def test_fingerprint_figure_shows_its_numbers(case):
    _, theta, _, X, y = case
    figure, found = backpropagation.fingerprint_figure(theta, X, y)
    assert set(found) == set(BUGS)
    for bug, arrays in found.items():
        assert set(arrays) == set(PARAMETERS), bug
    assert len(words(figure)) > len(BUGS)
    plt.close(figure)


def test_graph_and_shapes_name_what_they_show():
    nodes = {"x": 1.0, "h1": 0.6, "h2": 0.3, "o": 0.8, "C": 0.03}
    edges = {("x", "h1"): "times 2", ("x", "h2"): "", ("h1", "o"): "", ("h2", "o"): "",
             ("o", "C"): "times 3"}  # fmt: skip
    figure = backpropagation.graph_figure(values=nodes, slopes=nodes, edges=edges)
    assert {"times 2", "times 3"} <= words(figure)
    assert any(r"\partial h_1" in word for word in words(figure))
    forward = backpropagation.graph_figure(values=nodes, edges=edges)
    assert not any(r"\partial" in word for word in words(forward))
    shapes = backpropagation.shapes_figure()
    assert any("64" in word for word in words(shapes))
    plt.close("all")


def test_a_step_in_the_valley_goes_against_the_slope():
    walk = backpropagation.valley_walk(0.03, 2, start=(4.0, -1.0))
    assert walk.shape == (3, 2)
    for before, after in zip(walk, walk[1:], strict=False):
        nudges = 1e-6 * np.eye(2)
        up, down = (backpropagation.valley_cost(*(before + s * nudges).T) for s in (1, -1))
        np.testing.assert_allclose(after, before - 0.03 * (up - down) / 2e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("rate", "words", "falls"),
    [
        (0.01, "walks to the floor of the valley and creeps along it: cost 60", True),
        (0.05, "walks to the floor", True),
        (0.095, "jumps across the valley, less each time", True),
        (0.1, "jumps across the valley and comes no nearer", True),
        (0.105, "jumps across the valley, farther each time", False),
    ],
)
def test_the_valley_figure_says_how_the_walk_goes(rate, words, falls):
    figure, alt = backpropagation.valley_figure(rate, steps=20)
    walk = backpropagation.valley_walk(rate, steps=20)
    last = backpropagation.valley_cost(*walk[-1])
    assert words in alt
    assert (last < 60) == falls
    (ax,) = figure.axes
    assert ax.get_title("left") == f"cost 60, after 20 steps {last:.4g}"
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), walk)
    plt.close(figure)
