"""Chapters change places, and every link follows."""

from tools.renumber import new_names, rewritten

TOC = "- file: chapters/03_gates\n- file: chapters/01_backprop\n- file: chapters/04_mnist\n"


def test_the_place_in_the_contents_gives_the_number():
    stems = new_names(TOC, {"mnist": "digits"})
    assert stems == {
        "03_gates": "01_gates",
        "01_backprop": "02_backprop",
        "04_mnist": "03_digits",
    }


def test_links_are_replaced_all_at_once():
    stems = {"01_a": "02_a", "02_a": "03_a"}
    text = "[one](01_a.ipynb#top), [two](chapters/02_a.ipynb), x01_a, 01_ab"
    assert rewritten(text, stems) == (
        "[one](02_a.ipynb#top), [two](chapters/03_a.ipynb), x01_a, 01_ab"
    )
    assert rewritten(text, {}) == text
