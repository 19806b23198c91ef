"""The report for a student and the report on the class, as single HTML files."""

from collections import Counter
from html import escape
from pathlib import Path

from assignments._engine.gradefiles import filled_rubric, total_of
from assignments._engine.run import Case, Run, store
from nncheck.view import code, page_name

STYLE = """
:root{color-scheme:light dark;--line:#8886;--bar:#2a78b5;--say:#b8860b}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:1rem auto;padding:0 1rem;
overflow-wrap:anywhere}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .3rem}
.sum{font-size:1.3rem;font-weight:600}
.bar{height:.7em;background:var(--line);border-radius:.35em;overflow:hidden}
.bar i{display:block;height:100%;background:var(--bar)}
ul{list-style:none;padding:0;margin:0}li{padding:.35em 0;border-top:1px solid var(--line)}
.say{border-left:4px solid var(--say);padding:.1em .8em;margin:.5em 0}
table{border-collapse:collapse}td,th{text-align:left;padding:.25em .8em .25em 0;vertical-align:top}
.wide{overflow-x:auto}.points{white-space:nowrap;float:right;padding-left:1em}
"""


def document(title: str, body: str) -> str:
    """A page on its own: readable on a phone, light or dark."""
    return ('<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>")


def where(page: str, book: str | None) -> str:
    """A page of the book, as a link if the book's address is known."""
    if not page:
        return ""
    name, _, section = page.partition("#")
    text = escape(page_name(page))
    if not book:
        return text
    path = name if "/" in name else f"chapters/{name}"
    address = f"{book.rstrip('/')}/{path}.html" + (f"#{section}" if section else "")
    return f'<a href="{escape(address)}">{text}</a>'


def student(run: Run, case: Case, result: dict, filled: dict, book: str | None = None) -> str:
    """One student's report."""
    sheet = run.assignment.sheet
    total, by_hand = total_of(result, filled)
    reached = result["points"]
    share = 100 * reached / result["of"] if result["of"] else 0
    parts = [f"<h1>{escape(sheet.title)}</h1><p><bdi>{escape(result['name'])}</bdi></p>",
             f'<p class="sum">{reached:g} of {result["of"]:g} points by machine</p>',
             f'<div class="bar"><i style="width:{share:.0f}%"></i></div>']
    if result["lost"]:
        parts.append(f"<p>Taken off for lateness: {result['lost']:g} points.</p>")
    if by_hand:
        parts.append(f"<p>Written answers: {escape(by_hand)} points. Total: {total:g}.</p>")
    elif result["rubric"]:
        more = sum(i["of"] for i in result["rubric"])
        parts.append(f"<p>Written answers are read by a person: up to {more:g} points more.</p>")
    if result["error"]:
        parts.append(f'<div class="say"><p>{code(result["error"])}</p></div>')
    if result["notes"]:
        parts.append("<h2>What happened</h2><ul>" + "".join(
            f"<li>{code(n)}</li>" for n in result["notes"]) + "</ul>")
    if not result["error"]:
        parts += [_task(run, task, result, book) for task in sheet.tasks.values()]
    return document(f"{sheet.title}: {result['name']}", "".join(parts))


def _task(run, task, result, book) -> str:
    assignment = run.assignment
    lines, seen = [], set()
    for check in assignment.sheet.checks.values():
        if check.task != task.id:
            continue
        found = result["checks"][check.id]
        mark = "✓" if found["passed"] else "✗"
        lines.append(f'<li><span class="points">{found["points"]:g} of {found["of"]:g}</span>'
                     f"<b>{mark}</b> {code(check.title)}")
        if not found["passed"] and found["problem"] not in seen:
            seen.add(found["problem"])
            lines.append(f"<br>{code(found['problem'])}")
        lines.append("</li>")
    said = []
    for name in result["tasks"][task.id]["mistakes"]:
        mistake = assignment.mistakes[name]
        page = where(mistake.page or task.page, book)
        said.append(f'<div class="say"><p><b>{code(mistake.message)}</b></p><p>Hint: '
                    f"{code(mistake.hint)}</p><p>Read again: {page}</p></div>")
    if blocked := result["tasks"][task.id]["blocked"]:
        titles = ", ".join(assignment.sheet.tasks[b].title for b in blocked)
        said.append(f'<div class="say"><p>This task calls your functions of: {escape(titles)}. '
                    "Mend these first.</p></div>")
    return f"<h2>{escape(task.title)}</h2>{''.join(said)}<ul>{''.join(lines)}</ul>"


def write_students(run: Run, cases: list[Case], book: str | None = None) -> Path:
    """One HTML file for each student."""
    filled = filled_rubric(run)
    for case, result in run.results(cases):
        store(run.out / "reports" / f"{case.file}.html", student(run, case, result, filled, book))
    return run.out / "reports"


def write_class(run: Run, cases: list[Case], book: str | None = None) -> Path:
    """Points, checks, and which misconception how often: what to teach again."""
    sheet, points = run.assignment.sheet, []
    passed, named, troubles, missing = Counter(), Counter(), [], []
    filled = filled_rubric(run)
    for case, result in run.results(cases):
        if not result["submitted"]:
            missing.append(result["name"])
            continue
        points.append(total_of(result, filled)[0])
        passed.update(c for c, v in result["checks"].items() if v["passed"])
        named.update(m for t in result["tasks"].values() for m in t["mistakes"])
        if result["error"] or result["notes"]:
            troubles.append((case, result))
    count = len(points)
    parts = [f"<h1>{escape(sheet.title)}: the class</h1>",
             f"<p>{count} handed in, {len(missing)} did not.</p>"]
    if points:
        ordered = sorted(points)
        parts.append(f"<p>Points of {sheet.points:g}: median {ordered[count // 2]:g}, from "
                     f"{ordered[0]:g} to {ordered[-1]:g}.</p>")
    parts.append('<h2>What to teach again</h2><div class="wide"><table><tr><th>How many</th>'
                 "<th>Misconception</th><th>Page</th></tr>")
    for name, number in sorted(named.items(), key=lambda item: (-item[1], item[0])):
        mistake = run.assignment.mistakes[name]
        page = where(mistake.page or sheet.tasks[mistake.task].page, book)
        parts.append(f"<tr><td>{number} of {count}</td><td>{code(mistake.message)}</td>"
                     f"<td>{page}</td></tr>")
    if not named:
        parts.append("<tr><td colspan=3>No known misconception was found.</td></tr>")
    parts.append('</table></div><h2>Checks</h2><div class="wide"><table><tr><th>Right</th>'
                 "<th>Points</th><th>Check</th></tr>")
    for check in sheet.checks.values():
        parts.append(f"<tr><td>{passed[check.id]} of {count}</td><td>{check.points:g}</td>"
                     f"<td>{escape(sheet.tasks[check.task].title)}: {code(check.title)}</td></tr>")
    parts.append("</table></div>")
    if troubles:
        parts.append("<h2>To look at</h2><ul>" + "".join(
            f'<li><a href="reports/{c.file}.html"><bdi>{escape(r["name"])}</bdi></a>: '
            f"{code(' '.join(([r['error']] if r['error'] else []) + r['notes'])[:400])}</li>"
            for c, r in troubles) + "</ul>")
    if missing:
        parts.append("<h2>Nothing handed in</h2><p>" + "; ".join(
            f"<bdi>{escape(name)}</bdi>" for name in missing) + "</p>")
    parts.append(f"<p>Student code ran behind: {escape(run.sandbox.name)}.</p>")
    store(run.out / "class.html", document(f"{sheet.title}: the class", "".join(parts)))
    return run.out / "class.html"
