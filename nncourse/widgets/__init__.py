"""The interactives of the course, and the quiz.

For chapter authors::

    from nncourse.widgets import TrainingPlayer
    TrainingPlayer("noisy_xor")             # or "xor", "or", "and", "digits"

    from nncourse.widgets import Heatmap
    Heatmap("digits")                       # or "xor"

    from nncourse.widgets import Answer, NumberQuestion, Question, quiz
    quiz([Question("Is $2 > 1$?", [Answer("yes", correct=True, why="By one."),
                                   Answer("no", why="Count again.")]),
          NumberQuestion("How many weights?", answer=net.theta.size, why="...")])

    from nncourse.widgets import bet, settle
    bet("which-rate", "Which learning rate wins?", ["0.1", "1"])
    settle("which-rate", best, why={"0.1": "...", "1": "..."})    # in a later cell

Each is the last expression of its cell. With a kernel, `nnlib` itself trains; on the
published page the figure trains small networks by itself and plays what was recorded.

For a drawing of your own that a few knobs explain::

    from nncourse.widgets import explore
    explore(draw, recorded=[{"rate": 0.1}, {"rate": 2.0}], grid={"rate": [0.1, 0.5, 1, 2, 3]},
            rate=(0.0, 3.0))

shows what ``draw(rate=...)`` returns, a figure and its text: with ipywidgets' controls
in a kernel, with sliders over the grid's settings on the page.

The quiz needs no package beyond Python; the two figures need anywidget, `explore`
matplotlib. They are imported when first asked for, so that this package stays light.
"""

from importlib import import_module

from nncourse.widgets.bets import bet, settle
from nncourse.widgets.quiz import Answer, NumberQuestion, Question, quiz
from nncourse.widgets.registry import FIGURES, figure_class

__all__ = [
    "Answer", "NumberQuestion", "Question", "bet", "explore", "quiz", "settle", *FIGURES,
]  # fmt: skip


def __getattr__(name: str):
    if name in FIGURES:
        return figure_class(name)
    if name == "explore":
        return import_module("nncourse.widgets.controls").explore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
