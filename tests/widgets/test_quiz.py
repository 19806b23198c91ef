"""The quiz: what it refuses, what it writes, and that it reads without a script."""

import re
from importlib import import_module

import pytest

from nncourse.widgets import Answer, NumberQuestion, Question, base, bet, quiz, settle
from nncourse.widgets.markup import spoken, words

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


def test_every_answer_keeps_its_reason_without_a_script():
    written = html(Question("How many?", [WRONG, RIGHT], ordered=True))
    summaries = re.findall(r"<details( data-right)?><summary>(.*?)</summary>", written)
    assert summaries == [("", "three"), (" data-right", "two")]
    assert "Not quite.</strong> One too many." in written
    assert "Right.</strong> Count." in written


def test_where_an_author_puts_the_right_answer_does_not_matter():
    others = [Answer(f"{k}", why="w") for k in range(3)]
    orders = {html(Question("n?", [*others[:k], RIGHT, *others[k:]])) for k in range(4)}
    assert len(orders) == 1
    places = [
        re.findall(r"<details( data-right)?>", html(Question(f"{k}?", [RIGHT, *others])))
        for k in range(40)
    ]
    assert {order.index(" data-right") for order in places} == {0, 1, 2, 3}


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


def test_style_and_script_are_shown_but_never_stored(monkeypatch):
    """One character of quiz.css more, and what a notebook stores stays as it was."""
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, metadata, raw: shown.append((data, metadata))
    )
    asked = quiz([Question("How many?", [RIGHT, WRONG])])
    before = asked._repr_mimebundle_()
    bundle = base.bundle
    room = import_module("nncourse.widgets.quiz")
    monkeypatch.setattr(room, "bundle", lambda name: bundle(name) + "/**/")
    assert asked._repr_mimebundle_() == before
    assert "<style" not in before["text/html"] and "<script" not in before["text/html"]
    (first, about), (second, _) = shown
    assert about == {"nnlib": {"live": True}}  # what `make refresh` and nbval leave out
    assert "<style>" in first["text/html"] and "<script>" in first["text/html"]
    assert first != second


@pytest.mark.parametrize(
    ("formula", "aloud"),
    [
        ("h = 10^{-5}", "h = 10 to the power -5"),
        (r"\frac{\partial C}{\partial w_1}", "d C over d w 1"),
        (r"\eta \cdot \tfrac12 \le \lambda", "eta times 1 over 2 at most lambda"),
        (r"\sqrt{x}", "square root of x"),
    ],
)
def test_formulas_have_words(formula, aloud):
    assert spoken(formula) == aloud
    assert words(f"*Is* ${formula}$ `so`?") == f"Is {aloud} so?"


def page_of(folder, *shown):
    for name in ("quiz.css", "quiz.js"):
        (folder / name).write_text(base.bundle(name))
    body = "".join(one._repr_html_() if hasattr(one, "_repr_html_") else one for one in shown)
    (folder / "quiz.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="quiz.css"><script defer src="quiz.js"></script>'
        f"{body}</html>"
    )
    return (folder / "quiz.html").as_uri()


