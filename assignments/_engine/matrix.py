"""The mistake matrix of an assignment: which check catches which known mistake."""

from assignments._engine.source import HOME, Assignment, load_assignment, names

PAGE = HOME.parent / "chapters" / "mistake_matrix.md"
HEAD = """\
---
nosearch: true
---

# The mistake matrix

For each assignment: the mistakes that its checks know by name, which checks catch each, and how
many of the machine's points a student keeps who makes this one mistake. The tests prove every row
on every change, for three secret seeds. How to add a row is in [the guide for
teachers](for_teachers.md). This page is written by `python -m assignments release`.
"""


def markdown(assignment: Assignment) -> str:
    """A table for the teacher's guide: one row a mistake."""
    sheet = assignment.sheet
    lines = [f"## {sheet.number}. {sheet.title}", "",
             f"{sheet.points:g} points by machine in {len(sheet.checks)} checks; "
             f"{len(assignment.mistakes)} known mistakes; {len(assignment.variants)} right answers "
             "in other styles, which keep all points.", "",
             "| what the student is told | caught by | keeps |", "| --- | --- | --- |"]
    for mistake in assignment.mistakes.values():
        left = sheet.points - sum(sheet.checks[c].points for c in mistake.fails)
        caught = ", ".join(f"`{c}`" for c in sorted(mistake.fails))
        said = mistake.message.replace("|", "\\|")
        lines.append(f"| {said} | {caught} | {left:g} of {sheet.points:g} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The page of all assignments."""
    return "\n".join([HEAD, *(markdown(load_assignment(n)) for n in names())])


def write() -> bool:
    """Write the page if it has changed."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return False
    PAGE.write_text(text, encoding="utf-8")
    return True
