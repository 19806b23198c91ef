"""The interactives on the page, where there is no kernel.

A widget's output holds, as HTML, an element of class ``nn-static`` with the
widget's state. On pages that have one, ``host.js`` (written by the makers of
the widgets) brings it to life with the same module that runs in Jupyter. The
modules travel as text in one classic script, because a browser that opens the
site from a folder (``file://``) refuses to import module files.
"""

import json
import re
import shutil
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "nnlib" / "widgets" / "static"
HOST = "host"
HAS_WIDGET = re.compile(r"""class=["'][^"']*\bnn-static\b""")


def prefer_html(app, config):
    """The widget's own HTML stands before the view that needs a kernel."""
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("html", "text/html", 5),
    ]


def add_host(app, pagename, templatename, context, doctree):
    if not HAS_WIDGET.search(context.get("body", "")):
        return
    if (SOURCES / f"{HOST}.css").exists():
        app.add_css_file(f"nn/{HOST}.css")
    app.add_js_file("nn/modules.js", loading_method="defer")
    app.add_js_file(f"nn/{HOST}.js", loading_method="defer")


def modules_script(folder: Path) -> str:
    """Return a classic script that holds every module of `folder` as text."""
    modules = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.js"))
        if path.stem != HOST
    }
    return f"window.nnModules = {json.dumps(modules, ensure_ascii=True)};\n"


def copy_sources(app, exception):
    if exception or app.builder.format != "html" or not SOURCES.is_dir():
        return
    target = Path(app.outdir, "_static", "nn")
    target.mkdir(parents=True, exist_ok=True)
    for path in SOURCES.iterdir():
        is_module = path.suffix == ".js" and path.stem != HOST
        if path.is_file() and not is_module:
            shutil.copy2(path, target / path.name)
    (target / "modules.js").write_text(modules_script(SOURCES), encoding="utf-8")


def setup(app):
    app.connect("config-inited", prefer_html, priority=950)
    # After offline.py has looked at the scripts (990).
    app.connect("html-page-context", add_host, priority=995)
    app.connect("build-finished", copy_sources, priority=800)
