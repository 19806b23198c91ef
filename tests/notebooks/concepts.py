"""Which chapter introduces which term, and whether any chapter uses one too early."""

import re
from pathlib import Path

import yaml

from tests.notebooks import prose

TERM = re.compile(r"^(\S[^\n]*)\n  \S", re.MULTILINE)
# A term that the front matter may use before its chapter: it says what is to come.
PREVIEW = re.compile(r"^## (?:Where to read on|Summary)", re.MULTILINE)


def glossary(path: Path) -> list[str]:
    """Return the terms of the glossary, in its order."""
    body = path.read_text(encoding="utf-8").split("```{glossary}\n", 1)[1].split("\n```")[0]
    return TERM.findall(body)


def concepts(path: Path) -> dict[str, dict]:
    """Return the map of chapters: what each needs, and what it introduces."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def terms_used(notebook, terms) -> dict[str, str]:
    """Return each term that the prose of a chapter uses, with the words around its first use."""
    either = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    find = re.compile(rf"(?<![\w-])({either})(?:s|es)?(?![\w-])", re.IGNORECASE)
    names = {term.lower(): term for term in terms}
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for piece in prose.prose(PREVIEW.split(cell.source)[0]):
            for match in find.finditer(piece):
                around = piece[max(match.start() - 30, 0) : match.end() + 30]
                found.setdefault(names[match[1].lower()], " ".join(around.split()))
    return found


def used_too_early(order: list[str], chapters: dict[str, dict], used: dict) -> list[str]:
    """Return each use of a term before the chapter that introduces it."""
    home = {term: stem for stem, one in chapters.items() for term in one["introduces"]}
    place = {stem: number for number, stem in enumerate(order)}
    return [
        f"{stem}: '{term}' is introduced only in {home[term]}; used here: '{around}'"
        for stem in order
        for term, around in used[stem].items()
        if place.get(home[term], -1) > place[stem]
    ]
