"""What depth, activation and first weights make of the gradient, before anything is learned."""

import numpy as np

import nnlib
from nncourse.widgets.problems import row_order
from nncourse.widgets.simple import Bet, SimpleFigure


class GradientFlow(SimpleFigure):
    """Histograms of activations and of dC/dz by layer, in a network of layers of 50 units."""

    module = "gradientflow"
    title = "What reaches the first layer?"
    caption = (
        "A network 64-50-...-50-10 with its first weights, and 60 digits: the activations and the "
        "gradients of each hidden layer. On its way back the gradient is multiplied at each layer, "
        "by the weights, √(d v) together, and by the derivative f′(z); squares mark its rms."
    )
    bet = Bet(
        "Eight hidden layers of sigmoid units, with Glorot's weights. How large is the gradient "
        "in the first layer, compared with the last?",
        options=(
            "About a tenth", "About a hundredth", "About a thousandth",
            "Less than a ten-thousandth",
        ),
    )  # fmt: skip
    goals = (
        "Eight sigmoid layers: bring the ratio between 0.3 and 3, by the first weights alone.",
        "Let the gradient explode, to a ratio over 1,000, though more than half of the units are "
        "saturated.",
        "Twenty ReLU layers: bring the ratio between 0.3 and 3.",
    )
    formulas = ("nnlib.Network.backward", "nnlib.Dense.backward", "nnlib.initializers.he_normal")

    def data(self) -> dict[str, np.ndarray]:
        X, y = nnlib.datasets.load_digits()
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)
        rows = row_order(len(y), seed=0, epoch=1)[:60]
        whole = np.clip(np.rint(20 * X[rows]), -127, 127)  # twentieths
        return {"X": whole.astype(np.int8).ravel(), "y": y[rows].astype(np.uint8)}

    def still(self) -> str:
        layers = "".join(
            f'<rect x="{14 + 40 * k}" y="30" width="22" height="80" fill="#2b8cc4"/>'
            f'<text x="{25 + 40 * k}" y="130" text-anchor="middle" font-size="13" '
            f'fill="currentColor">{k + 1}</text>'
            for k in range(8)
        )
        label = "Eight hidden layers in a row; an arrow leads back from the last to the first."
        return (
            f'<svg viewBox="0 0 340 140" width="440" role="img" aria-label="{label}">{layers}'
            '<path d="M320,14H30l10,-6m-10,6l10,6" fill="none" stroke="#d9722a" '
            'stroke-width="2"/></svg>'
        )
