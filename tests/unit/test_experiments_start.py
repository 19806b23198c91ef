"""What the first chapter draws and measures, against known answers."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import start


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_picture_stands_beside_its_numbers():
    picture = np.array([[0.0, 16], [3, 8]])
    figure = start.picture_of_numbers(picture)
    seen, numbers = figure.axes
    assert [t.get_text() for t in numbers.texts] == ["0", "16", "3", "8"]
    assert not seen.texts
    assert [t.get_color() == "white" for t in numbers.texts] == [False, True, False, False]
    np.testing.assert_array_equal(seen.images[0].get_array(), picture)


INPUTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    "knobs, right",
    [
        ((0, 0, 0), 1),  # z = 0 everywhere: all rows are class 0, and one label is 0
        ((1, 1, -0.5), 4),  # OR
        ((1, 1, -1.5), 2),
        ((-1, -1, 0.5), 0),  # the wrong way round
    ],
)
def test_a_neuron_is_counted_right_where_its_sum_has_the_sign_of_the_label(knobs, right):
    draw = start.neuron_with_knobs(INPUTS, np.array([0, 1, 1, 1]), ("left", "above"))
    figure, alt = draw(*knobs)
    plane, curve = figure.axes
    assert plane.get_title(loc="left") == f"{right} of 4 right"
    assert f"; {right} lie on the right side" in alt and "left against above" in alt
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("left", "above")
    z = INPUTS @ knobs[:2] + knobs[2]
    np.testing.assert_allclose(dots(curve)[:, 0], z)  # sorted by label, as they happen to be
    np.testing.assert_array_equal(dots(plane), INPUTS)


def dots(ax):
    """Where the coloured dots are: every second patch is a white rim below them."""
    return np.concatenate([patch.get_path().vertices[::2] for patch in ax.patches[1::2]])


def test_the_plane_has_a_border_where_the_sum_is_zero():
    draw = start.neuron_with_knobs(INPUTS, np.array([0, 1, 1, 1]), ("left", "above"))
    plane = draw(2, 2, -1)[0].axes[0]
    border = plane.collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(border.sum(axis=1), 0.5, atol=1e-6)
    assert not draw(0, 0, 1)[0].axes[0].collections  # no weights, no border


def test_no_rounding_decides_what_a_sum_near_zero_counts_as():
    tiny, labels = INPUTS[[0, 1, 3]] * 1e-12, np.array([0, 0, 1])
    draw = start.neuron_with_knobs(tiny, labels, ("left", "above"))
    assert draw(1, 1, 0)[0].axes[0].get_title(loc="left") == "2 of 3 right"


def test_each_snapshot_is_a_row_with_a_scale_of_its_own():
    W = np.arange(640.0).reshape(64, 10)
    figure = start.weights_as_pictures({"epoch 0": 0.01 * W, "epoch 9": W}, shown=[0, 7])
    axes = np.reshape(figure.axes, (2, 2))
    np.testing.assert_array_equal(axes[1, 1].images[0].get_array(), W[:, 7].reshape(8, 8))
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["epoch 0", "epoch 9"]
    assert [ax.get_title() for ax in axes[0]] == ["unit 0", "unit 7"]
    for number, top in ((0, 6.39), (1, 639)):
        assert axes[number, 0].images[0].get_clim() == pytest.approx((-top, top))


@pytest.mark.parametrize("hidden, widths", [(0, (64, 10)), (5, (64, 5, 10))])
def test_a_digit_network_has_the_widths_asked_for(hidden, widths):
    net = start.digit_network(hidden, seed=[0, 1])
    assert net.widths == widths and len(net) == 2
    if hidden:
        assert net.layers[0].activation.name == "sigmoid"


def test_reading_is_measured_for_every_split_and_start():
    found = start.read_by_splits(0, splits=2, starts=2, epochs=3)
    assert found.shape == (2, 2)
    assert (found > 80).all() and (found < 100).all()  # three epochs read most of them
    np.testing.assert_allclose(found * 3.6, np.rint(found * 3.6))  # whole pictures of 360
    assert not np.array_equal(found[0], found[1])  # another split, other pictures
    again = start.read_by_splits(0, splits=2, starts=2, epochs=3)
    np.testing.assert_array_equal(again, found)
