"""Figures have a dark form, drawn from the light one when the book is built.

Every colour is white, black and a pure hue in some proportion. In the dark form
white becomes the page's background, black its text, and the hue stays, a little
lighter: so lines keep their colours, edges stay smooth, and paper turns dark.

A figure whose brightness means something (a heatmap in viridis) would say the
opposite then. It says so itself, in the PNG (`nncourse.figures`), and stays on
a light card.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from PIL import Image

BACKGROUND = np.array([18, 18, 18])  # the theme's dark page
TEXT = np.array([206, 214, 221])  # and what is written on it
LIGHTER = 0.25  # of white, in a hue
CARD = "card"
OUTPUT_IMAGE = re.compile(r"<img\b[^>]*\bsrc=\"([^\"]*_images/[^\"]+\.png)\"[^>]*>")


def darkened(colours: np.ndarray) -> np.ndarray:
    """Return the dark form of colours (n, 3), from 0 to 255.

    >>> darkened(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]]))
    array([[ 18,  18,  18],
           [206, 214, 221],
           [255,  64,  64]])
    """
    colours = np.asarray(colours, dtype=float)
    white = colours.min(axis=1, keepdims=True) / 255
    black = 1 - colours.max(axis=1, keepdims=True) / 255
    amount = 1 - white - black  # of the hue
    pure = (colours - 255 * white) / np.where(amount > 0, amount, 1)
    pure = np.where(amount > 0, pure + LIGHTER * (255 - pure), 0)
    return np.rint(white * BACKGROUND + black * TEXT + amount * pure).astype(int)


def dark_form(image: Image.Image) -> Image.Image | None:
    """Return a palette picture in dark, or None for a picture that is to stay light."""
    if image.mode != "P" or image.info.get("nncourse") == CARD:
        return None
    palette = np.array(image.getpalette()).reshape(-1, 3)
    dark = image.copy()
    dark.putpalette(darkened(palette).ravel().tolist())
    return dark


def add_dark_forms(app, pagename, templatename, context, doctree):
    """Put the dark form beside each figure; the theme shows one of them."""
    sources = {name: source for source, name in app.builder.images.items()}

    def both(match):
        tag, name = match[0], Path(unquote(unescape(match[1]))).name
        if name not in sources:
            return tag
        with Image.open(Path(app.srcdir, sources[name])) as image:
            dark = dark_form(image)
        if dark is None:
            return with_class(tag, "light-card")
        target = Path(app.outdir, "_images", f"dark-{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        dark.save(target, optimize=True)
        twin = tag.replace(f"_images/{Path(match[1]).name}", f"_images/{target.name}")
        return with_class(tag, "only-light") + with_class(twin, "only-dark")

    if context.get("body"):
        context["body"] = OUTPUT_IMAGE.sub(both, context["body"])


def with_class(tag: str, name: str) -> str:
    """Return an element's opening tag with one class more."""
    if 'class="' in tag:
        return re.sub(r'class="', f'class="{name} ', tag, count=1)
    return tag.replace("<img", f'<img class="{name}"', 1)


def setup(app):
    # After pictures.py has given each its size (980).
    app.connect("html-page-context", add_dark_forms, priority=985)
