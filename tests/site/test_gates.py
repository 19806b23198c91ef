"""Each kind of fault on the site is caught: pages and books with faults put in."""

import base64
import shutil

import nbformat
import pytest
from nbformat import v4

from tests.notebooks.test_checks import png
from tests.site.conftest import build
from tests.site.links import broken_links
from tools.notebooks import REPOSITORY

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>t</title>
<link rel="icon" href="data:,"></head><body><article>{}</article></body></html>"""
DATA_PICTURE = f"data:image/png;base64,{png()}"

BODIES = {
    "sound": f'<img alt="A line." width="200" src="{DATA_PICTURE}"><pre>cost is $5 or \\frac</pre>',
    "foreign script": '<script src="https://cdn.example.org/x.js"></script>',
    "foreign picture": '<img alt="A line." src="https://img.example.org/x.png">',
    "foreign worker": """<script>new Worker(URL.createObjectURL(new Blob(
        ["fetch('https://worker.example.org/x')"])))</script>""",
    "console error": "<script>console.error('something broke')</script>",
    "script error": "<script>undefinedFunction()</script>",
    "missing file": '<img alt="A line." src="missing.png">',
    "raw maths": "<p>The loss $L$ falls.</p>",
    "raw TeX": "<p>The loss \\frac{1}{2} falls.</p>",
    "unrendered": '<div class="math notranslate">x</div>',
    "merror": '<mjx-merror data-mjx-error="Undefined control sequence">x</mjx-merror>',
    "raw role": "<p>See {cite}<code>key</code>.</p>",
    "no alt": f'<img src="{DATA_PICTURE}">',
    "empty alt": f'<img alt="" src="{DATA_PICTURE}">',
    "alt is a file": f'<img alt="../images/figure.png" src="{DATA_PICTURE}">',
    "wide": '<div class="too-wide" style="width: 700px">wide</div>',
    "wide in its box": '<div style="overflow-x: auto"><p style="width: 700px"></div>',
    "dead widget": '<div class="nn-static" data-module="player"></div>',
}
WORDS = {
    "foreign script": "cdn.example.org",
    "foreign picture": "img.example.org",
    "foreign worker": "foreign host: worker.example.org",
    "console error": "console: something broke",
    "script error": "undefinedFunction",
    "missing file": "missing.png",
    "raw maths": "raw TeX: The loss $L$",
    "raw TeX": "raw TeX",
    "unrendered": "unrendered formula",
    "merror": "Undefined control sequence",
    "raw role": "raw MyST: See {cite}",
    "no alt": "without alternative text",
    "empty alt": "without alternative text",
    "alt is a file": "is a file name",
    "wide": "too-wide",
    "dead widget": "does not start: player",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("pages")
    for name, body in BODIES.items():
        (folder / f"{name}.html").write_text(PAGE.format(body), encoding="utf-8")
    return serve(folder)


@pytest.mark.parametrize("name", BODIES)
def test_a_fault_on_a_page_is_caught(inspector, pages, name):
    faults = inspector.faults(f"{pages}/{name}.html", patience=500)
    if name not in WORDS:
        assert faults == []
    else:
        assert any(WORDS[name] in fault for fault in faults), faults


def test_broken_links_are_caught(tmp_path):
    (tmp_path / "chapters").mkdir()
    one = '<a href="chapters/two.html#here">x</a><a href="#top"><p id="top">'
    one += '<a href="chapters/three.html"><a href="chapters/two.html#gone">'
    one += '<a href="#gone"><a href="https://example.org/gone"><script src="gone.js">'
    (tmp_path / "one.html").write_text(PAGE.format(one))
    (tmp_path / "start.html").write_text(
        '<meta http-equiv="Refresh" content="0; url=chapters/gone.html">'
    )
    (tmp_path / "chapters/two.html").write_text(
        PAGE.format('<h1 id="here"><a href="../one.html?q=1#top">x</a>')
    )
    assert broken_links(tmp_path) == [
        "one.html: chapters/three.html",
        "one.html: chapters/two.html#gone",
        "one.html: #gone",
        "one.html: gone.js",
        "start.html: chapters/gone.html",
    ]


# ---- the build stops ----


def book(folder, text, notebook=None):
    """A book with our configuration and extension, and one page or two."""
    for name in ("_ext", "_static", "tools"):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "_config.yml", folder)
    (folder / "chapters").mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "chapters" / "references.bib", folder / "chapters")
    (folder / "index.md").write_text(f"# Title\n\n{text}\n", encoding="utf-8")
    toc = "format: jb-book\nroot: index\n"
    if notebook is not None:
        nbformat.write(notebook, folder / "chapters" / "01_one.ipynb")
        toc += "chapters:\n  - file: chapters/01_one\n"
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    return build(folder, folder)


def chapter(metadata):
    data = {"image/png": png(), "text/plain": "A line."}
    output = v4.new_output("display_data", data, metadata=metadata)
    cells = [v4.new_markdown_cell("# One"), v4.new_code_cell("x", outputs=[output])]
    cells[1].execution_count = 1
    return v4.new_notebook(
        cells=cells,
        metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
    )


def test_a_sound_book_builds_and_its_figure_has_its_text(tmp_path):
    alt = 'A "line" & more that falls.'
    # What tools leave behind, and notes that are no pages, do no harm.
    for leftover in (".pytest_cache", ".venv/lib", "_build/old", "chapters"):
        (tmp_path / leftover).mkdir(parents=True, exist_ok=True)
        (tmp_path / leftover / "README.md").write_text("# Not a page\n")
    outcome = book(tmp_path, "Maths $x$.", chapter({"image/png": {"alt": alt}}))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    html = (tmp_path / "_build/html/chapters/01_one.html").read_text(encoding="utf-8")
    assert 'alt="A &quot;line&quot; &amp; more that falls."' in html
    assert (tmp_path / "_build/html/_static/mathjax/startup.js").exists()
    # Two builds end to end: the second starts afresh and finds the same.
    assert build(tmp_path, tmp_path).returncode == 0


def test_a_faulty_book_does_not_build(tmp_path):
    (tmp_path / "picture.png").write_bytes(base64.b64decode(png()))
    outcome = book(tmp_path, "![](picture.png)\n\n[gone](gone.md)", chapter({}))
    said = outcome.stdout + outcome.stderr
    assert outcome.returncode != 0
    assert "index.md" in said
    assert "a picture without alternative text (picture.png)" in said
    assert "gone.md" in said
    assert said.count("a picture without alternative text") == 2


def test_a_foreign_script_stops_the_build(tmp_path):
    outcome = book(
        tmp_path,
        '<script src="https://cdn.example.org/x.js"></script>\n\n'
        '<p style="background: url(https://img.example.org/x.png)">text</p>\n\n'
        '<a href="https://example.org">a link is no request</a>',
    )
    said = outcome.stdout + outcome.stderr
    assert outcome.returncode != 0
    assert "index.html: https://cdn.example.org/x.js" in said
    assert "index.html: https://img.example.org/x.png" in said
    assert "index.html: https://example.org" not in said
