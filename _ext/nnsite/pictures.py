"""Every picture carries a text that says what it shows.

A figure made by ``nncourse.figures.show(fig, alt=...)`` stores its text in the
output's metadata. MyST-NB knows width and height there, but not the text, so
it is taught that here. A picture without text stops the build.

A picture of several panels, made as small as a telephone, could not be read: it
is marked as wide, and the style sheet lets it scroll in its own box there.
"""

from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from sphinx.util import logging

logger = logging.getLogger(__name__)
render_image = NbElementRenderer.render_image

WIDE = 760  # pixels of the page: a figure of one panel has about 700


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
