"""Nothing is used before it is introduced: the glossary, the map of chapters, the prose."""

import nbformat
import pytest
from nbformat import v4

from tests.notebooks import concepts
from tests.notebooks.test_chapters import report
from tools.notebooks import CHAPTERS, chapters

GLOSSARY = concepts.glossary(CHAPTERS / "glossary.md")
MAP = concepts.concepts(CHAPTERS / "concepts.yml")


def test_every_term_has_one_chapter_and_stands_in_the_glossary():
    introduced = [term for one in MAP.values() for term in one["introduces"]]
    assert sorted(introduced, key=str.lower) == sorted(GLOSSARY, key=str.lower)
    assert len(set(introduced)) == len(introduced)


def test_the_glossary_is_in_order():
    assert GLOSSARY == sorted(GLOSSARY, key=str.lower)


def test_a_chapter_needs_only_chapters_before_it():
    order = list(MAP)
    assert order == sorted(order)
    for stem, one in MAP.items():
        assert all(order.index(needed) < order.index(stem) for needed in one["needs"]), stem


def test_no_chapter_uses_a_term_that_comes_later():
    order = [path.stem for path in chapters() if path.stem in MAP]
    used = {
        stem: concepts.terms_used(
            nbformat.read(CHAPTERS / f"{stem}.ipynb", as_version=4), GLOSSARY
        )
        for stem in order
    }
    report(concepts.used_too_early(order, MAP, used))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dropout helps.", {"dropout"}),
        ("Two mini-batches, `dropout` in code, [dropout](x.md) in a link.", {"mini-batch"}),
        ("# Dropout in a heading", set()),
        ("Fine.\n\n## Where to read on\n\nDropout.", set()),
    ],
)
def test_uses_are_found_in_prose_alone(text, found):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(text)])
    assert set(concepts.terms_used(notebook, GLOSSARY)) == found


def test_a_use_too_early_is_named():
    chapters = {"01_a": {"introduces": ["weight"]}, "02_b": {"introduces": ["dropout"]}}
    used = {"01_a": {"dropout": "with dropout"}, "02_b": {"weight": "a weight"}}
    (fault,) = concepts.used_too_early(["01_a", "02_b"], chapters, used)
    assert fault.startswith("01_a: 'dropout' is introduced only in 02_b")
