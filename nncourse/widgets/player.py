"""The training player: bet where to stop, watch a network learn, go back and branch.

The front-end is ``static/player.js``; the networks and data come from ``problems``, and
training in the kernel from ``live``. Nothing is computed here.
"""

from __future__ import annotations

import math

import numpy as np

from nncourse.widgets import problems, stills
from nncourse.widgets.base import RECORDED, pack
from nncourse.widgets.live import LiveFigure, LiveTraining

_SOLVE = [
    {"kind": "solve", "epoch": 10_000, "text": "Get all four corners right."},
    {"kind": "solve", "epoch": 20, "text": "Get them right within 20 epochs."},
]
_POINTS = "Circles: class 0, triangles: class 1. Filled: training, hollow: validation."
_STOP = (
    "Training and validation loss over the epochs, and what the network has learnt so far. "
    "The training loss goes on falling; the validation loss tells when to stop."
)
_RECIPE = {"rate": 0.1, "momentum": 0.9, "l2": 0, "batch": 50, "seed": 1}

_FIGURES = {
    "noisy_xor": {
        "caption": _STOP,
        "title": "When should learning stop?",
        "question": "150 noisy points to learn from, 150 to check on, a 2-8-8-1 network, "
        "200 epochs. After which epoch would you stop? Drag the flag.",
        "epochs": 200,
        "recipe": _RECIPE,
        "presets": [
            {"name": "as it is"},
            {"name": "a small learning rate", "rate": 0.01},
            {"name": "a large learning rate", "rate": 2},
            {"name": "without momentum", "momentum": 0},
            {"name": "with an L2 penalty", "l2": 0.01},
        ],
    },
    "digits": {
        "caption": _STOP,
        "top": 0.8,
        "title": "When should learning stop?",
        "question": "300 digits to learn from, 300 to check on, a 64-30-10 network, "
        "100 epochs. After which epoch would you stop? Drag the flag.",
        "epochs": 100,
        "recipe": {**_RECIPE, "rate": 0.3, "momentum": 0, "batch": 20},
        "presets": [
            {"name": "as it is"},
            {"name": "a small learning rate", "rate": 0.02},
            {"name": "far too large a learning rate", "rate": 50},
            {"name": "with an L2 penalty", "l2": 0.003},
        ],
        "picture": "Weights into each hidden unit. Blue: below 0, orange: above 0.",
    },
}
_GATE = {
    "caption": "Loss over the epochs, and what the network answers at each point of the "
    "plane: only the four filled corners are learnt, the hollow points are near them.",
    "epochs": 200,
    "recipe": {**_RECIPE, "rate": 0.5, "momentum": 0, "batch": 4, "seed": 2},
    "presets": [
        {"name": "as it is"},
        {"name": "with momentum", "momentum": 0.9},
        {"name": "small learning rate", "rate": 0.02},
        {"name": "a bad start", "seed": 1, "rate": 0.1},
    ],
}


