"""Which digits a network takes for which, how sure it is of it, and where those digits lie."""

from __future__ import annotations

import numpy as np

import nnlib
from nncourse.widgets import train_mistakes
from nncourse.widgets.simple import Bet, SimpleFigure


def cloud(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, d) along their three principal axes, (n, 3), and each axis' share of variance."""
    from_mean = images - images.mean(axis=0)
    _, sizes, axes = np.linalg.svd(from_mean, full_matrices=False)
    axes = axes[:3]
    # An axis has no sign of its own: its largest part is positive here.
    axes *= np.sign(axes[np.arange(3), np.abs(axes).argmax(axis=1)])[:, None]
    return from_mean @ axes.T, (sizes**2 / (sizes**2).sum())[:3]


def asked() -> tuple[np.ndarray, np.ndarray]:
    """The 1,000 images (pixels from 0 to 1) that the network is asked about, and their digits."""
    X, y = nnlib.datasets.load_digits()
    _, rows = train_mistakes.rows(train_mistakes.SHOWN)
    return X[rows], y[rows]


class MistakesExplorer(SimpleFigure):
    """Confusion matrix, misread images by confidence, and the images along three axes."""

    module = "mistakes"
    title = "Are its mistakes random?"
    caption = (
        "One network, 64-20-10, learned 200 of the small 8x8 digits of Alpaydin and Kaynak "
        "(1998) and was asked about 1,000 others; these are its mistakes. Each point of the cloud "
        "is one of the 1,000, along the three directions in which they vary most. They keep less "
        "than half of the variance: what lies together here may be told apart elsewhere."
    )
    bet = Bet(
        "A small network reads 1,000 handwritten digits and is wrong on 71. Which two digits does "
        "it confuse most often?",
        options=("0 and 6", "1 and 8", "3 and 5", "4 and 9", "All pairs about equally often"),
    )
    goals = (
        "Find the two digits that are confused most often, both ways together.",
        "Find the image with the highest loss. Is it the surest mistake?",
        "Choose two digits whose middles are less than four standard deviations apart along axis "
        "1, and turn the cloud until they are at least five apart from left to right.",
    )
    formulas = ("nnlib.Dense", "nnlib.losses.CrossEntropy")

    def data(self) -> dict[str, np.ndarray]:
        X, y = asked()
        points, shares = cloud(X)
        with np.load(train_mistakes.FILE) as file:
            stored = {name: file[name] for name in ("theta", "scales", "others")}
        return stored | {
            "images": np.rint(16 * X).astype(np.uint8),
            "labels": y.astype(np.uint8),
            "points": np.rint(127 * points / np.abs(points).max()).astype(np.int8),
            "variance": np.round(100 * shares, 1).astype(np.float32),
        }

    def still(self) -> str:
        cells = "".join(
            f'<rect x="{24 + 22 * j}" y="{24 + 22 * i}" width="20" height="20" '
            f'fill="{"#2b8cc4" if i == j else "#bbb"}"/>'
            for i in range(10)
            for j in range(10)
        )
        names = "".join(
            f'<text x="{34 + 22 * k}" y="16" text-anchor="middle">{k}</text>'
            f'<text x="12" y="{39 + 22 * k}" text-anchor="middle">{k}</text>'
            for k in range(10)
        )
        return (
            '<svg viewBox="0 0 250 250" width="300" role="img" aria-label="A confusion matrix, '
            'ten by ten: true digits down, answers across, right answers on the diagonal.">'
            f'<g font-size="13" fill="currentColor">{names}</g>{cells}</svg>'
        )
