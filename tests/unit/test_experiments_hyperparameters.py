"""The experiments of the chapter on hyperparameters."""

import numpy as np
import pytest

from nncourse import figures
from nncourse.experiments.hyperparameters import (
    GradientTimesLambda,
    chaotic_rates,
    coarse_map,
    cross_validation,
    is_erratic,
    maps,
    notes_grid,
)
from nnlib import L2, Dense, Network, datasets, losses


def test_gradient_times_lambda_has_the_cost_of_l2_but_not_its_slope():
    net = Network(2, [Dense(1, bias=False)])
    net.theta[...], grad = [1.0, -2.0], np.array([0.5, 0.25])
    wrong = GradientTimesLambda(10).for_network(net)
    assert wrong.value(net.theta) == L2(10).for_network(net).value(net.theta) == 10 / 2 * 5
    wrong.add_gradient(net.theta, grad)
    assert grad.tolist() == [5.5, 2.75]


def test_notes_grid_draws_one_knob_as_two():
    X, y = datasets.load_digits()
    X = 16 * X[:300]
    rates, strengths = [1e-4, 1.1e-3], [0.0, 10.0]
    networks = notes_grid(X, y[:300], rates, strengths, epochs=0)
    # The notes' start: weights of size one, biases 0.01, other numbers in each cell.
    W = networks.layers[0].W
    assert W.shape == (4, 64, 50) and abs(W.std() - 1) < 0.02
    assert (W[0] != W[1]).any() and np.allclose(networks.layers[0].b, 0.01)
    trained = notes_grid(X, y[:300], rates, strengths, epochs=20)
    cost = losses.cross_entropy(trained(X), y[:300])[0]
    # lambda 10 at the smaller rate learns like the rate eleven times as large without lambda.
    assert cost[1] < 0.7 * cost[0]
    assert abs(np.log(cost[1] / cost[2])) < 0.5 * np.log(cost[0] / cost[2])


@pytest.mark.parametrize(
    ("losses_seen", "expected"),
    [
        ([1.0] * 10 + [0.9, 0.8, 0.7], False),
        ([1.0] * 10 + [0.9, 0.02, 0.029], False),  # rises by less than half
        ([1.0] * 10 + [0.9, 0.02, 0.05], True),  # rises by more than half
        ([1.0] * 10 + [0.9, 0.8, 0.89], True),  # rises by more than 0.08
        ([1.0, 3.0, 1.0] + [0.9] * 20, False),  # early jumps do not count
    ],
)
def test_erratic_trainings_are_recognised(losses_seen, expected):
    assert is_erratic(losses_seen) is expected


def test_a_learning_rate_is_chaotic_if_most_of_its_runs_are():
    calm, jumpy, lost = [1.0] * 13, [1.0] * 10 + [0.02, 0.9, 0.5], [1.0] * 5 + [np.nan] * 8
    rates = [0.1, 0.1, 0.1, 1.0, 1.0, 1.0, 10.0]
    found = chaotic_rates(rates, [calm, calm, jumpy, jumpy, lost, calm, jumpy])
    assert found.tolist() == [False] * 3 + [True] * 4
    # One run more or less that jumps, which rounding decides, moves no border.
    again = chaotic_rates(rates, [calm, calm, calm, jumpy, lost, jumpy, jumpy])
    assert again.tolist() == found.tolist()
    # Runs of several lengths, as early stopping leaves them; and jumps at the start.
    assert not chaotic_rates([1.0, 1.0], [jumpy, calm[:5]], start=12).any()
    # In doubt, a rate counts as chaotic.
    nearly = [1.0] * 10 + [0.9, 0.8, 0.86]
    assert not chaotic_rates([1.0] * 3, [nearly, nearly, calm]).any()
    assert chaotic_rates([1.0] * 3, [nearly, nearly, calm], doubt=True).all()
    with pytest.raises(ValueError, match="rates and losses"):
        chaotic_rates([1.0], [calm, calm])


def test_cross_validation_judges_on_rows_that_were_not_seen():
    X, y = datasets.load_digits()
    y = np.random.default_rng(0).permutation(y)  # nothing to learn: unseen rows show it
    scores, fresh = cross_validation(X[:200], y[:200], draws=2, rows=100, rate=2.0, epochs=150)
    assert scores.shape == fresh.shape == (2, 5)
    assert scores.mean() < 30 and fresh.mean() < 30
    with pytest.raises(ValueError, match="multiple of 5"):
        cross_validation(X, y, rows=901)


def test_maps_name_their_powers_of_ten_and_hatch_what_is_no_number():
    shares = np.array([[10.0, 20.0], [30.0, np.nan]])
    figure = maps({"one": shares, "two": shares[:1]}, [0.1, 1.0])
    axes = figure.axes
    assert [ax.get_title(loc) for ax in axes for loc in ("left", "center")].count("one (%)") == 1
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["$10^{-1}$", "$10^{0}$"]
    assert [text.get_text() for text in axes[0].texts] == ["10", "20", "30"]
    assert axes[0].patch.get_hatch(), "nothing is hatched"
    assert axes[0].get_ylabel() and axes[0].get_xlabel()


def test_the_coarse_map_has_three_colours_and_keeps_its_numbers():
    shares = np.array([[7.5, 45.04], [65.0, 95.0]])
    figure = coarse_map(shares, [1e-5, 10.0])
    colours = figure.axes[0].collections[0].get_facecolors()
    assert len(np.unique(colours, axis=0)) == 3
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()][0] == "$10^{-5}$"
    _, metadata = figures.picture(figure, alt="A map in three steps of colour.")
    steps = [{"values": shares.ravel().tolist(), "borders": [60.0, 80.0]}]
    assert metadata["nnlib"] == {"steps": steps}
    smooth = maps({"one": shares}, [0.1, 1.0])
    assert "nnlib" not in figures.picture(smooth, alt="A map in a scale of colours.")[1]
