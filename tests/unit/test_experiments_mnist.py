"""Pictures turned, shifted and drawn, against known answers."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nncourse.experiments import course_file, mnist
from nncourse.experiments.mnist import (
    commonest_mistakes,
    digits_as_marks,
    rotate,
    shift,
)

# The numbers of this 3x3 picture are its pixels, row by row.
PICTURE = np.arange(1.0, 10).reshape(1, 9)


def grid(X):
    return X.reshape(-1, 3, 3)[0].tolist()


def test_a_quarter_turn_is_anticlockwise_and_changes_no_pixel():
    assert grid(rotate(PICTURE, 90)) == [[3, 6, 9], [2, 5, 8], [1, 4, 7]]
    assert grid(rotate(PICTURE, 180)) == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
    assert np.array_equal(rotate(PICTURE, -90), rotate(PICTURE, 270))
    assert np.array_equal(rotate(PICTURE, 0), PICTURE)


def test_small_angles_lead_the_same_way_as_quarter_turns():
    X = np.zeros((1, 28, 28))
    X[0, 13:15, 20:27] = 1  # a bar to the right of the centre: it must rise
    rows = np.arange(28)[:, None]
    for degrees in (10, 30, 60, 89.9, 90):
        turned = rotate(X.reshape(1, -1), degrees).reshape(28, 28)
        height = 13.5 - (turned * rows).sum() / turned.sum()
        assert height == pytest.approx(9.5 * np.sin(np.radians(degrees)), abs=0.3)


def test_the_empty_corners_take_the_background():
    turned = rotate(np.ones((1, 784)), 45, background=-1).reshape(28, 28)
    assert turned[0, 0] == turned[-1, -1] == -1
    assert turned[14, 14] == pytest.approx(1)


@pytest.mark.parametrize(
    ("right", "down", "expected"),
    [
        (1, 0, [[0, 1, 2], [0, 4, 5], [0, 7, 8]]),
        (-1, 0, [[2, 3, 0], [5, 6, 0], [8, 9, 0]]),
        (0, 1, [[0, 0, 0], [1, 2, 3], [4, 5, 6]]),
        (0, -2, [[7, 8, 9], [0, 0, 0], [0, 0, 0]]),
        (0, 0, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
        (3, 0, [[0, 0, 0]] * 3),
    ],
)
def test_shift(right, down, expected):
    assert grid(shift(PICTURE, right, down)) == expected
    assert (shift(PICTURE, 1, 0, background=-1)[0, ::3] == -1).all()


@pytest.mark.parametrize("function", [lambda X: rotate(X, 30), lambda X: shift(X, 1)])
@pytest.mark.parametrize("X", [np.zeros((2, 8)), np.zeros(9), np.zeros((1, 3, 3))])
def test_pictures_must_be_square_rows(function, X):
    with pytest.raises(ValueError, match="square pictures as rows"):
        function(X)


def test_the_commonest_mistakes_are_named_truth_first():
    matrix = np.array([[50, 0, 3], [9, 60, 0], [0, 4, 70]])
    assert commonest_mistakes(matrix, 2) == "1 read as 0 (9 times), 2 read as 1 (4 times)"
    assert commonest_mistakes(matrix, 3).endswith(", 0 read as 2 (3 times)")
    assert matrix[0, 0] == 50, "the matrix stays as it was"


def test_each_row_is_drawn_as_its_digit():
    figure, ax = plt.subplots()
    places, digits = np.arange(8.0).reshape(4, 2), np.array([7, 1, 7, 0])
    digits_as_marks(ax, places, digits)
    sizes = [len(group.get_offsets()) for group in ax.collections]
    shapes = {group.get_paths()[0].vertices.tobytes() for group in ax.collections}
    assert sizes == [1, 1, 2] and len(shapes) == 3  # of 0, of 1, and of 7
    np.testing.assert_array_equal(ax.collections[2].get_offsets(), places[[0, 2]])
    plt.close(figure)


def test_the_published_log_is_found_from_any_folder(tmp_path, monkeypatch):
    rows = mnist.published_log(tmp_path)
    assert len(rows) == 80 and all(isinstance(text, str) for text in rows[0].values())
    elsewhere = tmp_path / "a" / "b" / "course_file.py"
    monkeypatch.setattr(course_file, "__file__", str(elsewhere))
    with pytest.raises(FileNotFoundError, match="part of the course's repository"):
        mnist.published_log(tmp_path)
