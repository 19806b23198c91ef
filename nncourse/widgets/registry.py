"""Every figure of the course, by the name that a chapter imports.

A figure that is listed here can be imported from `nncourse.widgets`, is bundled with its
page, and is reached by every test of quality: narrow, dark, printed, by keyboard and by
touch (``tests/widgets/test_registry.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Listed:
    """Where a figure's class is, and the figures made by it that are tested.

    Parameters
    ----------
    place : str
        Module that holds the class.
    examples : tuple of tuple
        For each figure to be tested the arguments of the class.
    """

    place: str
    examples: tuple[tuple, ...] = ((),)


FIGURES = {
    "TrainingPlayer": Listed("nncourse.widgets.player", (("noisy_xor",), ("digits",))),
    "Heatmap": Listed("nncourse.widgets.heatmap", (("digits",),)),
    "Descent": Listed("nncourse.widgets.descent"),
    "DrawDigit": Listed("nncourse.widgets.drawdigit"),
    "SoftmaxBench": Listed("nncourse.widgets.softmaxbench"),
    "GateTrainer": Listed("nncourse.widgets.gatetrainer"),
    "OptimizerRace": Listed("nncourse.widgets.optimizerrace"),
    "Microscope": Listed("nncourse.widgets.microscope"),
    "FunctionBuilder": Listed("nncourse.widgets.functionbuilder"),
    "GradientFlow": Listed("nncourse.widgets.gradientflow"),
    "MistakesExplorer": Listed("nncourse.widgets.mistakes"),
    "WrongRun": Listed("nncourse.widgets.wrongrun"),
    "RegularizationBench": Listed("nncourse.widgets.regularizationbench"),
}


def figure_class(name: str) -> type:
    """The class of this name."""
    return getattr(import_module(FIGURES[name].place), name)


def examples() -> list:
    """One of each figure that is to be tested."""
    return [figure_class(name)(*one) for name, listed in FIGURES.items() for one in listed.examples]
