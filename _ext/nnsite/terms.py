"""The first use of each glossary term in a chapter leads to the glossary.

Nothing of it stands in the notebooks: the links are made when the site is built,
from ``chapters/glossary.md``, and each shows the definition as its title.
"""

import re

from docutils import nodes
from sphinx.util.nodes import make_refnode

GLOSSARY = "chapters/glossary"
CHAPTER = re.compile(r"chapters/\d\d_")
# Where a link would disturb, or stands already.
SKIPPED = (
    nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block,
    nodes.title, nodes.raw, nodes.comment, nodes.strong, nodes.emphasis,
)  # fmt: skip


def pattern(terms) -> re.Pattern:
    """Return what matches any of the terms, singular or plural, longest first.

    >>> pattern(["mini-batch", "batch"]).search("two mini-batches")[1]
    'mini-batch'
    """
    either = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({either})(?:s|es)?(?![\w-])", re.IGNORECASE)


def definitions(app) -> dict[str, tuple[str, str]]:
    """Return the anchor and the definition of each term, by the term in small letters."""
    found = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        text = " ".join(item.next_node(nodes.definition).astext().split())
        for term in item.findall(nodes.term):
            found[term.astext().lower()] = (term["ids"][0], text)
    return found


def link_first_uses(app, doctree, docname):
    if not CHAPTER.match(docname) or GLOSSARY not in app.env.found_docs:
        return
    if not hasattr(app, "_nnsite_terms"):
        app._nnsite_terms = definitions(app)
    open_terms = dict(app._nnsite_terms)
    texts = list(doctree.findall(nodes.Text))
    for text in texts:
        if not open_terms:
            return
        if _inside(text, SKIPPED) or not _inside(text, (nodes.paragraph,)):
            continue
        pieces, rest = [], str(text)
        while open_terms and (match := pattern(open_terms).search(rest)):
            anchor, definition = open_terms.pop(match[1].lower())
            link = make_refnode(
                app.builder, docname, GLOSSARY, anchor, nodes.Text(match[0]), definition
            )
            link["classes"].append("nn-term")
            pieces += [nodes.Text(rest[: match.start()]), link]
            rest = rest[match.end() :]
        if pieces:
            text.parent.replace(text, [piece for piece in (*pieces, nodes.Text(rest)) if piece])


def _inside(node, kinds) -> bool:
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def setup(app):
    app.connect("doctree-resolved", link_first_uses)
