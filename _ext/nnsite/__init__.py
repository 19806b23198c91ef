"""What the book's site needs beyond Jupyter Book's settings (a Sphinx extension).

    offline.py      maths, scripts, styles, fonts: nothing from a third party
    weight.py       a page loads what it uses, in the order in which it is needed
    pictures.py     every picture has a text that says what it shows, and a size
    dark.py         figures for dark pages
    names.py        what is announced of a control is what is written on it; paper is white
    head.py         descriptions, titles, previews; the start page, 404.html and their like
    search.py       the search leads to the section
    terms.py        words of the field lead to the glossary
    widgets.py      the interactives work on the page, without a kernel
    repository.py   buttons that lead to the repository, where there is one
"""

from . import dark, head, names, offline, pictures, repository, search, terms, weight, widgets


def setup(app):
    for part in (offline, weight, pictures, dark, names, head, search, terms, widgets, repository):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
