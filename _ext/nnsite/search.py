"""The search leads to the section, and shows a sentence of it.

Sphinx finds pages; a chapter has thirty screens. So the text of each section is written beside
Sphinx's index, in a script that only the page of the search loads (a classic script: it works in a
site opened from a folder, too), and ``static/search.js`` looks up which section speaks of it.
"""

import json
import re
from pathlib import Path

from docutils import nodes

STATIC = Path(__file__).parent / "static"
NO_TEXT = (nodes.literal_block, nodes.raw, nodes.comment, nodes.target, nodes.image,
           nodes.substitution_definition, nodes.system_message)  # fmt: skip
LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ", "sigma": "σ", "partial": "∂",
    "nabla": "∇", "sum": "Σ", "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥", "approx": "≈", "to": "→", "infty": "∞", "odot": "⊙", "top": "ᵀ", "pm": "±",
    "Delta": "Δ", "ldots": "…", "dots": "…", "log": "log", "exp": "exp", "max": "max", "min": "min",
}  # fmt: skip


def plain(tex: str) -> str:
    r"""Return a formula as one would write it in a line of plain text.

    >>> plain(r"\eta = 0.1")
    'η = 0.1'
    """
    tex = re.sub(r"\\(?:text|mathrm|mathbf|operatorname\*?)\{([^}]*)\}", r"\1", tex)
    tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", tex)
    tex = re.sub(r"\\([A-Za-z]+)\s?", lambda m: LETTERS.get(m[1], " "), tex)
    return " ".join(re.sub(r"\\.|[{}$&]", " ", tex).split())


def text_of(node: nodes.Node) -> str:
    """Return the text of a node without code, without subsections, with plain formulas."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, (nodes.math, nodes.math_block)):
        return f" {plain(node.astext())} " if isinstance(node, nodes.math) else " … "
    if isinstance(node, (*NO_TEXT, nodes.section, nodes.title)):
        return ""
    inside = "".join(text_of(child) for child in node.children)
    return inside if isinstance(node, nodes.Inline) else inside + " "


def code_of(section: nodes.section) -> str:
    """Return the code of a section, not of its subsections."""
    blocks = []
    for block in section.findall(nodes.literal_block):
        owner = block.parent
        while owner is not None and not isinstance(owner, nodes.section):
            owner = owner.parent
        if owner is section:
            blocks.append(block.astext())
    return "\n".join(blocks)


def sections(doctree: nodes.document) -> list[list[str]]:
    """Return, for each section of a page, its anchor, title, text and code."""
    found = []
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        text = " ".join("".join(text_of(child) for child in section.children).split())
        found.append([section["ids"][0], title.astext() if title else "", text, code_of(section)])
    return found


def collect(app, doctree, docname):
    if app.builder.format == "html":
        app.env.nnsite_sections = getattr(app.env, "nnsite_sections", {})
        app.env.nnsite_sections[docname] = sections(doctree)


def add_search(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_js_file("nnsite/sections.js", loading_method="defer")
        app.add_js_file("nnsite/search.js", loading_method="defer")


def write_sections(app, exception):
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "nnsite")
    target.mkdir(parents=True, exist_ok=True)
    known = json.dumps(getattr(app.env, "nnsite_sections", {}), ensure_ascii=False)
    known = known.replace("\u2028", " ").replace("\u2029", " ")
    (target / "sections.js").write_text(f"window.nnSections = {known};\n", encoding="utf-8")
    for script in STATIC.glob("*.js"):
        (target / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")


def setup(app):
    # Sphinx would fetch each page, and show its table of contents or raw formulas.
    app.add_js_file(None, body="DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;")
    app.connect("doctree-resolved", collect, priority=900)
    app.connect("html-page-context", add_search, priority=995)
    app.connect("build-finished", write_sections, priority=800)
