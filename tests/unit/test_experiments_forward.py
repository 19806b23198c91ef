"""The drawings of the chapter on the forward pass: do they show what the network computes?"""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments.forward import (
    neuron_figure,
    plane_figure,
    random_network,
    shapes_figure,
    spread_figure,
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_neuron_figure_shows_the_products():
    x, w = np.linspace(0, 1, 64), np.linspace(-2, 1, 64)
    images = [ax.images[0].get_array() for ax in neuron_figure(x, w).axes if ax.images]
    np.testing.assert_allclose(images[2].ravel(), x * w)
    assert neuron_figure(x, w).axes[1].images[0].get_clim() == (-2, 2)


def test_the_shapes_fit_together():
    texts = [text.get_text() for text in shapes_figure().axes[0].texts]
    assert texts.count("64") == 2 and texts.count("50") == 3
    assert texts.count("10") == 2 and texts.count("$n$") == 3


class TestRandomNetwork:
    @pytest.mark.parametrize("activation", ["tanh", "relu"])
    def test_without_biases_it_answers_one_half_in_the_middle(self, activation):
        for start in range(5):
            net = random_network(activation, "without", start)
            assert net(np.zeros((1, 2)))[0, 0] == 0.5
            assert random_network(activation, "with", start)(np.zeros((1, 2)))[0, 0] != 0.5

    def test_sigmoid_units_need_no_bias_for_that(self):
        assert random_network("sigmoid", "without", 0)(np.zeros((1, 2)))[0, 0] != 0.5

    def test_only_the_biases_differ(self):
        with_, without = (random_network("tanh", biases, 3) for biases in ("with", "without"))
        for one, other in zip(with_.layers, without.layers, strict=True):
            np.testing.assert_array_equal(one.W, other.W)

    def test_what_it_does_not_know(self):
        with pytest.raises(ValueError, match="biases"):
            random_network("tanh", "some", 0)
        with pytest.raises(ValueError, match="activation"):
            random_network("softmax", "with", 0)


def test_the_plane_says_what_it_answers_in_the_middle():
    figure, text = plane_figure("relu", "without", 1)
    assert "answers 0.50" in text and "answer at (0, 0): 0.50" in figure.axes[0].get_title("left")


def test_the_spread_is_drawn_from_before_the_first_epoch():
    run = (np.array([1e-2, 1e-1, 1.0]), np.array([10.0, 90.0]))
    figure = spread_figure(dict.fromkeys("abcd", run))
    left, right = figure.axes
    assert left.lines[0].get_xdata().tolist() == [0, 1, 2]
    assert right.lines[0].get_xdata().tolist() == [1, 2]
