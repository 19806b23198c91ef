"""The interactives and quizzes on the page, where there is no kernel.

A widget's output holds, as HTML, an element of class ``nn-static`` with the widget's state. On
pages that have one, ``host.js`` (written by the makers of the widgets, the shared parts before
it) brings it to life with the same code that runs in Jupyter; a figure's own script is loaded
when the reader comes near it. A quiz's output is HTML that reads without a script; the page
brings style and script. All are classic scripts, because a browser that opens the site from a
folder (``file://``) refuses to import module files.

Figures name what of `nnlib` they compute; the page links it to its very lines, in pages made
here from the source, so that the link holds offline and whatever becomes of the repository.
"""

import html
import importlib
import inspect
import json
import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import NbElementRenderer

from nncourse.widgets import base, frames, registry

HAS_WIDGET = re.compile(r"""class=["'][^"']*\bnn-static\b""")
HAS_QUIZ = re.compile(r"""class=["'][^"']*\bnn-(quiz|settled)\b""")
# What a card of `nnlib.diagnose` links to is a notebook; on the site it is that notebook's page.
PAGE_OF_FINDING = re.compile(r"<a href='(\d\d_\w+)\.ipynb'>")
# Before the theme's own scripts, which are many times as large: nothing to wait for.
FIRST = 100


def prefer_html(app, config):
    """The widget's own HTML stands before the view that needs a kernel."""
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        ("html", "text/html", 5),
        ("html", frames.MIME, 1),
    ]


render_mime_type = NbElementRenderer.render_mime_type


def render_frames_too(self, data):
    """What `explore` recorded becomes a figure of the page."""
    if data.mime_type != frames.MIME:
        return render_mime_type(self, data)
    recorded = data.content if isinstance(data.content, dict) else json.loads(data.content)
    name = f"{Path(self.renderer.document['source']).stem}-knobs"
    raw = frames.Explored(recorded, name, recorded.pop("pictures", 0))._repr_html_()
    return [nodes.raw(text=raw, format="html", classes=["output", "text_html"])]


def add_host(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    if PAGE_OF_FINDING.search(body):
        context["body"] = body = PAGE_OF_FINDING.sub(r"<a href='\1.html'>", body)
    if HAS_WIDGET.search(body):
        app.add_css_file("nn/host.css")
        app.add_js_file("nn/host.js", loading_method="defer", priority=FIRST)
    if HAS_QUIZ.search(body):
        app.add_css_file("nn/quiz.css")
        app.add_js_file("nn/quiz.js", loading_method="defer", priority=FIRST)


def sources(names: list[str]) -> dict[str, tuple[str, int]]:
    """For each name of nnlib the file that defines it, and the line."""
    found = {}
    for name in names:
        package, *rest = name.split(".")
        thing = importlib.import_module(package)
        for part in rest:
            thing = getattr(thing, part)
        path = Path(inspect.getsourcefile(thing))
        line = 1 if inspect.ismodule(thing) else inspect.getsourcelines(thing)[1]
        root = Path(importlib.import_module(package).__file__).parent.parent
        found[name] = (path.relative_to(root).as_posix(), line)
    return found


def source_page(path: str) -> str:
    """A file of the library as a page, each line with an address."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    text = (Path(base.__file__).parents[2] / path).read_text(encoding="utf-8")
    form = HtmlFormatter(linenos="inline", lineanchors="line", anchorlinenos=True, wrapcode=True)
    style = form.get_style_defs(".highlight")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(path)}'
        '</title><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{style} pre{{line-height:1.4}} .linenos{{color:#595959}} "
        ":target{background:#fff3b0} a{color:inherit;text-decoration:none}</style></head>"
        f"<body><main><h1>{html.escape(path)}</h1>{highlight(text, PythonLexer(), form)}"
        "</main></body></html>"
    )


def copy_sources(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "nn")
    (target / "source").mkdir(parents=True, exist_ok=True)
    for path in base.BUNDLED.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    names = {name for figure in registry.examples() for name in figure.settings.get("nnlib", [])}
    places = sources(sorted(names))
    for path in {path for path, _ in places.values()}:
        page = target / "source" / f"{path.replace('/', '_')}.html"
        page.write_text(source_page(path), encoding="utf-8")
    links = {
        name: f"source/{path.replace('/', '_')}.html#line-{line}"
        for name, (path, line) in places.items()
    }
    script = (
        "(()=>{const all=" + json.dumps(links) + ",here=document.currentScript.src;"
        "window.nnSources=Object.fromEntries(Object.entries(all)"
        ".map(([name,link])=>[name,new URL(link,here).href]))})();\n"
    )
    host = script + base.bundle("kit.js") + base.bundle("host.js")
    (target / "host.js").write_text(host, encoding="utf-8")


def setup(app):
    NbElementRenderer.render_mime_type = render_frames_too
    app.connect("config-inited", prefer_html, priority=950)
    # After offline.py has looked at the scripts (990).
    app.connect("html-page-context", add_host, priority=995)
    app.connect("build-finished", copy_sources, priority=800)
