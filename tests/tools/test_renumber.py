"""Chapters change places, and every link follows."""

from tools.notebooks import REPOSITORY
from tools.renumber import new_names, rewritten

TOC = "- file: chapters/03_gamma\n- file: chapters/01_alpha\n- file: chapters/04_delta\n"


def test_the_place_in_the_contents_gives_the_number():
    stems = new_names(TOC, {"delta": "omega"})
    assert stems == {
        "03_gamma": "01_gamma",
        "01_alpha": "02_alpha",
        "04_delta": "03_omega",
    }


def test_every_chapter_has_the_number_of_its_place():
    toc = (REPOSITORY / "_toc.yml").read_text(encoding="utf-8")
    moved = {old: new for old, new in new_names(toc, {}).items() if old != new}
    assert not moved, f"python -m tools.renumber would rename {moved}"


def test_links_are_replaced_all_at_once():
    stems = {"01_a": "02_a", "02_a": "03_a"}
    text = "[one](01_a.ipynb#top), [two](chapters/02_a.ipynb), x01_a, 01_ab"
    assert rewritten(text, stems) == (
        "[one](02_a.ipynb#top), [two](chapters/03_a.ipynb), x01_a, 01_ab"
    )
    assert rewritten(text, {}) == text