class TrainingPlayer(LiveFigure):
    """Train a small network before the reader's eyes, who bets first where to stop.

    Parameters
    ----------
    problem : {"noisy_xor", "xor", "or", "and", "digits"}
        Two noisy classes and a 2-8-8-1 network; a gate and a 2-4-1 network; or few 8x8
        digits and a 64-30-10 network.
    patience : {0, 5, 10, 20, 40}
        Early stopping that is switched on at the start; 0 for none.
    **recipe
        Any of ``rate``, ``momentum``, ``l2``, ``batch``, ``seed``, to start from others.

    Examples
    --------
    >>> TrainingPlayer("noisy_xor")
    <TrainingPlayer>
    """

    module = "player"

    def __init__(self, problem: str = "noisy_xor", *, patience: int = 0, **recipe) -> None:
        if problem not in problems.PROBLEMS:
            raise ValueError(
                f"problem must be one of {', '.join(problems.PROBLEMS)}, got {problem!r}"
            )
        if patience not in (0, 5, 10, 20, 40):
            raise ValueError(f"patience must be 0, 5, 10, 20 or 40, got {patience!r}")
        self.problem = problems.PROBLEMS[problem]()
        figure = _FIGURES.get(problem) or _gate_figure(problem)
        start = figure["recipe"] | _checked(recipe, len(self.problem.train[1]))
        # Of two players on one page each must know its own links.
        own = [f"{key}{value}" for key, value in recipe.items()]
        own += [f"patience{patience}"] if patience else []
        scale, pixels = (16, "uint8") if problem == "digits" else (1, "float32")
        arrays = {}
        for part in ("train", "validation"):
            X, y = getattr(self.problem, part)
            arrays[f"{part}X"] = _stored(X * scale, pixels)
            arrays[f"{part}Y"] = y.astype("uint8")
        recording, layout = pack(arrays)
        settings = {
            "name": "_".join([problem, *own]),
            "title": figure["title"],
            "question": figure["question"],
            "pictureCaption": figure.get("picture", _POINTS),
            "target": "best" if problem in _FIGURES else "solved",
            "goals": _overfit(problem) if problem in _FIGURES else _SOLVE,
            "presets": figure["presets"],
            "plan": self.problem.plan,
            "epochs": figure["epochs"],
            "recipe": start,
            "patience": patience,
            "top": figure.get("top"),
            "layout": layout,
            "scale": scale,
        }
        usual = start == figure["recipe"]  # another start gives other curves
        still = _still(problem, figure.get("top"), figure["title"]) if usual else ""
        super().__init__(settings, recording, caption=figure["caption"], still=still)

    def task_for(self, view, sender: str) -> LiveTraining:
        return LiveTraining(self.problem, self.settings["epochs"], view, sender)


def _overfit(problem: str) -> list[dict]:
    """Goals of a run that overfits: find where it should have stopped; then need no stopping.

    The second is reached by an L2 penalty and by no learning rate without one, whatever rows are
    drawn to learn from (tests/widgets/test_goals.py).
    """
    goals = [{"kind": "best", "text": "Take the network back to its best validation epoch."}]
    path = RECORDED / f"player_{problem}.npz"
    if path.exists():
        with np.load(path) as arrays:
            validation = arrays["validation"]
        below = math.ceil(1000 * validation.min()) / 1000
        text = (
            f"Train to the very end, epoch {len(validation) - 1}, and be there no worse than the "
            f"first run at its best ({below:.3f})."
        )
        goals.append({"kind": "end", "below": below, "text": text})
    return goals


def _stored(values: np.ndarray, kind: str) -> np.ndarray:
    """In the type the page gets: a grey value of 14.999... is 15, not 14."""
    return (np.rint(values) if np.issubdtype(kind, np.integer) else values).astype(kind)


def _still(problem: str, top: float | None, title: str) -> str:
    """The recorded curves of the usual start; nothing while they are being recorded."""
    path = RECORDED / f"player_{problem}.npz"
    if not path.exists():
        return ""
    with np.load(path) as arrays:
        train, validation = arrays["train"], arrays["validation"]
    top = top or float(f"{max(train.max(), validation.max()):.1g}")
    return stills.curves(train, validation, label=title, top=top)


def _gate_figure(name: str) -> dict:
    return _GATE | {
        "title": f"Can it learn {name.upper()}?",
        "question": "Four corners to learn from, a 2-4-1 network, 200 epochs. "
        "After which epoch will all four corners be right? Drag the flag.",
    }


def _checked(recipe: dict, rows: int) -> dict:
    known = {
        "rate": lambda value: value > 0,
        "momentum": lambda value: 0 <= value < 1,
        "l2": lambda value: value >= 0,
        "batch": lambda value: isinstance(value, int) and 1 <= value <= rows,
        "seed": lambda value: isinstance(value, int) and value >= 0,
    }
    for name, value in recipe.items():
        if name not in known:
            raise TypeError(f"there is no {name!r}; a recipe has {', '.join(known)}")
        if not known[name](value):
            raise ValueError(f"{name}={value!r} is out of range")
    return recipe
