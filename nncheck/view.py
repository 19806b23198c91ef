"""How findings look: HTML for a notebook, light or dark, and the same as text."""

import html
import re

import numpy as np

from nncheck import judge

RIGHT, WRONG, OPEN = "✓", "✗", "○"
STYLE = ("<style>.nnc{font:14px/1.5 system-ui,sans-serif;max-width:46rem}"
         ".nnc p{margin:.3em 0}.nnc table{border-collapse:collapse;margin:.4em 0}"
         ".nnc td,.nnc th{text-align:left!important;padding:.2em .8em .2em 0;vertical-align:top;"
         "background:transparent}"
         ".nnc pre{white-space:pre-wrap;overflow-wrap:normal;word-break:normal;"
         "background:rgba(128,128,128,.13);padding:.4em .6em;"
         "margin:.3em 0;color:inherit}"
         ".nnc .say{border-left:4px solid #b8860b;padding:.1em .8em;margin:.5em 0}"
         ".nnc .bar{height:.7em;background:rgba(128,128,128,.25);border-radius:.35em;"
         "overflow:hidden}.nnc .bar i{display:block;height:100%;background:#2a78b5}</style>")


class Page:
    """Something to display: ``_repr_html_`` for notebooks, ``str`` for terminals."""

    def __init__(self, text: str, markup: str):
        self.text, self.markup = text, markup

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return f'{STYLE}<div class="nnc" role="status">{self.markup}</div>'


def code(text: str) -> str:
    """HTML of a sentence with `code` in it."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def page_name(page: str) -> str:
    """What a page of the book is called: 06_backpropagation is the chapter on backpropagation."""
    name, _, section = page.partition("#")
    numbered = re.match(r"(?:chapters/)?(\d+)_(\w+)", name)
    text = (f"the chapter on {numbered[2].replace('_', ' ')}" if numbered
            else name.removeprefix("chapters/").replace("_", " "))
    return text + (f", section “{section.replace('-', ' ')}”" if section else "")


def values(value) -> str:
    """A value as a student would print it, not too long."""
    if isinstance(value, (list, tuple)):
        flat = all(isinstance(v, (bool, int, float, np.number)) for v in value)
        inner = (", " if flat else ",\n ").join(values(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, suppress_small=True, threshold=60)
    if hasattr(value, "type"):
        return f"<{value.type}>"
    return repr(value)[:600]


def shape(value) -> str:
    """The shapes in a value, in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "one number"
    if isinstance(value, (list, tuple)):
        each = list(map(shape, value))
        if set(each) == {"one number"}:
            return f"{len(each)} numbers"
        return f"{len(each)} things: " + ", ".join(each)
    if isinstance(value, dict):
        return f"{len(value)} things: " + ", ".join(
            f"[{key!r}] {shape(v)}" for key, v in value.items())
    if isinstance(value, (bool, int, float)):
        return "one number"
    return "nothing" if value is None else f"a {type(value).__name__}"


def _named(name: str, value) -> str:
    """A value with its name, in one line if it takes one; a dictionary key by key."""
    if isinstance(value, dict) and 0 < len(value) <= 12:
        return "\n".join(_named(f"{name}[{str(key)[:40]!r}]", v) for key, v in value.items())
    text = values(value)
    return f"{name} =\n{text}" if "\n" in text else f"{name} = {text}"


def answered(value) -> str:
    """What a function returned; the items of a tuple are counted as the sentence counts them."""
    if isinstance(value, tuple) and any(isinstance(v, np.ndarray) and v.ndim for v in value):
        return "\n".join(_named(f"item {n}", v) for n, v in enumerate(value, start=1))
    return _named("", value) if isinstance(value, dict) and value else values(value)


def _call(step: dict) -> str:
    """The arguments of the call that went wrong."""
    args = step.get("args", [])
    names = step.get("names") or [f"argument {n}" for n in range(1, len(args) + 1)]
    lines = [f"{step['name']}({', '.join(names)})"]
    for name, arg in zip(names, args):
        if arg["t"] not in ("rng", "made", "name"):
            lines.append(_named(name, judge.decoded(arg)))
    return "\n".join(lines)


