"""The experiments of chapter 3: do they compute what the chapter says they do?"""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments.gates import (
    NEVER,
    asked,
    first_below,
    learn_gate,
    neuron_answers,
    neuron_figure,
)
from nnlib import SGD, Dense, Network, datasets, fit
from nnlib.activations import sigmoid
from nnlib.initializers import normal


def noisy_rows(n=400):
    return datasets.noisy_xor(rows=n, seed=3)


class TestLearnGate:
    def test_each_network_is_the_one_trained_alone(self):
        runs = learn_gate([3, 6], SGD(1.0), steps=900)
        X, y = datasets.load_gate("xor")
        for k, seed in enumerate([3, 6]):
            net = Network(
                2, [Dense(2, "sigmoid", normal(1)), Dense(1, "sigmoid", normal(1))], seed=seed
            )
            history = fit(net, X, y, loss="mse", optimizer=SGD(1.0), epochs=900, shuffle=False)
            np.testing.assert_allclose(runs.output[k], net(X)[:, 0], rtol=1e-9)
            np.testing.assert_allclose(runs.loss[:, k], history["loss"], rtol=1e-9)

    def test_solved_at_is_the_first_step_with_all_answers_right(self):
        at = learn_gate([3], SGD(1.0)).solved_at[0]
        assert at != NEVER
        for steps, right in ((at - 1, False), (at, True)):
            X, y = datasets.load_gate("xor")
            output = learn_gate([3], SGD(1.0), steps=int(steps)).output[0]
            assert (np.abs(output - y) < 0.4).all() == right

    def test_a_stuck_start_is_not_counted(self):
        runs = learn_gate([1, 6], SGD(1.0), steps=3000)
        assert runs.solved.tolist() == [True, False]
        assert runs.median == runs.solved_at[0]
        assert runs.loss[-1, 1] == pytest.approx(1 / 8, abs=0.005)

    @pytest.mark.parametrize("gate", ["or", "and"])
    def test_other_gates_and_the_other_loss(self, gate):
        runs = learn_gate(range(3), SGD(1.0), gate=gate, loss="binary_cross_entropy")
        assert runs.solved.all()
        assert ((runs.output > 0.5) == datasets.load_gate(gate)[1]).all()


