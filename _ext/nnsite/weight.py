"""What a page weighs: nothing is loaded that the page does not use, and nothing before its turn.

- Font Awesome's script and the search index are left out by the templates.
- Of Font Awesome's font and style sheet those icons stay that a page shows.
- Scripts wait until the page is read; MathJax waits until there is something on the screen
  (formulas.js).
- The theme asks which boxes can be scrolled a few at a time, without a layout for each.
"""

import re
from pathlib import Path

from fontTools import subset
from sphinx.builders.html._assets import _JavaScript
from sphinx.errors import ExtensionError

TEMPLATES = Path(__file__).parent / "templates"
THEME_CSS = "_static/styles/pydata-sphinx-theme.css"
THEME_SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
FORMULAS = "_static/nnsite/formulas.js"
FONTS = "_static/vendor/fontawesome/webfonts"
# Scripts that later ones on the page, or inline ones, use as soon as they are read.
AT_ONCE = {"_static/documentation_options.js"}
# Style sheets of extensions, and what a page has when it needs them.
NEEDED_FOR = {
    "sphinx-thebe.css": "thebe-",
    "sphinx-design.min.css": "sd-",
    "togglebutton.css": "toggle",
}

# The theme's script comes last. Until then a page that follows the system's setting would show
# what is for light pages and what is for dark ones, and jump when it knows.
LIGHT_OR_DARK = (
    'if (document.documentElement.dataset.theme === "auto") '
    "document.documentElement.dataset.theme = "
    'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";'
)

# The theme asks of each code cell whether it can be scrolled, when the page is loaded and a moment
# after any change of it.  Each question after an answer written down needs a new layout, and each
# about a folded cell one of what is folded.  So: some questions, then their answers, then a pause.
SCROLLED = (
    ".forEach(e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1})"
)
IN_SLICES = """
(boxes => {
  const some = () => {
    const begun = performance.now(), answers = [];
    while (boxes.length && performance.now() - begun < 6) {
      const e = boxes.shift();
      const scrolls = e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
      answers.push([e, scrolls ? 0 : -1]);
    }
    for (const [e, index] of answers)
      if (e.getAttribute("tabindex") !== String(index)) e.tabIndex = index;
    if (boxes.length) (window.requestIdleCallback ?? setTimeout)(some);
  };
  some();
})([...%s])"""
LIST_OF_BOXES = 'document.querySelectorAll(["pre",'

ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:{1,2}before,?)+)\{content:"\\([0-9a-f]+)"\}')
CODE = re.compile(r'"\\(e[0-9a-f]{3}|f[0-9a-f]{3})"')
FONT_FACE = re.compile(r"@font-face\{[^}]*fontawesome[^}]*\}")


def use_templates(app, config):
    config.templates_path.insert(0, str(TEMPLATES))


def lighten(app, pagename, templatename, context, doctree):
    """Leave out style sheets without use on this page; let scripts wait."""
    body = context.get("body", "")
    context["css_files"][:] = [
        sheet
        for sheet in context["css_files"]
        if NEEDED_FOR.get(Path(str(sheet.filename)).name, "") in body
    ]
    # MathJax (170 kB and its menu's 110, compressed): not at all, or when formulas.js asks for it.
    formulas = 'class="math' in body or "\\(" in body
    context["script_files"][:] = [
        _JavaScript(FORMULAS, priority=script.priority) if is_mathjax(script) else script
        for script in context["script_files"]
        if formulas or not is_mathjax(script)
    ]
    if pagename != "search":  # its template writes scripts that need the others at once
        # In place: the theme keeps a reference to this very list.
        context["script_files"][:] = map(waiting, context["script_files"])


def is_mathjax(script) -> bool:
    return "mathjax" in str(getattr(script, "filename", None) or "")


def waiting(script):
    """Return the script as one that waits until the page is read, where it may."""
    name = str(getattr(script, "filename", None) or "")
    if not name or name in AT_ONCE:
        return script
    # Another object: the pages share this one.
    return _JavaScript(name, priority=script.priority, **{**script.attributes, "defer": "defer"})


def icons_used(folder: Path) -> set[str]:
    """Return the names of Font Awesome's icons that the site's pages and scripts speak of."""
    names: set[str] = set()
    for pattern in ("*.html", "*.js"):
        for path in folder.rglob(pattern):
            if "fontawesome" not in path.name and "mathjax" not in path.parts:
                names |= set(re.findall(r"\bfa-[a-z0-9-]+", path.read_text(encoding="utf-8")))
    return names


def keep_used_icons(css: str, names: set[str]) -> tuple[str, set[int]]:
    """Drop the rules of icons that are not used; return the rest and the letters it needs."""

    def rule(match):
        selectors = re.findall(r"\.(fa-[\w-]+):", match[1])
        return match[0] if names.intersection(selectors) else ""

    css = ICON_RULE.sub(rule, css)
    return css, {int(code, 16) for code in CODE.findall(css)}


def cut_icons(app, exception):
    """Write the style sheet and the fonts again, with the icons of this site alone."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for leftover in {*folder.glob("_static/scripts/fontawesome.*"), *folder.rglob("*.map")}:
        leftover.unlink()
    sheet = folder / THEME_CSS
    css, letters = keep_used_icons(sheet.read_text(encoding="utf-8"), icons_used(folder))
    faces = FONT_FACE.findall(css)
    if not faces or not letters:
        raise ExtensionError("weight.py no longer finds Font Awesome in the theme's style sheet")
    for face in faces:
        name = re.search(r"webfonts/([\w-]+)\.ttf", face)[1]
        source = folder / FONTS / f"{name}.ttf"
        options = subset.Options(flavor="woff", layout_features=[], notdef_outline=True)
        font = subset.load_font(str(source), options)
        wanted = letters & set(font.getBestCmap())
        for old in (folder / FONTS).glob(f"{name}.*"):
            old.unlink()
        if not wanted:
            css = css.replace(face, "")
            continue
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        subset.save_font(font, str(folder / FONTS / f"{name}.woff"), options)
        address = f'url(../vendor/fontawesome/webfonts/{name}.woff) format("woff")'
        css = css.replace(face, re.sub(r"src:[^;}]*", lambda _, a=address: f"src:{a}", face))
    sheet.write_text(css, encoding="utf-8")


def ask_in_slices(app, exception):
    """Let the theme's script ask for the sizes of a few boxes at a time."""
    if exception or app.builder.format != "html":
        return
    path = Path(app.outdir, THEME_SCRIPT)
    script = path.read_text(encoding="utf-8")
    start = script.find(LIST_OF_BOXES)
    end = script.find(SCROLLED, start)
    if start < 0 or end < 0:
        raise ExtensionError("weight.py no longer finds where the theme looks for scrolled boxes")
    sliced = IN_SLICES % script[start:end]
    script = script[:start] + sliced + script[end + len(SCROLLED) :]
    path.write_text(script, encoding="utf-8")


def setup(app):
    app.connect("config-inited", use_templates, priority=950)
    app.connect("html-page-context", lighten, priority=994)
    app.add_js_file(None, body=LIGHT_OR_DARK, priority=0)
    app.connect("build-finished", cut_icons, priority=850)
    app.connect("build-finished", ask_in_slices, priority=850)
