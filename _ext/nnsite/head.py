"""What search engines and previews of links read of a page, and the pages nobody links to.

Written are a description (the page's own first sentences) and a title for each page; the
site's start page, ``404.html``, ``robots.txt`` and ``.nojekyll`` (without which GitHub Pages
leaves ``_static`` out).  Where the site's address is known, from the environment variable
``SITE_ADDRESS``, also canonical links, ``sitemap.xml`` and a preview picture: their addresses
must be complete.
"""

import os
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes

DESCRIPTION = (
    "An interactive course on neural networks: derive each idea, build it in NumPy, run it on "
    "real data, break it, and mend it."
)
LONGEST = 160  # characters, about what search engines show
PREVIEW = "_static/preview.png"

START = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{title}</title>
<meta name="description" content="{description}" />
<link rel="canonical" href="{canonical}" />
<meta http-equiv="Refresh" content="0; url={start}" />
</head>
<body>
<main><h1>{title}</h1><p><a href="{start}">Open the course</a></p></main>
</body>
</html>
"""

# It is shown in place of any address, however deep: its links start from the site's folder.
NOT_FOUND = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="robots" content="noindex" />
<title>Page not found, {title}</title>
{base}
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 10vh auto;
       padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>This page is not here</h1>
<p>The address has a slip, or the page has moved. The course has these pages:</p>
<ul>
{links}
</ul>
</main>
</body>
</html>
"""
# Where the address is not known: the pages lie in the folder above chapters/.
FIND_BASE = """<script>
const base = document.createElement("base");
base.href = location.pathname.replace(/(chapters\\/.*|[^/]*)$/, "");
document.head.append(base);
</script>"""


def use_address(app, config):
    address = os.environ.get("SITE_ADDRESS", "").strip()
    if address:
        config.html_baseurl = address.rstrip("/") + "/"


def first_sentences(doctree) -> str:
    """Return the start of a page's own text, as much as search engines show.

    Formulas have no plain text, so paragraphs with one are passed over.
    """
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if any(paragraph.findall(nodes.math)) or not isinstance(
            paragraph.parent, (nodes.section, nodes.document, nodes.container)
        ):
            continue
        sentence = " ".join(paragraph.astext().split())
        if len(sentence) > 40:
            text = sentence
            break
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    for end in (". ", "? ", "! "):
        if cut.rfind(end) > 60:
            return cut[: cut.rfind(end) + 1]
    return cut[: cut.rfind(" ")].rstrip(",;:") + " …"


def describe(app, pagename, templatename, context, doctree):
    """Add title, description and what previews of links show."""
    book = app.config.html_title or app.config.project
    start = pagename == app.config.root_doc
    if start:
        context["docstitle"] = ""  # "X: a course", not "X, X"
        context["title"] = f"{book}: an interactive course in Python"
    own = first_sentences(doctree) if doctree is not None and not start else ""
    description = own or DESCRIPTION
    title = context.get("title") or book
    tags = {
        "og:type": "website" if start else "article",
        "og:site_name": book,
        "og:title": title,
        "og:description": description,
        "twitter:card": "summary_large_image" if app.config.html_baseurl else "summary",
    }
    if app.config.html_baseurl:
        tags["og:url"] = context.get("pageurl") or app.config.html_baseurl
        tags["og:image"] = app.config.html_baseurl + PREVIEW
        tags["og:image:alt"] = f"{book}, and a network of six units"
    lines = [f'<meta name="description" content="{escape(description)}" />']
    for name, content in tags.items():
        attribute = "name" if name.startswith("twitter") else "property"
        lines.append(f'<meta {attribute}="{name}" content="{escape(strip_tags(content))}" />')
    if pagename in ("search", "genindex"):
        lines.append('<meta name="robots" content="noindex" />')
    context["metatags"] = (context.get("metatags") or "") + "\n" + "\n".join(lines) + "\n"


def strip_tags(text: str) -> str:
    from markupsafe import Markup

    return Markup(text).striptags()


def draw_preview(path: Path, title: str) -> None:
    """Draw what is shown beside a link to the course: its name, and a small network."""
    import matplotlib

    with matplotlib.rc_context(matplotlib.rcParamsDefault):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, 12), ylim=(0, 6.3))
        ax.axis("off")
        layers = [[2.4, 3.9], [1.65, 3.15, 4.65], [3.15]]
        units = [(7.9 + 1.6 * k, y) for k, layer in enumerate(layers) for y in layer]
        for k in range(len(layers) - 1):
            for a in layers[k]:
                for b in layers[k + 1]:
                    ax.plot([7.9 + 1.6 * k, 9.5 + 1.6 * k], [a, b], color="#7F7F7F", lw=2, zorder=1)
        colours = ["#0072B2"] * 2 + ["#56B4E9"] * 3 + ["#D55E00"]
        ax.scatter(*zip(*units), s=2600, c=colours, zorder=2)
        words, lines = title.split(), [""]
        for word in words:
            if len(lines[-1]) + len(word) > 15:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        ax.text(0.8, 3.6, "\n".join(lines), fontsize=46, va="center", weight="bold")
        ax.text(0.8, 1.0, "Derive it, build it in NumPy, break it, mend it.", fontsize=20)
        figure.savefig(path, metadata={"Software": None})


def write_pages(app, exception):
    if exception or app.builder.format != "html":
        return
    folder, config = Path(app.outdir), app.config
    title = config.html_title or config.project
    words = {"language": config.language, "title": escape(title)}
    names = [config.root_doc, *sorted(app.env.found_docs - {config.root_doc})]
    addresses = {name: app.builder.get_target_uri(name) for name in names}
    links = "\n".join(
        f'<li><a href="{escape(addresses[name])}">{escape(app.env.titles[name].astext())}</a></li>'
        for name in names
    )
    base = FIND_BASE
    if config.html_baseurl:
        base = f'<base href="{escape(urlsplit(config.html_baseurl).path or "/")}" />'
    start = addresses[config.root_doc]
    if start != "index.html":  # else the start page is there already
        (folder / "index.html").write_text(
            START.format(description=escape(DESCRIPTION), start=start,
                         canonical=(config.html_baseurl or "") + start, **words), encoding="utf-8"
        )  # fmt: skip
    (folder / "404.html").write_text(
        NOT_FOUND.format(base=base, links=links, **words), encoding="utf-8"
    )
    (folder / ".nojekyll").touch()
    robots = "User-agent: *\nAllow: /\n"
    if config.html_baseurl:
        pages = "\n".join(
            f"<url><loc>{escape(config.html_baseurl + address)}</loc></url>"
            for address in addresses.values()
        )
        (folder / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{pages}\n</urlset>\n',
            encoding="utf-8",
        )
        robots += f"Sitemap: {config.html_baseurl}sitemap.xml\n"
        draw_preview(folder / PREVIEW, title)
    (folder / "robots.txt").write_text(robots, encoding="utf-8")


def setup(app):
    app.connect("config-inited", use_address, priority=100)
    app.connect("html-page-context", describe, priority=991)
    app.connect("build-finished", write_pages, priority=700)
