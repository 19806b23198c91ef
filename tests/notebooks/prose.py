"""Numbers in the prose of a chapter, and whether its outputs show them.

A plain number in a notebook's Markdown was measured there, so an output of the
same notebook shows it with the same digits, or it is a setting that stands in
the notebook's code. A number from a source is in italics. A number that is
neither (from arithmetic in the sentence, say) is named in the metadata of its
cell, where no reader stumbles over it: ``"nnlib": {"numbers": ["48"]}``.
Headings, links, citations, mathematics, code and HTML tags are not searched.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools import reading_time

MARKDOWN = (
    MarkdownIt("commonmark")
    .enable(["table", "strikethrough"])
    .use(dollarmath_plugin, allow_digits=False, double_inline=True)
    .use(amsmath_plugin)
)

# 1,797 and the spaces that typesetters put there (no-break, thin, narrow).
THOUSANDS = re.compile("(?<=\\d)[,\u00a0\u2009\u202f](?=\\d{3}(?!\\d))")
DIGITS = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
# Behind a letter digits are part of a name: L2, float64, W1.
IN_PROSE = re.compile(rf"(?<![\w.])(?<!\w[-_/])-?{DIGITS}")
IN_OUTPUT = re.compile(rf"(?<![A-Za-z_\d.])-?{DIGITS}")

# Digits that count or name and are never measured: 8x8, 2-D, 3rd, chapter 4.
NOT_MEASURED = re.compile(
    r"""
      \b\d+(?:[x×]\d+)+\b
    | \b\d-?D\b
    | \b\d*(?:1st|2nd|3rd|\dth)\b
    | \b(?:chapter|section|figure|table|equation|part|step|exercise|question
          |challenge|solution|case|source|cell|volume|page)s?
      \s+\d+(?:(?:[\s,]|and|or|to|[-\u2013])*\d+)*(?![.,]?\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)

TYPED = re.compile(r"""class=["']nn-(?:quiz|static)\b""")

# MyST directives whose body is no prose.
NO_PROSE = {"bibliography", "code", "code-block", "code-cell", "eval-rst", "figure"}
NO_PROSE |= {"image", "math", "raw", "tableofcontents", "toctree"}
DIRECTIVE = re.compile(r"\{([\w:-]+)\}")
ROLE = re.compile(r"\{[\w:-]+\}$")


