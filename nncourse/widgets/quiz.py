"""Check yourself: questions whose every answer explains.

What a cell stores is plain HTML: without any script each answer unfolds to its explanation.
Style and script are no part of it. The page brings them, and in a notebook they are displayed
beside it (``live``: never stored); then it is a form with a Check button and feedback that a
screen reader announces. It needs no kernel. Nothing is scored or stored.
"""

from __future__ import annotations

import hashlib
import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nncourse.widgets.base import bundle
from nncourse.widgets.markup import inline, words


@dataclass(frozen=True)
class Answer:
    """One answer offered, and why it is right or wrong.

    Parameters
    ----------
    text : str
        May hold ``$maths$``, `` `code` ``, ``*emphasis*`` and ``**strong**``.
    correct : bool
    why : str
        Shown when this answer is checked: why it is right, or which slip leads there.
    """

    text: str
    correct: bool = False
    why: str = ""

    def __post_init__(self) -> None:
        require_text("an answer's text", self.text)
        require_text(f"`why` of the answer {self.text!r}", self.why)


@dataclass(frozen=True)
class Question:
    """A question with answers to choose from, exactly one of them right.

    Parameters
    ----------
    text : str
    answers : sequence of Answer
        Two or more. Each reader gets them in an order of their own.
    ordered : bool
        Whether the answers stand in an order that means something, such as their size,
        and keep it.
    """

    text: str
    answers: Sequence[Answer]
    ordered: bool = False

    def __post_init__(self) -> None:
        require_text("a question's text", self.text)
        for answer in self.answers:
            if not isinstance(answer, Answer):
                raise TypeError(f"the answers of {self.text!r} must be Answer(...), got {answer!r}")
        if len(self.answers) < 2:
            raise ValueError(
                f"the question {self.text!r} offers {len(self.answers)} answer(s): "
                "give it two or more"
            )
        if len({answer.text for answer in self.answers}) < len(self.answers):
            raise ValueError(f"{self.text!r} offers the same answer twice")
        right = sum(answer.correct for answer in self.answers)
        if right != 1:
            raise ValueError(
                f"the question {self.text!r} has {right} correct answers: "
                "mark exactly one with correct=True"
            )

    def _dealt(self) -> list[Answer]:
        """The answers as they are stored: authors write the right one second, chance does not."""
        if self.ordered:
            return list(self.answers)
        return sorted(self.answers, key=lambda answer: place(self.text, answer.text))

    def _html(self, number: int) -> str:
        answers = "".join(
            _details(
                inline(answer.text),
                f"<strong>{'Right.' if answer.correct else 'Not quite.'}</strong> "
                + inline(answer.why),
                right=answer.correct,
                aloud=aloud(answer.text),
            )
            for answer in self._dealt()
        )
        extra = " data-ordered" if self.ordered else ""
        return fieldset(self.text, answers, kind="choice", extra=extra, number=number)