def _evidence(finding: dict) -> tuple[str, str]:
    """Input, own output, expected shape; as text and as HTML."""
    step, outcome, expected = finding["step"], finding["outcome"], finding.get("expected", {})
    if step is None or step["do"] != "call" or "missing" in outcome or (
            outcome.get("error") in ("NotImplementedError", "NotAFunction")):
        return "", ""
    parts = [("Called with", _call(step))]
    if "value" in outcome:
        parts.append(("Your answer", answered(judge.decoded(outcome["value"]))))
    if "value" in expected:
        parts.append(("Expected is", shape(judge.decoded(expected["value"]))))
    text = "\n".join(f"  {name}:\n" + _indent(body, 4) for name, body in parts)
    markup = "".join(f"<p>{name}</p><pre>{html.escape(body)}</pre>" for name, body in parts)
    return text, f"<details open><summary>Input and output</summary>{markup}</details>"


def _indent(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))


def task(data: dict, name: str, findings: list[dict]) -> Page:
    """One task: each public check, and what is known about the first wrong one."""
    lines, markup = [], []
    shown = False
    for finding in findings:
        problem = finding["problem"]
        mark = RIGHT if not problem else WRONG
        if problem and "not attempted" in problem:
            mark = OPEN
        title = finding["check"]["title"]
        lines.append(f"{mark} {title}")
        markup.append(f"<p><b>{mark}</b> {code(title)}</p>")
        if problem and not shown:
            shown = True
            lines.append(f"  {problem}")
            markup.append(f"<p>{code(problem)}</p>")
            for said in finding["named"]:
                lines += [f"  → {said['message']}", f"    Hint: {said['hint']}",
                          f"    Read again: {page_name(said['page'])}"]
                markup.append(
                    f'<div class="say"><p><b>{code(said["message"])}</b></p>'
                    f"<p>Hint: {code(said['hint'])}</p>"
                    f"<p>Read again: {html.escape(page_name(said['page']))}</p></div>")
            text, evidence = _evidence(finding)
            lines += [text] if text else []
            markup.append(evidence)
    hidden = [c for c in data["checks"] if c["task"] == name and not c["public"]]
    if hidden:
        titles = "; ".join(c["title"] for c in hidden)
        lines.append(f"{OPEN} asked when it is graded: {titles}")
        markup.append(f"<p><b>{OPEN}</b> asked when it is graded: {code(titles)}</p>")
    return Page("\n".join(lines), "".join(markup))


def sheet(data: dict, findings: dict[str, list]) -> Page:
    """All tasks as a table, and a bar of the points that the public checks stand for."""
    rows, lines = [], []
    reached = possible = 0.0
    for entry in data["tasks"]:
        found = findings[entry["id"]]
        public = sum(f["check"]["points"] for f in found)
        got = sum(f["check"]["points"] for f in found if not f["problem"])
        later = sum(c["points"] for c in data["checks"]
                    if c["task"] == entry["id"] and not c["public"])
        reached, possible = reached + got, possible + public
        problem = next((f["problem"] for f in found if f["problem"]), "")
        mark = RIGHT if not problem else OPEN if "not attempted" in problem else WRONG
        state = problem or "all public checks pass"
        rows.append(f"<tr><td>{mark}</td><td>{html.escape(entry['title'])}</td><td>{got:g} of "
                    f"{public:g}</td><td>{later:g}</td><td>{code(state)}</td></tr>")
        lines.append(f"{mark} {entry['title']:32s} {got:g} of {public:g} (+{later:g} graded "
                     f"later)  {state}")
    share = 100 * reached / possible if possible else 0
    filled = round(share / 5)
    lines.append(f"[{'#' * filled}{'.' * (20 - filled)}] {reached:g} of {possible:g} public points")
    markup = (
        "<table><thead><tr><th></th><th>Task</th><th>Public points</th><th>Graded later</th>"
        f"<th>State</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
        f'<div class="bar" role="progressbar" aria-valuenow="{share:.0f}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-label="public points"><i style="width:{share:.0f}%"></i></div>'
        f"<p>{reached:g} of {possible:g} public points.</p>")
    return Page("\n".join(lines), markup)
