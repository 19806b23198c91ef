"""How large a step? Gradient descent on a parabola, with one slider."""

from nncourse.widgets.simple import Bet, SimpleFigure


class Descent(SimpleFigure):
    """Twenty steps of gradient descent on the cost w^2 / 2, from w = -4."""

    module = "descent"
    title = "How large may a step be?"
    caption = "Twenty steps of gradient descent on the cost w²/2, from w = −4."
    bet = Bet("Beyond which learning rate does it diverge?", low=0.1, high=2.5, step=0.1, start=0.5)
    goals = (
        "Bring the cost below 0.001 in twenty steps, and never jump to the other side.",
        "Arrive in a single step.",
        "Make it jump to and fro for ever.",
    )
    formulas = ("nnlib.SGD",)
