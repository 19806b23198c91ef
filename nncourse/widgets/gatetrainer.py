"""OR, AND, XOR and points of one's own, learned by one unit or by a few."""

from nncourse.widgets.simple import Bet, SimpleFigure


class GateTrainer(SimpleFigure):
    """Points to move and to add; a perceptron, a sigmoid unit or a small network learns them."""

    module = "gatetrainer"
    title = "Which points can a unit tell apart?"
    caption = (
        "Four points of XOR: circles are of class 0, squares of class 1. Blue is where the answer "
        "is below one half, orange where it is above; hollow points are answered wrongly. The "
        "lines are where the weighted sum of a unit is 0. Every change trains again from the same "
        "start."
    )
    bet = Bet(
        "One sigmoid unit is trained on XOR. How many epochs does it need to get 4 of 4 points "
        "right?",
        options=("About 100", "About 10,000", "It never gets there"),
    )
    goals = (
        "XOR and one unit: move one point, by no more than the side of the square, so that 4 of 4 "
        "are right.",
        "XOR as it was, with two hidden units: 4 of 4 by epoch 200.",
    )
    formulas = ("nnlib.Dense", "nnlib.losses.MeanSquaredError", "nnlib.SGD")

    def still(self) -> str:
        marks = (
            '<circle cx="50" cy="150" r="10" fill="#2b8cc4"/>'
            '<circle cx="150" cy="50" r="10" fill="#2b8cc4"/>'
            '<rect x="40" y="40" width="20" height="20" fill="#d9722a"/>'
            '<rect x="140" y="140" width="20" height="20" fill="#d9722a"/>'
        )
        return (
            '<svg viewBox="0 0 200 200" width="260" role="img" aria-label="The four corners of a '
            'square: circles at 00 and 11, squares at 01 and 10.">'
            f'<path d="M20,10V180H190" fill="none" stroke="#888"/>{marks}</svg>'
        )
