"""A goal is reached by its reason and not by luck: every setting tried, over several data draws."""

import numpy as np
import pytest

import nnlib
from nncourse.widgets import TrainingPlayer, problems

RATES = [0.005, 0.02, 0.1, 0.3, 1]
PENALTIES = [0, 0.001, 0.003, 0.01]


def drawn(problem, number):
    """The player's rows, dealt anew into training and validation; number 0 as they are."""
    train, validation = problem.train, problem.validation
    if number == 0:
        return train, validation
    X, y = (np.concatenate([a, b]) for a, b in zip(train, validation))
    order = np.random.default_rng(number).permutation(len(y))
    first, second = order[: len(train[1])], order[len(train[1]) :]
    return (X[first], y[first]), (X[second], y[second])


def losses(player, data, rate, l2):
    """Validation loss by epoch, as the figure trains with these settings."""
    plan, recipe = player.problem.plan, player.settings["recipe"]
    train, validation = data
    try:
        history = nnlib.fit(
            problems.start_network(plan, recipe["seed"]), *train, loss=player.problem.loss,
            optimizer=nnlib.SGD(rate, momentum=recipe["momentum"]),
            regularizer=nnlib.L2(l2) if l2 else None, epochs=player.settings["epochs"],
            batches=problems.batches(len(train[1]), recipe["batch"], recipe["seed"]),
            validation=validation, progress=False,
        )  # fmt: skip
    except FloatingPointError:
        return np.array([np.inf])
    return history["validation_loss"]


@pytest.mark.parametrize("draw", [0, 1, 2])
def test_to_train_to_the_end_takes_a_penalty(draw):
    """Some strengths of L2 reach it, no learning rate without L2 does, whatever rows are drawn."""
    player = TrainingPlayer("noisy_xor")
    data = drawn(player.problem, draw)
    below = losses(player, data, player.settings["recipe"]["rate"], 0).min()
    ends = {
        (rate, l2): losses(player, data, rate, l2)[-1] for rate in RATES for l2 in PENALTIES
    }  # fmt: skip
    won = [setting for setting, end in ends.items() if end <= below]
    assert all(l2 > 0 for _, l2 in won)
    assert 1 <= len(won) <= 0.5 * len(ends)
    if draw == 0:  # the number that the goal names is that of the first run
        goal = player.settings["goals"][1]
        assert goal["below"] == pytest.approx(below, abs=1e-3) and goal["below"] >= below
