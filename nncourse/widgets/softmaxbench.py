"""Logits one can drag, and softmax computed as it is written beside softmax as it should be."""

from nncourse.widgets.simple import Bet, SimpleFigure


class SoftmaxBench(SimpleFigure):
    """Three logits, their probabilities, the loss and its gradient; in float32 and float16 too."""

    module = "softmaxbench"
    title = "What softmax keeps, and what it cannot bear"
    caption = (
        "Three logits, their probabilities, and the gradient p − t; the true class has a square. "
        "The table computes all of it once as the formula is written and once from logits, with "
        "the largest subtracted."
    )
    bet = Bet(
        "The logits are 2, 1 and −1. Add 100 to all three, and compute the formula as it is "
        "written, in float32. What changes?",
        options=(
            "Nothing: the same probabilities",
            "They come closer together",
            "There are no probabilities any more",
        ),
    )
    goals = (
        "Make the probabilities 0.5, 0.5 and 0, each within 0.01.",
        "With nothing added, make an exponential overflow in float16 as written, while all stays "
        "right from logits.",
        "With nothing added, make the loss infinite in float32 as written, although the "
        "probabilities are still numbers.",
    )
    formulas = ("nnlib.losses.CrossEntropy",)

    def still(self) -> str:
        bars = "".join(
            f'<rect x="{30 + 60 * k}" y="{100 - max(20 * z, 0)}" width="36" height="{20 * abs(z)}" '
            f'fill="#2b8cc4"/><text x="{48 + 60 * k}" y="140" text-anchor="middle" font-size="13" '
            f'fill="currentColor">{z}</text>'
            for k, z in enumerate((2, 1, -1))
        )
        return (
            '<svg viewBox="0 0 220 150" width="330" role="img" '
            'aria-label="Three bars, the logits 2, 1 and -1.">'
            f'<path d="M10,100H210" stroke="#888"/>{bars}</svg>'
        )
