"""Nothing on the site comes from a third party, and nothing is missing offline.

MathJax is copied out of a Python package. Scripts that other extensions take
from a content network are removed where they are known and not needed; any
other one stops the build, and so does a foreign address that a built page or
style sheet would load.
"""

import re
import shutil
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ExtensionError

FOREIGN = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
FOREIGN_IN_CSS = re.compile(
    r"""(?:url\(|@import)\s*["']?\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE
)
# What a page loads by itself; a link that the reader may follow is no request.
LOADING_ATTRIBUTES = {
    "script": ("src",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "input": ("src",),
}
# A <link> of these kinds names a page and loads nothing.
NAMING_LINKS = {"canonical", "next", "prev", "author", "license", "search", "index"}

# TeX to HTML, its fonts, the TeX extensions and the screen reader's English
# that MathJax fetches when they are first asked for.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "output/chtml/fonts/woff-v2",
    "ui/menu.js",
    "input/tex/extensions",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
    "sre/mathmaps/nemeth.json",
)

def use_local_scripts(app, config):
    config.mathjax_path = "mathjax/tex-mml-chtml.js"
    # The page shows our own stills and scripts, never ipywidgets' CDN manager.
    config.nb_ipywidgets_js = {}


def drop_unwanted_scripts(app, pagename, templatename, context, doctree):
    """Leave out scripts that would reach for a content network; refuse others."""
    kept = []
    for script in context.get("script_files", []):
        attributes = getattr(script, "attributes", None) or {}
        filename = str(getattr(script, "filename", None) or script or "")
        live_code = "THEBE_JS_URL" in (attributes.get("body") or "")
        if live_code or "sphinx-thebe" in filename:
            continue
        if attributes.get("type") == "application/vnd.jupyter.widget-state+json":
            continue
        if FOREIGN.match(filename):
            raise ExtensionError(
                f"page {pagename!r} would load the foreign script {filename}; "
                "put a copy under _static or remove what asks for it"
            )
        kept.append(script)
    # In place: the theme keeps a reference to this very list.
    context["script_files"][:] = kept


def copy_mathjax(app, exception):
    if exception or app.builder.format != "html":
        return
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent
    source, target = package / "static" / "mathjax", Path(app.outdir, "_static/mathjax")
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copy2(source / part, target / part)


class LoadedAddresses(HTMLParser):
    """Collect the addresses that a browser fetches when it opens a page."""

    def __init__(self):
        super().__init__()
        self.addresses: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        if tag == "link" and set(attributes.get("rel", "").split()) & NAMING_LINKS:
            return
        for name in LOADING_ATTRIBUTES.get(tag, ()):
            separator = "," if name == "srcset" else None
            candidates = attributes.get(name, "")
            self.addresses += (
                candidates.split(separator) if separator else [candidates]
            )
        self.addresses += FOREIGN_IN_CSS.findall(attributes.get("style", ""))

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        if self._in_style:
            self.addresses += FOREIGN_IN_CSS.findall(data)


def foreign_addresses(folder: Path) -> list[str]:
    """Tell, as ``file: address``, what the built pages would fetch elsewhere."""
    found = []
    for page in sorted(folder.rglob("*.html")):
        parser = LoadedAddresses()
        parser.feed(page.read_text(encoding="utf-8"))
        found += [
            f"{page.relative_to(folder)}: {address.strip()}"
            for address in parser.addresses
            if FOREIGN.match(address)
        ]
    for sheet in sorted(folder.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{sheet.relative_to(folder)}: {address}"
            for address in FOREIGN_IN_CSS.findall(text)
        ]
    return found


def refuse_foreign_addresses(app, exception):
    if exception or app.builder.format != "html":
        return
    found = foreign_addresses(Path(app.outdir))
    if found:
        raise ExtensionError(
            "the site must not load anything from elsewhere:\n  " + "\n  ".join(found)
        )


def setup(app):
    # Late: Jupyter Book, MyST-NB and the theme have had their say by then.
    app.connect("config-inited", use_local_scripts, priority=950)
    app.connect("html-page-context", drop_unwanted_scripts, priority=990)
    app.connect("build-finished", copy_mathjax, priority=800)
    app.connect("build-finished", refuse_foreign_addresses, priority=990)
