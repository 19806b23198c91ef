"""The race of the chapter on gradient descent: is its surface right, and do its runners run?"""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import gradient_descent as room
from nnlib import SGD


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_gradient_is_that_of_the_surface():
    points = np.random.default_rng(0).uniform(-2, 2, (20, 2))
    for axis in range(2):
        nudge = 1e-6 * np.eye(2)[axis]
        slope = (room.surface(points + nudge) - room.surface(points - nudge)) / 2e-6
        np.testing.assert_allclose(room.surface_gradient(points)[:, axis], slope, rtol=1e-6)


def test_the_lowest_point():
    assert room.surface(np.array([1.0, 1.0])) == 0
    assert (room.surface_gradient(np.array([1.0, 1.0])) == 0).all()


def test_a_track_is_gradient_descent():
    points = room.track(SGD(0.01), room.surface_gradient, room.START, 3)
    assert points.shape == (4, 2) and (points[0] == room.START).all()
    np.testing.assert_allclose(points[1], points[0] - 0.01 * room.surface_gradient(points[0]))


def test_runners_of_several_rates_run_as_alone():
    several = room.track(
        room.optimizer_named("Adam", [0.1, 0.3]), room.surface_gradient, [room.START] * 2, 30
    )
    alone = room.track(room.optimizer_named("Adam", 0.3), room.surface_gradient, room.START, 30)
    np.testing.assert_allclose(several[:, 1], alone)


@pytest.mark.parametrize(
    ("name", "rate"), [("plain", 0.01), ("momentum", 0.006), ("RMSprop", 0.1), ("Adam", 0.3)]
)
def test_each_runner_gets_lower(name, rate):
    points = room.track(room.optimizer_named(name, rate), room.surface_gradient, room.START, 40)
    assert room.surface(points[-1]) < room.surface(points[0]) / 2


def test_an_unknown_runner_is_named():
    with pytest.raises(ValueError, match="optimizer"):
        room.optimizer_named("Newton", 0.1)


def test_the_lab_is_drawn_by_epoch_and_by_distance():
    losses = {"a": np.ones(3), "b": np.ones(3), "c": np.ones(3)}
    rates, steps = {"a": 0.1, "b": 0.1, "c": 1.0}, {"a": 1, "b": 10, "c": 1}
    left, right = room.lab_figure(losses, rates, steps).axes
    assert left.lines[1].get_xdata().tolist() == [1, 2, 3]
    np.testing.assert_allclose(right.lines[1].get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(right.lines[0].get_xdata(), [0.1, 0.2, 0.3])


def test_confusions_rates_and_wells_show_their_numbers():
    first, second = np.arange(9).reshape(3, 3), np.eye(3, dtype=int)
    left, right = room.two_confusions(first, second, ("before", "after")).axes[:2]
    assert [text.get_text() for text in left.texts] == [str(k) for k in range(9)]
    accuracy = np.array([[10.0, 90.0], [20.0, 94.0]])
    ax = room.rates_figure({"plain": ([0.1, 1.0], accuracy)}).axes[0]
    assert ax.lines[0].get_ydata().tolist() == [15, 92]
    ax = room.wells_figure(np.square, [0, 1], np.array([[50, 60], [52, 70]])).axes[1]
    assert ax.lines[0].get_ydata().tolist() == [51, 65]
