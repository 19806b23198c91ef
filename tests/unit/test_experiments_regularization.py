"""The helpers of the chapter on regularization."""

import numpy as np
import pytest

from nncourse.experiments.regularization import shifted_copies


def test_copies_are_shifted_and_keep_their_labels():
    image = np.zeros((3, 3))
    image[1, 1] = 1
    X, y = shifted_copies(image.reshape(1, 9), [7], reach=1)
    assert X.shape == (9, 9) and (y == 7).all()
    # The one pixel of ink has been everywhere once, and in the middle copy where it was.
    assert sorted(X.argmax(axis=1)) == list(range(9))
    assert X[4].argmax() == 4


def test_ink_that_leaves_does_not_come_back_on_the_other_side():
    corner = np.zeros((1, 9))
    corner[0, 0] = 1
    X, _ = shifted_copies(corner, [0], reach=1)
    assert X.sum() == 4  # it stays inside in four of nine shifts
    assert (X.sum(axis=1) <= 1).all()


def test_no_reach_changes_nothing():
    X = np.arange(8.0).reshape(2, 4)
    copies, labels = shifted_copies(X, [1, 2], reach=0)
    assert (copies == X).all() and labels.tolist() == [1, 2]


@pytest.mark.parametrize("shape", [(2, 5), (4,)])
def test_images_must_be_square(shape):
    with pytest.raises(ValueError, match="square"):
        shifted_copies(np.zeros(shape), np.zeros(shape[0]))
