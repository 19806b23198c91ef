"""Four optimizers downhill from the same start, on a surface of two weights."""

import numpy as np

from nncourse.widgets.simple import Bet, SimpleFigure


class OptimizerRace(SimpleFigure):
    """Plain gradient descent, momentum, RMSprop and Adam, each at a learning rate of its own."""

    module = "optimizerrace"
    title = "Four optimizers, one start"
    caption = (
        "The loss over two weights, as a map with contour lines, and the tracks of four "
        "optimizers from the same start. The curves show the loss of each by step; the dashed "
        "line is the goal, 0.001. With batches, a step's gradient is the mean over few rows; all "
        "four get the same batches."
    )
    bet = Bet(
        "All four take 40 steps at the learning rate 0.02. Who ends with the lowest loss?",
        options=("Plain gradient descent", "Momentum", "RMSprop", "Adam"),
    )
    goals = (
        "On the straight or the turned valley, from the surface's start and without noise: bring "
        "the loss of momentum below 0.001 by step 35, and keep it there.",
        "Give plain descent and momentum the same rate, one at which plain descent diverges and "
        "momentum does not.",
    )
    formulas = ("nnlib.SGD", "nnlib.RMSprop", "nnlib.Adam")

    def still(self) -> str:
        rings = "".join(
            f'<ellipse cx="200" cy="90" rx="{rx:.0f}" ry="{rx / np.sqrt(20):.0f}" fill="none" '
            'stroke="#888"/>'
            for rx in (20, 50, 90, 140, 190)
        )
        return (
            '<svg viewBox="0 0 420 180" width="420" role="img" aria-label="A long valley with '
            'contour lines. The start lies on its slope, the lowest point in its middle.">'
            f'{rings}<circle cx="200" cy="90" r="6" fill="#888"/>'
            '<rect x="44" y="36" width="12" height="12" fill="#2b8cc4"/>'
            '<text x="62" y="46" font-size="14" fill="currentColor">start</text>'
            '<text x="210" y="80" font-size="14" fill="currentColor">lowest point</text></svg>'
        )
