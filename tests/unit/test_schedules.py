"""Schedules: values by hand, where they start and end, and what training makes of them."""

import math

import numpy as np
import pytest

from nnlib import SGD, Dense, Network, schedules, train
from nnlib.schedules import SCHEDULES, Cosine, ExponentialDecay, InverseScaling, StepDecay

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    "schedule, epochs, factor",
    [
        (StepDecay(0.5, 10), 9.99, 1),
        (StepDecay(0.5, 10), 10, 0.5),
        (StepDecay(0.1, 2.5), 5.1, 0.01),
        (ExponentialDecay(0.1), 10, math.exp(-1)),
        (InverseScaling(0.5), 3.7, 0.5),
        (InverseScaling(1, 2), 4, 1 / 9),
        (Cosine(100), 50, 0.5),
        (Cosine(100), 25, (1 + math.sqrt(0.5)) / 2),
        (Cosine(100, last=0.1), 100, 0.1),
        (Cosine(100, last=0.1), 50, 0.55),
        (Cosine(100), 500, 0),
        (Cosine(20, warmup=10), 5, 0.5),
        (Cosine(20, warmup=10), 10, 1),
        (Cosine(20, warmup=10), 15, 0.5),
        (Cosine(10, warmup=10), 10, 1),
    ],
)
def test_values_by_hand(schedule, epochs, factor):
    assert schedule(epochs) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize("kind", list(SCHEDULES))
def test_every_schedule_starts_at_one_and_never_rises_or_leaves_0_to_1(kind):
    schedule = SCHEDULES[kind]()
    factors = [schedule(e) for e in np.linspace(0, 150, 601)]
    assert factors[0] == 1
    assert (np.diff(factors) <= 1e-15).all() and min(factors) >= 0 and factors[-1] < 1
    assert SCHEDULES[kind](**schedule.config()) == schedule


def test_inverse_scaling_with_warmup_is_continuous():
    cosine = Cosine(100, warmup=5)
    assert cosine(5 - 1e-9) == pytest.approx(cosine(5 + 1e-9), abs=1e-6)


def test_training_asks_for_the_epochs_done_with_their_fraction():
    asked = []

    def schedule(epochs):
        asked.append(epochs)
        return 0.5

    net = Network(1, [Dense(1)], seed=0)
    twin = net.copy()
    X, y = np.ones((4, 1)), np.ones(4)
    settings = {"loss": "mse", "batch_size": 1, "epochs": 2, "shuffle": False}
    list(train(net, X, y, optimizer=SGD(0.2), schedule=schedule, **settings))
    assert asked == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    list(train(twin, X, y, optimizer=SGD(0.1), **settings))
    np.testing.assert_array_equal(net.theta, twin.theta)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: StepDecay(every=0), ValueError, "every must be above 0, got 0"),
        (lambda: StepDecay(factor=-1), ValueError, "factor must be at least 0, got -1"),
        (lambda: ExponentialDecay("fast"), TypeError, "rate must be a number.*got str 'fast'"),
        (lambda: InverseScaling(per_epoch=np.nan), ValueError, "per_epoch must be.*got nan"),
        (lambda: Cosine(warmup=-1), ValueError, "warmup must be at least 0, got -1"),
    ],
)
def test_schedules_that_cannot_be(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "schedule, error, message",
    [
        (lambda epochs: math.nan, ValueError, "the schedule's factor must be at least 0, got nan"),
        (lambda epochs: -1, ValueError, "the schedule's factor must be at least 0, got -1"),
        (lambda epochs: None, TypeError, "the schedule's factor must be a number.*NoneType"),
        (schedules.StepDecay, TypeError, "the schedule's factor must be a number.*StepDecay"),
    ],
)
def test_a_schedule_that_returns_something_else_changes_no_parameter(schedule, error, message):
    net = Network(1, [Dense(1)], seed=0)
    before = net.theta.copy()
    with pytest.raises(error, match=message):
        next(train(net, [[1.0]], [3.0], loss="mse", schedule=schedule))
    np.testing.assert_array_equal(net.theta, before)


def test_a_warmup_longer_than_the_training_is_refused():
    with pytest.raises(ValueError, match="warmup must be at most epochs, 10, got 20"):
        Cosine(10, warmup=20)


def test_the_warmup_starts_at_0_whatever_the_last_value():
    schedule = Cosine(epochs=20, warmup=4, last=0.3)
    assert [schedule(t) for t in (0, 1, 2, 4)] == [0, 0.25, 0.5, 1]
    assert schedule(20) == pytest.approx(0.3)


def test_inverse_scaling_falls_with_the_square_root_unless_told_otherwise():
    assert InverseScaling()(3) == 0.5
