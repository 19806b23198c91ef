"""Backpropagation in a 2-2-1 network, one operation at a time."""

from nncourse.widgets.simple import Bet, SimpleFigure


class Microscope(SimpleFigure):
    """Values on the way forward, local derivatives times upstream gradients on the way back."""

    module = "microscope"
    title = "Backpropagation, one operation at a time"
    caption = (
        "A network of two inputs, two hidden sigmoid units and one sigmoid output, on one example "
        "of XOR. On the way back each operation multiplies its local derivative by the gradient "
        "that comes from above; nudging a weight both ways by 0.00001 gives the same number."
    )
    bet = Bet(
        "The forward pass is done. Raise w2, the weight from x1 to h2, by 0.01: "
        "what does the cost do?",
        options=("It rises", "It falls", "It stays the same"),
    )
    goals = (
        "Work out the three blanks on the way back, dC/dv1, dC/dh1 and dC/dw1, each within 1 %.",
        "Change one weight so that the gradient of one hidden unit, and only one, is exactly 0, "
        "and go all the way back.",
    )
    formulas = ("nnlib.Dense.backward", "nnlib.losses.MeanSquaredError")

    def still(self) -> str:
        places = {
            "x1": (40, 40),
            "x2": (40, 140),
            "h1": (170, 40),
            "h2": (170, 140),
            "o": (290, 90),
        }
        weights = [("x1", "h1"), ("x1", "h2"), ("x2", "h1"), ("x2", "h2"), ("h1", "o"), ("h2", "o")]
        lines = "".join(
            "<path d='M{},{}L{},{}' stroke='#888' stroke-width='2'/>".format(*places[a], *places[b])
            for a, b in weights
        )
        units = "".join(
            f'<circle cx="{x}" cy="{y}" r="20" fill="#2b8cc4"/><text x="{x}" y="{y + 5}" '
            f'text-anchor="middle" font-size="14" fill="#fff">{name}</text>'
            for name, (x, y) in places.items()
        )
        label = "Two inputs, each joined with two hidden units, which are joined with one output."
        return (
            f'<svg viewBox="0 0 330 180" width="420" role="img" aria-label="{label}">'
            f"{lines}{units}</svg>"
        )
