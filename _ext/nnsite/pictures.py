"""Every picture has a text that says what it shows, and a size before it is loaded.

A figure made by ``nncourse.figures.show(fig, alt=...)`` stores its text in the
output's metadata. MyST-NB knows width and height there, but not the text, so
it is taught that here. A picture without text stops the build.

Pictures are loaded when the reader comes near them; so that nothing jumps
then, each ``<img>`` says its size, from the metadata or from the file.

A picture of several panels, made as small as a telephone, could not be read: it
is marked as wide, and the style sheet lets it scroll in its own box there.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from sphinx.util import logging

logger = logging.getLogger(__name__)
render_image = NbElementRenderer.render_image

WIDE = 760  # pixels of the page: a figure of one panel has about 700
IMAGE = re.compile(r"<img\b[^>]*>")
ATTRIBUTE = re.compile(r'\s([\w-]+)="([^"]*)"')
POINTS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}


def pixels(length: str) -> float | None:
    """Return a CSS length in pixels, or None for a percentage or what is no length.

    >>> pixels("460.8pt")
    614.4
    """
    match = re.fullmatch(r"\s*([\d.]+)\s*([a-z]*)\s*", length)
    return float(match[1]) * POINTS[match[2]] if match and match[2] in POINTS else None


def natural_size(data: bytes) -> tuple[float, float] | None:
    """Return width and height of a PNG or an SVG, in pixels, or None for another format."""
    if data.startswith(b"\x89PNG"):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    root = re.search(rb"<svg\b[^>]*>", data)
    if not root:
        return None
    attributes = dict(ATTRIBUTE.findall(root[0].decode().replace("\n", " ").replace("'", '"')))
    size = [pixels(attributes.get(name, "")) for name in ("width", "height")]
    if None not in size:
        return size[0], size[1]
    box = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", attributes.get("viewBox", ""))]
    return (box[2], box[3]) if len(box) == 4 else None


def shown_size(
    natural: tuple[float, float], width: float | None, height: float | None
) -> tuple[int, int]:
    """Return the size to show, of which one or both sides may be given."""
    if width is None:
        width = natural[0] if height is None else height * natural[0] / natural[1]
    return round(width), round(width * natural[1] / natural[0])


def with_size(tag: str, natural: tuple[float, float] | None) -> str:
    """Write an ``<img>`` again: with its size, its class, and lazy."""
    attributes = dict(ATTRIBUTE.findall(tag))
    style = {
        part.partition(":")[0].strip(): part.partition(":")[2].strip()
        for part in attributes.get("style", "").split(";")
        if ":" in part
    }
    attributes.setdefault("loading", "lazy")
    attributes.setdefault("decoding", "async")
    if natural:
        given = [
            pixels(style.get(side) or attributes.get(side, "")) for side in ("width", "height")
        ]
        if "%" not in style.get("width", "") + attributes.get("width", ""):
            style.pop("width", None)
        style.pop("height", None)
        size = shown_size(natural, *given)
        attributes.pop("width", None)
        attributes["width"], attributes["height"] = map(str, size)
    attributes["style"] = "; ".join(f"{name}: {value}" for name, value in style.items())
    if not attributes["style"]:
        del attributes["style"]
    return "<img" + "".join(f' {name}="{value}"' for name, value in attributes.items()) + " />"


def reserve_room(app, pagename, templatename, context, doctree):
    files = {name: source for source, name in app.builder.images.items()}

    def write(match):
        address = unquote(unescape(dict(ATTRIBUTE.findall(match[0])).get("src", "")))
        source = files.get(Path(address).name) if "_images/" in address else None
        data = Path(app.srcdir, source).read_bytes() if source else b""
        return with_size(match[0], natural_size(data))

    if context.get("body"):
        context["body"] = IMAGE.sub(write, context["body"])


def render_image_with_text(self, data):
    images = render_image(self, data)
    about = data.output_metadata.get(data.mime_type, {})
    text = about.get("alt", "").strip()
    for image in images:
        if text:
            image["alt"] = text
        if about.get("width", 0) > WIDE:
            image["classes"].append("wide")
    return images


def require_text(app, doctree, docname):
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "a picture without alternative text (%s): in a notebook use "
                "nncourse.figures.show(fig, alt=...), in Markdown ![text](file)",
                image.get("uri", "unknown"),
                location=image,
                type="nnsite",
                subtype="alt",
            )


def setup(app):
    NbElementRenderer.render_image = render_image_with_text
    # After MyST-NB has chosen one form of each output.
    app.connect("doctree-resolved", require_text)
    app.connect("html-page-context", reserve_room, priority=980)
