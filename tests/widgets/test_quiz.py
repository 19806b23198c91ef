"""The quiz: what it refuses, what it writes, and that it reads without a script."""

import re

import pytest

from nnlib.widgets import Answer, NumberQuestion, Question, quiz

RIGHT = Answer("two", correct=True, why="Count.")
WRONG = Answer("three", why="One too many.")


def html(*questions):
    return quiz(questions)._repr_html_()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: quiz([]), "at least one question"),
        (lambda: quiz(["What?"]), "made of Question"),
        (lambda: Question("How many?", [RIGHT]), "two or more"),
        (
            lambda: Question("How many?", [WRONG, Answer("four", why="No.")]),
            "0 correct",
        ),
        (
            lambda: Question("How many?", [RIGHT, Answer("2", True, "Yes.")]),
            "2 correct",
        ),
        (lambda: Question("How many?", [RIGHT, WRONG, WRONG]), "same answer twice"),
        (lambda: Question("How many?", [RIGHT, "three"]), "must be Answer"),
        (lambda: Question(" ", [RIGHT, WRONG]), "not empty"),
        (lambda: Answer("three"), "`why`"),
        (lambda: NumberQuestion("n?", answer=float("nan"), why="w"), "finite"),
        (lambda: NumberQuestion("n?", answer=2, why="w", tolerance=-1), "0 or more"),
        (
            lambda: NumberQuestion("n?", answer=2, why="w", tolerance=1, wrong={3: "x"}),
            "within",
        ),
        (lambda: NumberQuestion("n?", answer=2, why="w", wrong={3: ""}), "not empty"),
        (lambda: NumberQuestion("n?", answer=2, why=""), "`why`"),
    ],
)
def test_bad_input_is_refused_with_a_reason(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_every_answer_keeps_its_order_and_its_reason_without_a_script():
    written = html(Question("How many?", [WRONG, RIGHT]))
    static = written[: written.index("<script>")]
    summaries = re.findall(r"<details( data-right)?><summary>(.*?)</summary>", static)
    assert summaries == [("", "three"), (" data-right", "two")]
    assert "Not quite.</strong> One too many." in static
    assert "Right.</strong> Count." in static


def test_markup_in_a_text():
    written = html(Question("*Is* $a < b$ in `x<y` & **so**?", [RIGHT, WRONG]))
    assert r'<span class="math notranslate nohighlight">\(a &lt; b\)</span>' in written
    assert "<em>Is</em>" in written
    assert "<code>x&lt;y</code> &amp; <strong>so</strong>?" in written


def test_numbers_are_written_alike_whatever_the_last_bits_say():
    def question(answer):
        return html(NumberQuestion("n?", answer=answer, why="w", tolerance=0.01, unit="%"))

    assert question(0.1 + 0.2) == question(0.3)
    assert 'data-value="0.3"' in question(0.3)
    assert "<strong>3,760 %.</strong>" in question(3760)


def test_repr_is_constant_and_the_html_small():
    shown = quiz([Question("How many?", [RIGHT, WRONG])])
    assert repr(shown) == "<Quiz: 1 question>"
    assert shown._repr_html_() == shown._repr_html_()
    assert len(shown._repr_html_()) < 8_000