class TestAsked:
    def test_with_the_right_derivative_a_step_is_gradient_descent_on_the_sum(self):
        X, y = noisy_rows()
        one = asked(X, y, seeds=[0], derivative="once", rate=0.01, std=1.0, epochs=2)
        rng = np.random.default_rng(0)
        W1, W2 = rng.normal(size=(3, 2)), rng.normal(size=(2, 1))
        net = Network(
            2, [Dense(2, "sigmoid"), Dense(1, "sigmoid", bias=False)], seed=0
        )
        net.layers[0].W[...], net.layers[0].b[...] = W1[:2], W1[2]
        net.layers[1].W[...] = W2
        eta = 0.01 * len(y) / 2  # a sum of (o - t) for a mean of (o - t)²
        fit(net, X, y, loss="mse", optimizer=SGD(eta), epochs=2, shuffle=False)
        np.testing.assert_allclose(one.W1[0], np.vstack([net.layers[0].W, net.layers[0].b]))
        np.testing.assert_allclose(one.predict(X)[0], net(X)[:, 0])

    def test_velocity_is_true_momentum(self):
        X, y = noisy_rows()
        settings = {"seeds": [0], "derivative": "once", "std": 1.0, "epochs": 40}
        ours = asked(X, y, rate=0.001, momentum="velocity", **settings)
        rng = np.random.default_rng(0)
        W1, W2 = rng.normal(size=(3, 2)), rng.normal(size=(2, 1))
        net = Network(2, [Dense(2, "sigmoid"), Dense(1, "sigmoid", bias=False)], seed=0)
        net.layers[0].W[...], net.layers[0].b[...] = W1[:2], W1[2]
        net.layers[1].W[...] = W2
        optimizer = SGD(0.001 * len(y) / 2, momentum=0.9)
        fit(net, X, y, loss="mse", optimizer=optimizer, epochs=40, shuffle=False)
        np.testing.assert_allclose(ours.predict(X)[0], net(X)[:, 0])

    def test_half_adds_half_of_the_last_slope(self):
        X, y = noisy_rows()
        settings = {"seeds": [0], "derivative": "once", "rate": 1e-9, "std": 1.0}
        # With tiny steps the slope stays the same: 1 + 1.5 + 1.5 steps after three epochs.
        start = asked(X, y, epochs=1, **(settings | {"rate": 0.0}))
        plain = asked(X, y, epochs=1, **settings)
        half = asked(X, y, epochs=3, momentum="half", **settings)
        ratio = (half.W2 - start.W2) / (plain.W2 - start.W2)
        np.testing.assert_allclose(ratio, 4.0, rtol=1e-4)

    def test_the_posted_code_shows_the_three_symptoms(self):
        X, y = datasets.noisy_xor()
        posted = asked(X, y)
        assert np.mean(posted.predict(X) == 0.5) > 0.99
        assert (posted.largest_weight[-1] > 1000).all()
        np.testing.assert_allclose(posted.error[-1], 0.25, atol=0.001)
        plotted = 0.5 * (np.mean(y) - 0.25)
        np.testing.assert_allclose(posted.plotted[-1], plotted, atol=0.001)

    def test_the_output_bias_is_used(self):
        X, y = noisy_rows()
        runs = asked(X, y, seeds=[0, 1], output_bias=True, epochs=3, rate=0.001)
        assert runs.W2.shape == (2, 3, 1)
        hidden = sigmoid(np.column_stack([X, np.ones(len(X))]) @ runs.W1)
        z = hidden @ runs.W2[:, :2] + runs.W2[:, 2:]
        np.testing.assert_allclose(runs.predict(X), sigmoid(z)[..., 0])

    def test_stops_when_all_are_below(self):
        X, y = noisy_rows()
        runs = asked(X, y, seeds=[0, 1], epochs=50, stop_below=1.0)
        assert runs.error.shape == (1, 2)

    def test_unknown_words_are_refused(self):
        X, y = noisy_rows(40)
        with pytest.raises(ValueError, match="derivative.*thrice"):
            asked(X, y, derivative="thrice")
        with pytest.raises(ValueError, match="momentum.*nesterov"):
            asked(X, y, momentum="nesterov")


def test_first_below():
    values = np.array([[3.0, 3, 0], [1, 3, 3], [0, 3, 3]])
    assert first_below(values, 2).tolist() == [1, NEVER, 0]


class TestNeuronFigure:
    @pytest.mark.parametrize(
        ("gate", "weights", "words"),
        [
            ("or", (1, 1, -0.5), "One line divides the plane: 4 of 4 right for OR, no corner is"),
            ("xor", (1, 1, -0.5), "3 of 4 right for XOR, wrong at 11."),
            ("xor", (1, 1, -1.5), "1 of 4 right for XOR, wrong at 01 and 10 and 11."),
            ("and", (0, 0, 0), "One answer for the whole plane: 3 of 4 right for AND"),
            ("or", (0, 1, 0), "3 of 4 right for OR, wrong at 10."),
        ],
    )
    def test_mistakes_are_counted_named_and_crossed_out(self, gate, weights, words):
        figure, alt = neuron_figure(*weights, gate)
        (ax,) = figure.axes
        assert words in alt
        X, t = datasets.load_gate(gate)
        wrong = neuron_answers(X, *weights) != t
        assert ax.get_title("left") == f"{gate.upper()}: {4 - wrong.sum()} of 4 right"
        crosses = next(c for c in ax.collections if c.get_label() == "wrong").get_offsets()
        np.testing.assert_array_equal(crosses, X[wrong])
        plt.close(figure)

    @pytest.mark.parametrize("weights", [(1.0, 1.0, -0.5), (0.0, 2.0, -1.0), (-1.5, 0.25, 0.5)])
    def test_the_line_is_where_the_sum_is_zero(self, weights):
        figure, _ = neuron_figure(*weights, "xor")
        w1, w2, b = weights
        (line,) = figure.axes[0].get_lines()
        for x1, x2 in (line.get_xy1(), line.get_xy2()):
            assert b + w1 * x1 + w2 * x2 == pytest.approx(0)
        plt.close(figure)

    def test_a_corner_on_the_line_is_a_no(self):
        X, _ = datasets.load_gate("or")
        assert neuron_answers(X, 1, 1, -1).tolist() == [0, 0, 0, 1]
