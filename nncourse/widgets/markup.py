"""Texts of questions as HTML, and as words for those who hear them."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(
    r"\$(?P<maths>[^$]+)\$|`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*]+)\*"
)


def inline(text: str) -> str:
    """HTML of a text with $maths$, `code`, *emphasis* and **strong**."""

    def replace(match: re.Match) -> str:
        kind = match.lastgroup
        content = html.escape(match[kind], quote=False)
        if kind == "maths":
            return rf'<span class="math notranslate nohighlight">\({content}\)</span>'
        return f"<{kind}>{content if kind == 'code' else inline(match[kind])}</{kind}>"

    parts, end = [], 0
    for match in _MARKUP.finditer(text):
        parts += [html.escape(text[end : match.start()], quote=False), replace(match)]
        end = match.end()
    return "".join(parts) + html.escape(text[end:], quote=False)


def words(text: str) -> str:
    """The text as it is read aloud; a formula drawn by MathJax has no words of its own."""
    return _MARKUP.sub(
        lambda match: spoken(match["maths"]) if match["maths"] else words(match[match.lastgroup]),
        text,
    )


# In this order: what stands in braces is read from the inside.
_SPOKEN = [
    (r"\\[dt]?frac\s*(\d)(\d)", r" \1 over \2 "),
    (r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r" \1 over \2 "),
    (r"\\sqrt\s*\{([^{}]*)\}", r" square root of \1 "),
    (r"\\(?:text|mathrm|mathbf|operatorname|mathit|texttt)\s*\{([^{}]*)\}", r"\1"),
    (r"\\(?:hat|bar|tilde)\s*\{?(\\?\w+)\}?", r"\1 hat"),
    (r"\^\s*\{([^{}]*)\}|\^\s*(\\?\w)", r" to the power \1\2 "),
    (r"_\s*\{([^{}]*)\}|_\s*(\\?\w)", r" \1\2 "),
    (r"\{([^{}]*)\}", r"\1"),
]
_NAMES = {
    "cdot": "times", "times": "times", "le": "at most", "leq": "at most", "ge": "at least",
    "geq": "at least", "ne": "not equal to", "neq": "not equal to", "approx": "about",
    "partial": "d", "mathcal": "", "left": "", "right": "", "to": "to", "infty": "infinity",
    "lVert": "norm of", "rVert": "", "ldots": "and so on", "dots": "and so on", "in": "in",
    "cdots": "and so on", "quad": "", "qquad": "", "odot": "times, entry by entry,",
    "ll": "far below", "gg": "far above", "mid": "given", "top": "transposed", "sum": "sum of",
}  # fmt: skip


def spoken(formula: str) -> str:
    """A formula in words: ``h = 10^{-5}`` is "h = 10 to the power -5"."""
    text = formula.replace("\\{", "(").replace("\\}", ")").replace("\\%", " percent")
    before = None
    while before != text:
        before = text
        for pattern, aloud in _SPOKEN:
            text = re.sub(pattern, lambda m, a=aloud: m.expand(a) if m else "", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: f" {_NAMES.get(m[1], m[1])} ", text)
    text = re.sub(r"\\[,;:!\s\\]", " ", text).replace("~", " ").replace("&", " ")
    return re.sub(r"\s+([,.)])", r"\1", " ".join(text.replace("\\", " ").split()))
