"""What the book's site needs beyond Jupyter Book's settings (a Sphinx extension).

    offline.py      maths, scripts, styles, fonts: nothing from a third party
    pictures.py     every picture has a text that says what it shows
    dark.py         figures for dark pages
    widgets.py      the interactives work on the page, without a kernel
    repository.py   buttons that lead to the repository, where there is one
"""

from . import dark, offline, pictures, repository, widgets


def setup(app):
    for room in (offline, pictures, dark, repository, widgets):
        room.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
