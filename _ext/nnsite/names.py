"""What is announced is what is written, and other small matters of use.

MyST-NB labels a folded cell "Toggle hidden content" for screen readers, while the page says
"Show code cell source": somebody who steers by voice would say what is written, in vain.
docutils gives lists of works roles that browsers no longer know.
"""

import re

TOGGLE = re.compile(r'(<summary\b[^>]*?)\s+aria-label="Toggle hidden content"')
# Roles of DPUB-ARIA 1.0 that 1.1 deprecates: what the elements say themselves is enough.
DEPRECATED = re.compile(r'\s+role="doc-(?:biblioentry|endnote)"')


def mend_names(app, pagename, templatename, context, doctree):
    body = context.get("body")
    if body:
        context["body"] = DEPRECATED.sub("", TOGGLE.sub(r"\1", body))


def setup(app):
    app.connect("html-page-context", mend_names, priority=981)
    app.add_js_file("nnsite/print.js", loading_method="defer")
