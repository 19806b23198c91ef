"""What is recorded for the page: made again in small, and compared with what is stored."""

import re
from dataclasses import replace

import numpy as np
import pytest

from nncourse.widgets import TrainingPlayer, live, problems, record, stills
from nncourse.widgets.base import RECORDED


@pytest.mark.parametrize("name", ["xor", "noisy_xor"])
def test_the_still_curves_are_what_nnlib_does_today(name):
    fresh = record.record_training(name)
    with np.load(RECORDED / f"player_{name}.npz") as stored:
        for part in ("train", "validation"):
            assert np.abs(fresh[part] - stored[part]).max() < 1e-3


def test_everything_is_recorded_again_by_one_command(tmp_path, monkeypatch):
    small = replace(record.xor(), epochs=34)
    small = replace(small, train=tuple(part[:60] for part in small.train))
    monkeypatch.setattr(record, "RECORDED", tmp_path / "recorded")
    monkeypatch.setattr(record, "SWEEPS", {"small": lambda: small})
    monkeypatch.setattr(problems, "PROBLEMS", {"and": problems.PROBLEMS["and"]})
    record.main()
    names = sorted(path.name for path in (tmp_path / "recorded").iterdir())
    assert names == ["heatmap_small_13.npz", "heatmap_small_7.npz", "player_and.npz"]
    with np.load(tmp_path / "recorded" / "heatmap_small_7.npz") as arrays:
        assert arrays["train"].shape == arrays["sklearn_train"].shape == (49, 34)
        assert arrays["pictures"].shape == arrays["sklearn_pictures"].shape == (49, 576)
        assert arrays["sklearn_train_last"].max() > 6_000  # better than guessing
        last = arrays["validation"][:, -1] / 255 - arrays["validation_last"] / 10_000
        assert np.abs(last).max() <= 0.5 / 255 + 0.5 / 10_000


def test_a_confusion_matrix_counts_every_row_once():
    problem = record.digits()
    table = problem.picture_of(problem.network()).reshape(10, 10)
    assert (table.sum(axis=1) == np.bincount(problem.validation[1])).all()
    assert table.sum() == 400


def test_the_epochs_shown_begin_and_end_with_the_run():
    for epochs in (34, 100, 200):
        shown = record.shown_epochs(epochs)
        assert (shown[0], shown[-1]) == (1, epochs)
        assert shown == sorted(set(shown))


def test_the_grid_is_that_of_the_lecture_notes():
    rates, penalties = record.digits().grid(7)
    assert rates == penalties == [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0]


def test_stills_escape_their_label_and_mark_the_lowest():
    picture = stills.curves(
        np.array([1.0, 0.5, 0.2]), np.array([1.0, 0.4, 0.6]), label='a "b" <c>', top=1.0
    )
    assert 'aria-label="a &quot;b&quot; &lt;c&gt; Loss over 2 epochs: ' in picture
    assert "lowest validation loss: epoch 1<" in picture


def test_the_text_of_a_still_curve_gives_its_numbers():
    picture = stills.curves(
        np.array([1.0, 0.5, 0.2]), np.array([1.0, 0.4, 0.6]), label="Curves.", top=0.7
    )
    assert "training from 1.00 to 0.20; validation from 1.00, lowest at epoch 1 with " in picture
    assert "0.40, and 0.60 at the end." in picture
    assert ">0.35</text>" in picture, "the tick in the middle stands at half of the top"


@pytest.mark.parametrize("problem", ["xor", "noisy_xor", "digits"])
def test_no_text_of_a_still_leaves_the_picture(problem):
    still = TrainingPlayer(problem).still
    texts = re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="(\w+)"[^>]*>([^<]+)', still)
    assert len(texts) == 11
    for x, anchor, text in texts:
        width = 6.5 * len(text)  # of 13 pixel letters, at most on average
        start = float(x) - {"start": 0, "middle": width / 2, "end": width}[anchor]
        assert -2 <= start and start + width <= 482, text


def test_the_still_grid_marks_what_diverged():
    scores, diverged = np.full((7, 7), 0.9), np.zeros((7, 7), bool)
    diverged[6, 6] = True
    ticks = [10.0**k for k in range(-5, 2)]
    chaotic = np.zeros((7, 7), bool)
    chaotic[5, 5] = True
    picture = stills.grid(scores, diverged, chaotic, ticks, ticks, label="scores")
    assert picture.count("<rect") == 49
    assert picture.count("×</text>") == 2
    assert picture.count('fill="none"') == 2


def test_the_text_of_a_still_grid_gives_its_numbers():
    scores = np.tile(np.linspace(0.2, 0.8, 7), (7, 1))  # the same in every row, best at the right
    scores[2, 3], diverged = 0.953, np.zeros((7, 7), bool)
    diverged[6], diverged[2, 6] = True, True
    ticks = [10.0**k for k in range(-5, 2)]
    picture = stills.grid(scores, diverged, scores > 1, ticks, ticks, label="Scores.")
    assert "Scores. The best of each learning rate, 1: 80 %, 0.1: 80 %, 0.01: 80 %, " in picture
    assert "0.001: 95 %, 0.0001: 80 %, 1e-05: 80 %. The best of all, 95.3 %, has " in picture
    assert "learning rate 0.001 and L2 strength 0.01. 8 of 49 diverged, 0 more are " in picture


def test_work_is_for_the_kinds_that_follow():
    class View:
        def send(self, content, buffers=None):
            self.last = content

    view = View()
    task = live.LiveTask(view, "one")
    assert view.last == {"to": "one", "kind": "here"}
    with pytest.raises(NotImplementedError):
        task.obey({"do": "train"})