@pytest.fixture
def asked(open_page, tmp_path):
    """A choice and a number, in a browser."""
    number = NumberQuestion("A quarter?", answer=0.25, why="Halve it twice.", tolerance=0.01)
    return open_page(page_of(tmp_path, quiz([Question("How many?", [WRONG, RIGHT]), number])))


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("0.25", "right"),
        ("0,25", "right"),
        ("0,250", "right"),  # no thousands
        ("2.5e-1", "right"),
        (".25 m", "right"),
        ("1,000", "wrong"),
        ("1/4", "right"),
        ("25 %", "right"),
        ("10^-1", "wrong"),
        ("1 or 2", None),
        ("a quarter", None),
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
    assert sorted(answers.all_inner_texts()) == ["three", "two"]
    assert answers.first.is_visible()


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("48 million", "", 48e6), ("4.8e7", "", 4.8e7), ("47,940,000", "", 47_940_000),
        ("47 940 000", "", 47_940_000), ("47.940.000", "", 47_940_000), ("1/4", "", 0.25),
        ("0,25", "", 0.25), ("25 %", "", 0.25), ("25 %", "%", 25), ("25", "%", 25),
        ("1/4", "%", 25), ("10^-5", "", 1e-5), ("2.5 × 10⁻³", "", 0.0025), ("\u22123,0", "", -3),
        ("about 3", "", 3), ("1 thousand", "", 1000), ("3 and 4", "", None), ("", "", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(node, typed, unit, value):
    script = """
    import { readNumber } from "./numbers.js";
    console.log(JSON.stringify(readNumber(given.typed, given.unit)));
    """
    found = node(script, {"typed": typed, "unit": unit})
    assert found == (value if value is None else pytest.approx(value, rel=1e-12))


def test_a_wrong_number_gets_its_slip_or_a_direction(open_page, tmp_path):
    slip = NumberQuestion("n?", answer=10, why="w", wrong={5: "Half."})
    question = open_page(page_of(tmp_path, quiz([slip]))).locator(".nn-question")
    for typed, said in [("5", "Half."), ("12", "Too large."), ("9", "Too small."), ("10", "Right")]:
        question.get_by_role("textbox").fill(typed)
        question.get_by_role("button", name="Check").click()
        assert said in question.get_by_role("status").inner_text()


def test_each_reader_has_an_order_and_keeps_it(open_page, tmp_path):
    answers = [Answer(f"answer {k}", k == 0, "w") for k in range(4)]
    address = page_of(tmp_path, quiz([Question("How many?", answers),
                                      Question("In order?", answers, ordered=True)]))  # fmt: skip
    orders = set()
    for _ in range(6):
        page = open_page(address)  # in a context of its own: another reader
        read = lambda: tuple(page.locator(".nn-choices label").all_inner_texts())  # noqa: E731, B023
        order = read()
        page.reload()
        assert read() == order
        assert order[4:] == tuple(f"answer {k}" for k in range(4))
        orders.add(order[:4])
    assert len(orders) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(f"answer {k}" for k in range(4))}


def test_one_numbering_in_a_section(open_page, tmp_path):
    one, two = Question("How many?", [RIGHT, WRONG]), Question("And now?", [RIGHT, WRONG])
    page = open_page(page_of(tmp_path, "<h2>A</h2>", quiz([one]), quiz([two, one]),
                             "<h2>B</h2>", quiz([two])))  # fmt: skip
    legends = page.locator("legend").all_inner_texts()
    assert legends == ["1. How many?", "2. And now?", "3. How many?", "And now?"]


def test_an_answer_with_a_formula_keeps_its_words(open_page, tmp_path):
    answers = [Answer("$10^{-5}$", True, "w"), Answer("$1$", why="w")]
    page = open_page(page_of(tmp_path, quiz([Question("Which $h$?", answers)])))
    assert page.get_by_role("radio", name="10 to the power -5").count() == 1
    assert page.get_by_role("group", name="Which h?").count() == 1


def test_a_bet_is_taken_silently_and_shown_beside_the_measurement(open_page, tmp_path):
    why = {"one": "Too few.", "two": "Count.", "three": "Too many."}
    asked = bet("how-many", "How many?", list(why))
    percent = bet("percent", "How many percent?", unit="%")
    address = page_of(tmp_path, asked, percent, settle("how-many", "two", why=why),
                      settle("percent", 97.4, why="Measured.", near=1))  # fmt: skip
    page = open_page(address)
    first, second = page.locator(".nn-question").all()
    settled, other = page.locator(".nn-settled").all()
    assert "You placed no bet" in settled.inner_text()
    assert "Too many." not in first.inner_html() and "97" not in second.inner_html()
    first.get_by_role("radio", name="three").check()
    first.get_by_role("button", name="Place the bet").click()
    assert "kept" in first.get_by_role("status").inner_text()
    assert first.get_attribute("data-state") is None
    second.get_by_role("textbox").fill("90 %")
    second.get_by_role("button", name="Place the bet").click()
    for _ in range(2):
        assert "You bet: three." in settled.inner_text() and "Measured: two" in settled.inner_text()
        assert settled.locator("details[open]").inner_text().endswith("Too many.")
        assert "You bet: 90 %. That is 7.4 % too low." in other.inner_text()
        page.reload()
    assert first.get_by_role("radio", name="three").is_checked()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bet("How many", "n?", ["a", "b"]), "a-z, 0-9"),
        (lambda: bet("n", "n?", ["a"]), "two or more"),
        (lambda: settle("never-placed", "a", why={}), "run the cell with bet"),
        (
            lambda: bet("n", "n?", ["a", "b"]) and settle("n", "c", why={"a": "w", "b": "w"}),
            "one of",
        ),
        (lambda: bet("n", "n?", ["a", "b"]) and settle("n", "a", why={"a": "w"}), "for each of"),
        (lambda: bet("n", "n?") and settle("n", float("nan"), why="w"), "finite"),
    ],
)
def test_a_bad_bet_is_refused_with_a_reason(make, message):
    with pytest.raises(ValueError, match=message):
        make()