class _PlainText(HTMLParser):
    """The text of a piece of HTML, without what is quoted, coded or linked."""

    SKIPPED = {"a", "cite", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i"}
    SKIPPED |= {"math", "pre", "script", "style", "svg"}

    def __init__(self, skipped=SKIPPED):
        super().__init__()
        self.skipped = skipped
        self.text = ""
        self._inside = 0

    def handle_starttag(self, tag, attrs):
        self._inside += tag in self.skipped

    def handle_endtag(self, tag):
        self._inside -= tag in self.skipped
        # So that neighbouring cells of a table stay apart.
        self.text += " "

    def handle_data(self, data):
        if self._inside <= 0:
            self.text += data


def text_of_html(html: str, skipped=_PlainText.SKIPPED) -> str:
    parser = _PlainText(skipped)
    parser.feed(html)
    parser.close()
    return parser.text


def _inline(tokens: list[Token]) -> str:
    """Return the prose in a line: neither italics, links, maths nor code."""
    text, skipping = "", 0
    for token in tokens:
        if token.type in ("em_open", "link_open"):
            skipping += 1
        elif token.type in ("em_close", "link_close"):
            skipping -= 1
        elif skipping:
            continue
        elif token.type == "text":
            text += token.content
        elif token.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif token.type == "html_inline":
            tag = re.match(r"</?(em|i|cite|code|a)\b", token.content)
            if tag:
                skipping += -1 if token.content.startswith("</") else 1
        elif token.type in ("code_inline", "math_inline", "math_inline_double"):
            # Something stands here: "in $3$-D" is not "in -D".
            text = ROLE.sub("", text) + "\ufffc"
    return text


def prose(markdown: str) -> Iterator[str]:
    """Yield the pieces of a Markdown text that may hold measured numbers."""
    in_heading = False
    for token in MARKDOWN.parse(markdown):
        if token.type in ("heading_open", "heading_close"):
            in_heading = token.type == "heading_open"
        elif token.type == "inline" and not in_heading:
            if not token.content.startswith(reading_time.START):  # computed, and tested
                yield _inline(token.children or [])
        elif token.type == "html_block":
            yield text_of_html(token.content)
        elif token.type == "fence":
            directive = DIRECTIVE.match(token.info.strip())
            if directive and directive[1] not in NO_PROSE:
                yield from prose(token.content)


def normalise(text: str) -> str:
    """Write numbers one way: no thousands separators, the minus of a keyboard."""
    return THOUSANDS.sub("", text.replace("\u2212", "-"))


def measured_numbers(markdown: str) -> list[str]:
    """Return the numbers of a Markdown text that claim to be measured."""
    found = []
    for piece in prose(markdown):
        text = NOT_MEASURED.sub(" ", normalise(piece))
        found += [match.group() for match in IN_PROSE.finditer(text)]
    return found


def shown_numbers(outputs) -> set[str]:
    """Return the numbers that a cell's outputs show, with and without sign.

    The text that stands for a picture does not count, nor do quizzes, the captions
    of interactives and recorded settings: somebody typed them, nothing measured them.
    """
    texts = []
    for output in outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        data = output.get("data", {})
        if "image/png" in data or TYPED.search(data.get("text/html", "")):
            continue
        if output.get("metadata", {}).get("nnlib", {}).get("typed"):
            continue
        texts.append(data.get("text/plain", ""))
        texts.append(text_of_html(data.get("text/html", ""), {"script", "style"}))
        texts.append(data.get("text/markdown", ""))
    shown = set()
    for text in texts:
        # As a thousands separator and as a comma between numbers: 1,797 and [1,797].
        for reading in (normalise(text), text.replace("\u2212", "-")):
            shown |= set(IN_OUTPUT.findall(reading))
    return shown | {number.lstrip("-") for number in shown}


def settings(source: str) -> set[str]:
    """Return the numbers that stand as such in Python code, not in its texts or comments."""
    found = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NUMBER:
                found.add(token.string.replace("_", ""))
    except (tokenize.TokenError, SyntaxError):  # a cell with a magic
        pass
    return found


def excused(cell) -> list[str]:
    """Return the numbers that a Markdown cell's metadata name as not measured."""
    return [normalise(number) for number in cell.metadata.get("nnlib", {}).get("numbers", [])]


def faults(notebook) -> list[str]:
    """Return, cell by cell, the numbers that neither an output nor the code shows."""
    shown = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown |= shown_numbers(cell.outputs) | settings(cell.source)
    if not any(cell.get("outputs") for cell in notebook.cells):
        return ["no cell has an output to show a number: run `make refresh`"]
    return [
        f"cell {index} (Markdown): no output shows {number!r}, in "
        f"{_context(cell.source, number)!r}. If it is measured, mend it or print it; "
        "if it comes from a source, write *italics*; if it is neither, name it in the "
        'cell\'s metadata: "nnlib": {"numbers": ["..."]}'
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        for number in measured_numbers(cell.source)
        if number not in shown and number not in excused(cell)
    ] + [
        f"cell {index} (Markdown): its metadata excuse {number!r}, which is not in its text"
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        for number in excused(cell)
        if number not in measured_numbers(cell.source)
    ]


# A number alone, or the widths of a network, in formula or code: $0.03$, `11`, `64-50-10`.
NUMBER_ALONE = r"[-+\u2212]?\d[\d,]*(?:\.\d+)?"
DRESSED = re.compile(rf"{NUMBER_ALONE}|\d+(?:-\d+)+")
DRESSED_IN_TEXT = re.compile(
    rf"(?<![\\$\w])\${NUMBER_ALONE}\$(?!\$)|(?<!`)`(?:{NUMBER_ALONE}|\d+(?:-\d+)+)`(?!`)"
)


def _dressed(tokens: list[Token]) -> Iterator[str]:
    """Yield the numbers of a parsed text that stand alone as a formula or as code."""
    for token in tokens:
        yield from _dressed(token.children or [])
        if token.type in ("code_inline", "math_inline") and DRESSED.fullmatch(token.content):
            yield token.markup + token.content + token.markup


def dressed_numbers(notebook) -> list[str]:
    """Return the plain numbers that do not look like plain numbers.

    A setting as code and a number as mathematics give one sentence three typefaces, and hide the
    number from the test that it was measured. Formulas (``$n = 8$``) and code (``n=8``) stay.
    """
    found = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            dressed = list(_dressed(MARKDOWN.parse(cell.source)))
        else:  # questions, answers and captions
            try:
                tokens = list(tokenize.generate_tokens(io.StringIO(cell.source).readline))
            except (tokenize.TokenError, SyntaxError):  # a cell with a magic
                continue
            texts = [token.string for token in tokens if token.type == tokenize.STRING]
            dressed = [match.group() for text in texts for match in DRESSED_IN_TEXT.finditer(text)]
        found += [
            f"cell {index} ({cell.cell_type}): write {number} as a plain number, without dollars "
            "or backticks; if it was not measured, name it in the cell's metadata"
            for number in dressed
        ]
    return found


def _context(source: str, number: str) -> str:
    """Return the line that holds the number, for the message."""
    for line in source.splitlines():
        if re.search(rf"(?<![\w.]){re.escape(number)}(?!\d)", normalise(line)):
            return line.strip()[:100]
    return source.splitlines()[0][:100]
