"""How long a chapter takes, section by section, computed from the notebook itself.

    python -m tools.reading_time            every chapter's line
    python -m tools.reading_time --write    and write it below "What you will learn"

`make refresh` writes it, too, and a test compares it. Exercises are counted apart: they take
as long as the reader likes.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import notebooks

WORDS = 150  # read in a minute: prose with formulas
CODE_LINES = 12  # visible lines read in a minute
FIGURE = 0.5  # minutes to look at a figure
QUESTION = 1.0  # minutes to think about a question
INTERACTIVE = 4.0  # minutes to play with a figure
START = "**Time.**"
HEADING = re.compile(r"^## (.+?)\s*$", re.MULTILINE)
MARKUP = re.compile(r"<[^>]*>|\$\$?[^$]*\$\$?|`[^`]*`|\]\([^)]*\)|[#*|>_\-\[\]]+")
QUIZ = re.compile(r"<fieldset class=\"nn-question")
LIVE = re.compile(r"nn-static\b")
SOLUTION = re.compile(r"<details>.*?</details>", re.DOTALL)


@dataclass
class Section:
    """A section of a chapter, and the minutes it takes."""

    title: str
    minutes: float = 0.0
    cells: list[NotebookNode] = field(default_factory=list)


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections of second level, each with the minutes it takes."""
    found = [Section("")]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            pieces = HEADING.split(cell.source)
            for index, piece in enumerate(pieces):
                if index % 2:
                    found.append(Section(piece.strip()))
                else:
                    found[-1].minutes += _prose(piece)
        else:
            found[-1].minutes += _code(cell)
    return [section for section in found if section.title or section.minutes >= 0.5]


def _prose(text: str) -> float:
    kept = "\n".join(line for line in text.splitlines() if not line.startswith(START))
    # A formula, or a piece of code in a sentence, is read like a word.
    return len(MARKUP.sub(" x ", SOLUTION.sub(" ", kept)).split()) / WORDS


def _code(cell: NotebookNode) -> float:
    tags = set(cell.metadata.get("tags", []))
    if "hide-cell" in tags:
        return 0.0
    minutes = 0.0
    if not tags & {"hide-input", "remove-input"}:
        minutes += len([line for line in cell.source.splitlines() if line.strip()]) / CODE_LINES
    for output in cell.outputs:
        data = output.get("data", {})
        html = data.get("text/html", "")
        if LIVE.search(html):
            minutes += INTERACTIVE
        elif "nn-quiz" in html:
            minutes += QUESTION * max(1, len(QUIZ.findall(html)))
        elif "image/png" in data:
            minutes += FIGURE
    return minutes


def line(notebook: NotebookNode) -> str:
    """Return the sentence that states a chapter's time."""
    parts = [s for s in sections(notebook) if s.title not in ("", "What you will learn")]
    reading = [s for s in parts if not s.title.startswith(("Exercise", "Where to read"))]
    total = sum(s.minutes for s in reading) + sum(
        s.minutes for s in sections(notebook) if s.title in ("", "What you will learn")
    )
    named = " · ".join(f"{s.title} {max(1, round(s.minutes))}" for s in reading)
    return f"{START} About {5 * max(1, round(total / 5))} minutes without the exercises: {named}."


def with_time(notebook: NotebookNode) -> NotebookNode:
    """Write the line below "What you will learn", where a chapter has this section."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "## What you will learn" in cell.source:
            kept = [text for text in cell.source.split("\n\n") if not text.startswith(START)]
            cell.source = "\n\n".join([*kept, line(notebook)])
            break
    return notebook


def main(arguments: list[str]) -> int:
    for path in notebooks.chapters():
        notebook = nbformat.read(path, as_version=4)
        print(f"{path.stem}: {line(notebook)}")
        if "--write" in arguments:
            Path(path).write_text(notebooks.text(with_time(notebook)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
