"""History: columns, the best epoch, and the way to pandas."""

import numpy as np
import pytest

from nnlib import History

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def history():
    history = History()
    for loss, accuracy in [(3.0, 0.5), (1.0, 0.8), (1.0, 0.9), (2.0, 0.9)]:
        history.add(loss=loss, validation_accuracy=accuracy)
    return history


@pytest.fixture
def several():
    history = History()
    for loss in ([3.0, 1.0], [2.0, 4.0], [np.nan, 0.5]):
        history.add(loss=np.array(loss), test_score=-np.array(loss))
    return history


def test_columns(history, several):
    np.testing.assert_array_equal(history["loss"], [3, 1, 1, 2])
    assert history.epochs == 4 and "loss" in history and "cost" not in history
    assert several["loss"].shape == (3, 2)
    assert repr(history) == "<History: 4 epochs of loss, validation_accuracy>"
    assert repr(History()) == "<History: 0 epochs of nothing yet>" and History().epochs == 0


def test_the_best_epoch_is_the_first_smallest_or_the_first_largest_accuracy(history, several):
    assert history.best("loss") == 2
    assert history.best("validation_accuracy") == 3
    np.testing.assert_array_equal(several.best("loss"), [2, 3])
    np.testing.assert_array_equal(several.best("test_score"), [2, 3])


def test_to_frame(history, several):
    frame = history.to_frame()
    assert list(frame.columns) == ["loss", "validation_accuracy"]
    assert frame.index.name == "epoch" and list(frame.index) == [1, 2, 3, 4]
    assert frame.loss[1] == 3
    frame = several.to_frame()
    assert frame.index.names == ["epoch", "network"]
    assert frame.loss[(2, 1)] == 4 and len(frame) == 6
    assert History().to_frame().empty


def test_a_copy_is_apart(history):
    twin = history.copy()
    twin.add(loss=0.0, validation_accuracy=1.0)
    assert history.epochs == 4 and twin.epochs == 5


def test_what_is_not_there(history):
    with pytest.raises(
        KeyError, match=r"no column 'validation_loss'. Columns: loss, .*validation="
    ):
        history["validation_loss"]
    with pytest.raises(KeyError, match="Columns: none yet"):
        History().best()
    with pytest.raises(ValueError, match="the history is empty: train for at least one epoch"):
        History({"loss": []}).best("loss")
