"""What the book's site needs beyond Jupyter Book's settings (a Sphinx extension).

    offline.py      maths, scripts, styles, fonts: nothing from a third party
    pictures.py     every picture has a text that says what it shows
    dark.py         figures for dark pages
    terms.py        words of the field lead to the glossary
    widgets.py      the interactives work on the page, without a kernel
    repository.py   buttons that lead to the repository, where there is one
"""

from . import dark, offline, pictures, repository, terms, widgets


def setup(app):
    for room in (offline, pictures, dark, terms, repository, widgets):
        room.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
