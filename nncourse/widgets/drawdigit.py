"""Draw a digit: a network trained on all of MNIST reads it in the page."""

from __future__ import annotations

import numpy as np

from nncourse.widgets.simple import Bet, SimpleFigure

# Our ten digits as strokes of a pen on a pad of 64x64 places; corners are cut twice.
STROKES = {
    0: ["32,10 22,14 18,32 22,50 32,54 42,50 46,32 42,14 32,10"],
    1: ["33,10 31,54"],
    2: ["20,20 24,12 34,10 42,16 40,26 30,38 19,53 19,53 32,52 46,52"],
    3: ["20,14 30,10 41,14 41,24 30,30 30,30 42,35 44,46 34,54 19,50"],
    4: ["24,10 20,34 20,34 46,33", "40,12 37,54"],
    5: ["42,11 24,12 24,12 22,30 22,30 34,28 43,38 38,50 26,54 18,49"],
    6: ["38,10 26,22 20,40 26,53 36,53 42,44 36,36 26,38 21,45"],
    7: ["19,13 44,12 44,12 36,32 29,54"],
    8: ["41,16 32,10 23,16 27,26 38,36 42,47 32,54 22,47 28,36 38,26 41,16"],
    9: ["41,20 33,11 23,16 22,28 32,32 41,22 41,22 40,38 36,54"],
}


def curve(stroke: str) -> np.ndarray:
    """The places (m, 2) of a stroke, its corners cut twice (G. M. Chaikin, 1974)."""
    places = np.array([place.split(",") for place in stroke.split()], dtype=float)
    for _ in range(2):
        before, after = places[:-1], places[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1)
        places = np.concatenate([places[:1], cut.reshape(-1, 2), places[-1:]])
    return np.rint(places).astype(np.uint8)


def our_places() -> np.ndarray:
    """All ten digits in one row of numbers; (255, 0) lifts the pen, (255, 255) ends a digit."""
    digits = []
    for strokes in STROKES.values():
        lifted = [[*curve(stroke).ravel(), 255, 0] for stroke in strokes]
        digits.append([*sum(lifted, [])[:-2], 255, 255])
    return np.array(sum(digits, [])[:-2], dtype=np.uint8)


class DrawDigit(SimpleFigure):
    """A pad, the 28x28 pixels that a network trained on MNIST gets, and what it says."""

    module = "drawdigit"
    title = "Does it see what you see?"
    caption = (
        "What is drawn is scaled into 20x20 pixels and moved until its centre of mass is in the "
        "middle, like the digits of MNIST. The network, 784-100-10, learned from 60,000 of them; "
        "the sliders move its picture afterwards, and a click changes a pixel."
    )
    bet = Bet(
        "The network is sure that this is a 3. Then its picture is shifted six pixels to the "
        "right. Still a 3?",
        options=(
            "Yes, and it stays as sure (over 0.9)",
            "Yes, but it is less sure",
            "No, it says something else",
        ),
    )
    goals = (
        "Draw a digit of your own, say in the list which it is, and have it read correctly with a "
        "probability over 0.9.",
        "Draw something that is no digit, say so in the list, and get a digit with a probability "
        "over 0.95 all the same.",
        "Turn our 4 into a 9 for the network, by changing at most six pixels of its picture.",
    )
    formulas = ("nnlib.losses.CrossEntropy", "nnlib.Dense")

    def data(self) -> dict[str, np.ndarray]:
        from nncourse.widgets.train_digits import FILE

        with np.load(FILE) as file:
            return {**file, "places": our_places()}

    def still(self) -> str:
        places = " ".join(f"{x},{y}" for x, y in curve(STROKES[3][0]))
        return (
            '<svg viewBox="0 0 64 64" width="220" height="220" role="img" '
            'aria-label="The digit 3, drawn with a thick pen on a square pad.">'
            '<rect width="64" height="64" fill="none" stroke="#888"/>'
            f'<polyline points="{places}" fill="none" stroke="currentColor" stroke-width="5.2" '
            'stroke-linecap="round" stroke-linejoin="round"/></svg>'
        )
