"""The quiz: what it refuses, what it writes, and that it reads without a script."""

import re

import pytest

from nncourse.widgets import Answer, NumberQuestion, Question, quiz

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


@pytest.fixture
def asked(open_page, tmp_path):
    """A choice and a number, in a browser."""
    number = NumberQuestion("A quarter?", answer=0.25, why="Halve it twice.", tolerance=0.01)
    shown = html(Question("How many?", [WRONG, RIGHT]), number)
    (tmp_path / "quiz.html").write_text(
        f'<!doctype html><html lang="en"><link rel="icon" href="data:,">{shown}</html>'
    )
    return open_page((tmp_path / "quiz.html").as_uri())


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("0.25", "right"),
        ("0,25", "right"),
        ("0,250", "right"),  # no thousands
        ("2.5e-1", "right"),
        (".25 m", "right"),
        ("1,000", "wrong"),
        ("1/4", None),
        ("10^-1", None),
    ],
)
def test_numbers_as_readers_type_them(asked, typed, state):
    question = asked.locator(".nn-question").nth(1)
    question.get_by_role("textbox").fill(typed)
    question.get_by_role("button", name="Check").click()
    assert question.get_attribute("data-state") == state
    said = question.get_by_role("status")
    assert said.inner_text()
    question.get_by_role("textbox").fill("2")
    assert said.inner_text() == ""  # it was said of another number


def test_on_paper_the_answers_can_be_read(asked):
    asked.emulate_media(media="print")
    answers = asked.locator(".nn-question").first.locator("summary")
    assert answers.all_inner_texts() == ["three", "two"]
    assert answers.first.is_visible()
