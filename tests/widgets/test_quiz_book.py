"""Over the whole book: no right answer is betrayed by its place, its length or its tone.

Each statistic is over all questions of the book, since of one quiz chance decides. What fails
names the questions; `python -m tests.widgets.test_quiz_book` prints the table.
"""

import html
import math
import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
CHOICE = re.compile(r'<fieldset class="nn-question" data-kind="choice".*?</fieldset>', re.DOTALL)
ANSWER = re.compile(r"<details([^>]*)><summary>(.*?)</summary>", re.DOTALL)
# Words of one who is careful, and of one who is not: the first are said of what is right.
HEDGES = re.compile(r"\b(usually|mostly|often|may|might|can|about|almost|nearly|some|depends)\b")
ABSOLUTES = re.compile(r"\b(always|never|all|every|none|nothing|only|must|impossible|cannot)\b")


def questions():
    """(chapter, question, [(text, right), ...]) of each question with answers to choose from."""
    found = []
    for path in CHAPTERS:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                shown = "".join(output.get("data", {}).get("text/html", ""))
                for block in CHOICE.findall(shown):
                    legend = plain(re.search(r"<legend>(.*?)</legend>", block, re.DOTALL)[1])
                    answers = [
                        (plain(text), "data-right" in marks)
                        for marks, text in ANSWER.findall(block)
                    ]
                    found.append((path.stem, legend, answers))
    return found


def plain(fragment):
    return html.unescape(re.sub(r"<[^>]*>", "", fragment)).strip()


def longest(answers):
    """Whether the right answer is clearly the longest: by a fifth more than any other."""
    right = max(len(text) for text, is_right in answers if is_right)
    return right >= 1.2 * max(len(text) for text, is_right in answers if not is_right)


def betrayed_by_tone(answers):
    """Whether the right answer alone is careful, or alone makes no claim about all."""
    hedged = [bool(HEDGES.search(text.lower())) for text, _ in answers]
    absolute = [bool(ABSOLUTES.search(text.lower())) for text, _ in answers]
    where = [is_right for _, is_right in answers].index(True)
    careful = hedged[where] and sum(hedged) == 1
    return careful or (not absolute[where] and sum(absolute) == len(answers) - 1)


def unlikely(hits, chances):
    """Whether so many hits would come by chance in fewer than 1 of 100 books.

    `chances` has for each question the chance of a hit in it; the sum is nearly normal.
    """
    mean, variance = sum(chances), sum(p * (1 - p) for p in chances)
    return hits > mean + 2.33 * math.sqrt(variance)


BOOK = questions()


def test_there_are_questions_to_judge():
    assert len(BOOK) > 20
    assert all(sum(right for _, right in answers) == 1 for _, _, answers in BOOK)


@pytest.mark.parametrize("sign", [longest, betrayed_by_tone], ids=["length", "tone"])
def test_the_right_answer_is_not_betrayed(sign):
    hits = [(chapter, text) for chapter, text, answers in BOOK if sign(answers)]
    chances = [1 / len(answers) for _, _, answers in BOOK]
    assert not unlikely(len(hits), chances), "\n".join(f"{c}: {t}" for c, t in hits)


def test_no_place_is_that_of_the_right_answer():
    """Without a script the answers stand as they were written."""
    for place in range(4):
        among = [answers for _, _, answers in BOOK if len(answers) > place]
        hits = sum(answers[place][1] for answers in among)
        assert not unlikely(hits, [1 / len(answers) for answers in among]), f"place {place + 1}"


def test_the_signs_see_what_they_are_to_see():
    """A book whose right answers are all longest, careful or first does not pass."""
    shape = [("It is usually a little larger than that.", True), ("It always is.", False),
             ("Never.", False)]  # fmt: skip
    assert longest(shape) and betrayed_by_tone(shape)
    assert unlikely(20, [1 / 3] * 24) and not unlikely(9, [1 / 3] * 24)


def test_each_bet_has_a_name_of_its_own_and_is_settled():
    asked, settled = [], []
    for path in CHAPTERS:
        text = path.read_text(encoding="utf-8")
        asked += re.findall(r'data-kind=\\"bet\\" data-bet=\\"([\w-]+)', text)
        settled += re.findall(r'nn-settled\\" data-bet=\\"([\w-]+)', text)
    assert len(set(asked)) == len(asked)
    assert set(asked) == set(settled)


if __name__ == "__main__":
    for chapter, text, answers in BOOK:
        place = [right for _, right in answers].index(True) + 1
        signs = [name for name, sign in [("LONGEST", longest), ("TONE", betrayed_by_tone)]
                 if sign(answers)]  # fmt: skip
        print(f"{chapter:18} right is {place} of {len(answers)} {' '.join(signs):13} {text[:70]}")
