"""Numbers behind steps of colour, and the two old cells that rounding decided.

The old cells stood in the chapter on hyperparameters. On the processor that they were
made on they came out as stored under 59 and under 11 wiggles; another one drew them
otherwise. Now how far a number moves is looked at, and whether a decision hangs on its
border: tools/portable.py says how many wiggles catch them so.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.notebooks import borders
from tools.notebooks import REPOSITORY


def output(values, limits=(25.0, 50.0)):
    steps = [{"values": values, "borders": list(limits)}]
    return [{"output_type": "display_data", "data": {}, "metadata": {"nnlib": {"steps": steps}}}]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ([10.0, 60.0], [10.0, 60.0], 0),
        ([10.0, 60.0], [18.0, 60.0], 1),  # of the same colour, but it moves as far as the border
        ([10.0, 60.0], [14.0, 60.0], 0),
        ([24.9, 60.0], [24.9, 60.0], 0),  # near a border and firm
        ([24.0, 60.0], [26.0, 60.0], 1),
        ([None, 60.0], [10.0, 60.0], 1),
    ],
)
def test_a_number_that_moves_must_be_far_from_its_borders(old, new, faults):
    assert len(borders.compare(output(old), output(new))) == faults


def test_other_borders_or_pictures_are_said():
    for other in (output([1.0], (40.0,)), output([1.0, 2.0]), []):
        assert "make refresh" in borders.compare(output([1.0]), other)[0]


STEPS = """
import json, os
from nnlib import datasets
from nncourse.experiments.hyperparameters import notes_grid
X, y = datasets.load_digits()
(X, y), (other, truth) = datasets.split(X, y, 1437, 360, seed=0)
rates = [10.0**power for power in range(-5, 2)]
networks = notes_grid(16 * X, y, rates, rates)
right = networks(16 * other).argmax(axis=-1) == truth
print(json.dumps((100 * right.mean(axis=-1)).tolist()))
"""
HATCHES = """
import warnings
import numpy as np
from sklearn.neural_network import MLPClassifier
from nnlib import datasets
from nncourse.experiments.hyperparameters import is_erratic
warnings.simplefilter("ignore")
X, y = datasets.load_digits()
rows, labels = datasets.split(X.astype(np.float32), y, 1078, 719, seed=0)[0]
for strength in (1e-5, 1e-4):
    net = MLPClassifier((50,), activation="logistic", alpha=strength, learning_rate_init=1.0,
                        max_iter=100, random_state=0).fit(rows, labels)
    print(is_erratic(net.loss_curve_, start=2))
"""


def run(program, wiggle):
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | {"NNLIB_WIGGLE": wiggle},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_old_steps_of_colour_are_caught_by_one_wiggle_and_the_mended_ones_pass(seed):
    old, new = (json.loads(run(STEPS, wiggle).stdout) for wiggle in ("", seed))
    assert borders.compare(output(old, (25, 50, 75)), output(new, (25, 50, 75)))
    assert not borders.compare(output(old, (60, 80)), output(new, (60, 80)))


def test_the_old_hatches_are_caught_by_hanging_on_their_border():
    said = (run(HATCHES, wiggle).stderr for wiggle in ("", "1", "2", "3", "4"))
    assert any("NotFirmError: whether a run is erratic" in one for one in said)