@dataclass(frozen=True)
class NumberQuestion:
    """A question whose answer is a number: let code compute it.

    Parameters
    ----------
    text : str
    answer : float
        The right answer, taken to six significant digits.
    tolerance : float
        How far from it still counts as right; the same for the numbers of `wrong`.
    unit : str
        Shown behind the field, for instance ``"%"``.
    why : str
        How one gets there; shown with the right answer.
    wrong : mapping of float to str
        Answers that well-known slips lead to, and which slip it was.
    """

    text: str
    answer: float
    why: str
    tolerance: float = 0.0
    unit: str = ""
    wrong: Mapping[float, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text("a question's text", self.text)
        require_text(f"`why` of the question {self.text!r}", self.why)
        for name, value in [("answer", self.answer), ("tolerance", self.tolerance)]:
            if not math.isfinite(float(value)):
                raise ValueError(f"{name} of {self.text!r} must be finite, got {value!r}")
        if self.tolerance < 0:
            raise ValueError(f"tolerance must be 0 or more, got {self.tolerance!r}")
        for value, why in self.wrong.items():
            require_text(f"the explanation for {value!r}", why)
            if abs(float(value) - float(self.answer)) <= self.tolerance:
                raise ValueError(
                    f"the wrong answer {value!r} is within tolerance of the right one, "
                    f"{self.answer!r}: remove it or lower tolerance={self.tolerance!r}"
                )

    def _html(self, number: int) -> str:
        unit = f" {html.escape(self.unit)}" if self.unit else ""
        answers = _details(
            "Show the answer",
            f"<strong>{written(self.answer)}{unit}.</strong> {inline(self.why)}",
            right=True,
            value=self.answer,
        )
        for value, why in self.wrong.items():
            answers += _details(
                f"If you got {written(value)}",
                f"<strong>Not quite.</strong> {inline(why)}",
                value=value,
            )
        tolerance = f"{float(self.tolerance):.6g}"
        extra = f' data-tolerance="{tolerance}" data-unit="{html.escape(self.unit)}"'
        return fieldset(self.text, answers, kind="number", extra=extra, number=number)


class Shown:
    """HTML, the same bytes every time, to which style and script are brought."""

    def _repr_mimebundle_(self, **options: object) -> dict:
        from IPython.display import display

        live = f"<style>{bundle('quiz.css')}</style><script>{bundle('quiz.js')}</script>"
        display({"text/html": live}, metadata={"nnlib": {"live": True}}, raw=True)
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


class Quiz(Shown):
    """What `quiz` returns."""

    def __init__(self, questions: Sequence[Question | NumberQuestion]) -> None:
        questions = list(questions)
        if not questions:
            raise ValueError("a quiz needs at least one question, got none")
        for question in questions:
            if not isinstance(question, (Question, NumberQuestion)):
                raise TypeError(
                    f"a quiz is made of Question(...) and NumberQuestion(...), got {question!r}"
                )
        self.questions = questions

    def __repr__(self) -> str:
        count = len(self.questions)
        return f"<Quiz: {count} question{'s' if count > 1 else ''}>"

    def _repr_html_(self) -> str:
        body = "".join(
            question._html(number) for number, question in enumerate(self.questions, start=1)
        )
        return f'<div class="nn-quiz">\n{body}</div>'


def quiz(questions: Sequence[Question | NumberQuestion]) -> Quiz:
    """Show questions with feedback; make it the last line of a cell.

    Parameters
    ----------
    questions : sequence of Question or NumberQuestion

    Examples
    --------
    >>> quiz([Question("Is $2 > 1$?", [Answer("yes", correct=True, why="By one."),
    ...                                Answer("no", why="Count again.")])])
    <Quiz: 1 question>
    """
    return Quiz(questions)


def place(question: str, answer: str) -> bytes:
    """Where an answer stands among the others: drawn by their words, the same everywhere."""
    return hashlib.sha256(f"{words(question)}|{words(answer)}".encode()).digest()


def require_text(what: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{what} must be a text that is not empty, got {value!r}")


def aloud(text: str) -> str:
    """An attribute with the words of a text, where a formula would have none."""
    return f' data-words="{html.escape(words(text))}"' if "$" in text else ""


def written(value: float) -> str:
    """A number as a reader writes it: thousands commas, six significant digits."""
    value = float(value)
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.6g}"


def _details(
    summary: str, why: str, right: bool = False, value: float | None = None, aloud: str = ""
) -> str:
    attributes = aloud + (" data-right" if right else "")
    if value is not None:
        exact = float(value).is_integer() and abs(value) < 1e15
        attributes += f' data-value="{int(value) if exact else f"{float(value):.6g}"}"'
    return (
        f"<details{attributes}><summary>{summary}</summary>"
        f'<div class="nn-why">{why}</div></details>\n'
    )


def fieldset(text: str, answers: str, kind: str, extra: str = "", number: int = 0) -> str:
    count = f'<span class="nn-count">{number}. </span>' if number else ""
    return (
        f'<fieldset class="nn-question" data-kind="{kind}"{extra}{aloud(text)}>'
        f"<legend>{count}{inline(text)}</legend>\n{answers}</fieldset>\n"
    )
