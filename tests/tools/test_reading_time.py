"""The time that a chapter states is computed from it."""

import nbformat
import pytest
from nbformat import v4

from tools import notebooks, reading_time


def chapter(*cells):
    return v4.new_notebook(cells=list(cells))


def test_prose_code_figures_quizzes_and_play_take_their_time():
    code = v4.new_code_cell("\n".join(["x = 1"] * 24))
    code.outputs = [v4.new_output("display_data", {"image/png": "", "text/plain": "a"})]
    folded = v4.new_code_cell("\n".join(["x = 1"] * 24), metadata={"tags": ["hide-input"]})
    play = v4.new_code_cell("f()", metadata={"tags": ["hide-input"]})
    play.outputs = [v4.new_output("display_data", {"text/html": '<div class="nn-static">'})]
    notebook = chapter(
        v4.new_markdown_cell("# Title\n\n" + "word " * 300),
        v4.new_markdown_cell("## Code\n\n" + "word " * 150),
        code,
        folded,
        v4.new_markdown_cell("## Play"),
        play,
        v4.new_markdown_cell("## Exercises\n\n" + "word " * 300),
    )
    minutes = {s.title: round(s.minutes, 1) for s in reading_time.sections(notebook)}
    assert minutes["Code"] == 1 + 2 + 0.5
    assert minutes["Play"] == 4
    assert reading_time.line(notebook) == (
        "**Time.** About 10 minutes without the exercises: Code 4 · Play 4."
    )


def test_the_line_is_written_once_and_solutions_are_not_counted():
    solution = "<details><summary>Solution</summary>" + "word " * 500 + "</details>"
    notebook = chapter(
        v4.new_markdown_cell("# T"),
        v4.new_markdown_cell("## What you will learn\n\n- a"),
        v4.new_markdown_cell("## Idea\n\n" + "word " * 100 + solution),
    )
    once = reading_time.with_time(notebook).cells[1].source
    assert reading_time.with_time(notebook).cells[1].source == once
    assert once.endswith("**Time.** About 5 minutes without the exercises: Idea 1.")


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_each_chapter_states_its_time(path):
    notebook = nbformat.read(path, as_version=4)
    if any("## What you will learn" in cell.source for cell in notebook.cells):
        assert reading_time.line(notebook) in "\n\n".join(c.source for c in notebook.cells)
