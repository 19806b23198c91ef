"""The experiments of the chapter on hyperparameters."""

import numpy as np
import pytest

from nncourse.experiments.hyperparameters import (
    GradientTimesLambda,
    best_of_random,
    chaotic_rates,
    choose_and_report,
    cross_validation,
    is_erratic,
    source_001,
)
from nnlib import L2, Dense, Network, datasets, losses


def test_gradient_times_lambda_has_the_cost_of_l2_but_not_its_slope():
    net = Network(2, [Dense(1, bias=False)])
    net.theta[...], grad = [1.0, -2.0], np.array([0.5, 0.25])
    wrong = GradientTimesLambda(10).for_network(net)
    assert wrong.value(net.theta) == L2(10).for_network(net).value(net.theta) == 10 / 2 * 5
    wrong.add_gradient(net.theta, grad)
    assert grad.tolist() == [5.5, 2.75]


def test_source_001_draws_one_knob_as_two():
    X, y = datasets.load_digits()
    X = 16 * X[:300]
    rates, strengths = [1e-4, 1.1e-3], [0.0, 10.0]
    networks = source_001(X, y[:300], rates, strengths, epochs=0)
    # The source's start: weights of size one, biases 0.01, other numbers in each cell.
    W = networks.layers[0].W
    assert W.shape == (4, 64, 50) and abs(W.std() - 1) < 0.02
    assert (W[0] != W[1]).any() and np.allclose(networks.layers[0].b, 0.01)
    trained = source_001(X, y[:300], rates, strengths, epochs=20)
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
    with pytest.raises(ValueError, match="rates and losses"):
        chaotic_rates([1.0], [calm, calm])


def test_a_single_model_reports_the_truth_and_many_equal_ones_do_not():
    right = np.random.default_rng(0).random((40, 500)) < 0.9
    alone = np.subtract(*choose_and_report(right, 100, contenders=1, repeats=2000))
    many = np.subtract(*choose_and_report(right, 100, repeats=2000))
    assert abs(alone) < 0.3
    # The largest of 40 normal numbers lies about 2.16 standard deviations up.
    assert many == pytest.approx(2.16 * 100 * np.sqrt(0.9 * 0.1 / 100), rel=0.25)


@pytest.mark.parametrize(("rows", "contenders"), [(0, 2), (500, 2), (100, 41)])
def test_impossible_choices_are_refused(rows, contenders):
    with pytest.raises(ValueError, match="rows must lie between 0 and 500"):
        choose_and_report(np.ones((40, 500), bool), rows, contenders=contenders)


def test_validation_chooses_among_the_random_trials_and_test_judges():
    validation, test = np.array([1.0, 3.0, 2.0]), np.array([10.0, 30.0, 20.0])
    assert (best_of_random(validation, test, 3, repeats=50) == 30).all()
    found = best_of_random(validation, test, 1, repeats=3000)
    assert found.mean() == pytest.approx(20, abs=0.7)
    with pytest.raises(ValueError, match="only 3 trials"):
        best_of_random(validation, test, 4)


def test_cross_validation_judges_on_rows_that_were_not_seen():
    X, y = datasets.load_digits()
    y = np.random.default_rng(0).permutation(y)  # nothing to learn: unseen rows show it
    scores, fresh = cross_validation(X[:200], y[:200], draws=2, rows=100, rate=2.0, epochs=150)
    assert scores.shape == fresh.shape == (2, 5)
    assert scores.mean() < 30 and fresh.mean() < 30
    with pytest.raises(ValueError, match="multiple of 5"):
        cross_validation(X, y, rows=901)
