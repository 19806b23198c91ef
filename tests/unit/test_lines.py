"""A function's lines, folded: what is read is what runs."""

import re
from pathlib import Path

import pytest

from nncourse import lines
from nncourse.experiments import data


def long_told(x):
    """Add <one>.

    What is told at length is left out.
    """
    return x + 1  # a & b


def test_the_source_is_what_runs_with_the_first_paragraph_of_its_docstring():
    text = lines.source(long_told)
    assert text.splitlines()[1] == '    """Add <one>."""' and "at length" not in text
    space = {}
    exec(text, space)
    assert space["long_told"](1) == 2


def test_a_styled_figure_shows_its_own_lines():
    assert lines.source(data.rare_in_test).startswith("@figures.styled\ndef rare_in_test(")


def test_the_fold_is_closed_escaped_and_proves_no_number(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *what, **how: shown.append((what, how)))
    lines.show_lines(long_told, data.reader)
    (((what,), how),) = shown
    page = what["text/html"]
    assert page.startswith("<details class='nn-lines'><summary>The lines of <code>long_told</code>")
    assert "Add &lt;one&gt;." in page and "# a &amp; b" in page and "def reader(" in page
    assert how["metadata"]["nnlib"]["typed"]


def test_what_is_no_fold_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="at least one function"):
        lines.show_lines()
    monkeypatch.setattr(lines, "MOST", 2)
    with pytest.raises(ValueError, match="long_told has 3 lines; more than 2"):
        lines.source(long_told)


def test_the_fold_is_dark_on_dark_pages():
    css = (Path(lines.__file__).parents[1] / "_static" / "course.css").read_text("utf-8")
    dark = re.search(r'data-theme="dark"\] body .*text_html:has\((.*?)\)', css)[1]
    assert ".nn-lines" in dark.split(", "), "the theme puts HTML outputs on a light card"
