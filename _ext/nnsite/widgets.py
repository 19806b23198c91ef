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

from nncourse.widgets import base

HAS_WIDGET = re.compile(r"""class=["'][^"']*\bnn-static\b""")


def prefer_html(app, config):
    """The widget's own HTML stands before the view that needs a kernel."""
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("html", "text/html", 5),
    ]


def add_host(app, pagename, templatename, context, doctree):
    if HAS_WIDGET.search(context.get("body", "")):
        app.add_css_file("nn/host.css")
        app.add_js_file("nn/modules.js", loading_method="defer")
        app.add_js_file("nn/host.js", loading_method="defer")


def copy_sources(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "nn")
    target.mkdir(parents=True, exist_ok=True)
    for name in ("host.css", "host.js"):
        shutil.copy2(base.STATIC / name, target / name)
    modules = json.dumps(base.module_sources(), ensure_ascii=True)
    script = f"window.nnModules = {modules};\n"
    (target / "modules.js").write_text(script, encoding="utf-8")


def setup(app):
    app.connect("config-inited", prefer_html, priority=950)
    # After offline.py has looked at the scripts (990).
    app.connect("html-page-context", add_host, priority=995)
    app.connect("build-finished", copy_sources, priority=800)
