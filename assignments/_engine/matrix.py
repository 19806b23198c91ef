"""The mistake matrix of an assignment: which check catches which known mistake."""

from assignments._engine.source import Assignment


def markdown(assignment: Assignment) -> str:
    """A table for the teacher's guide: one row a mistake."""
    sheet = assignment.sheet
    lines = [f"### {sheet.number}. {sheet.title}", "",
             f"{sheet.points:g} points by machine in {len(sheet.checks)} checks; "
             f"{len(assignment.mistakes)} known mistakes.", "",
             "| what the student did | caught by | keeps |", "| --- | --- | --- |"]
    for mistake in assignment.mistakes.values():
        left = sheet.points - sum(sheet.checks[c].points for c in mistake.fails)
        caught = ", ".join(f"`{c}`" for c in sorted(mistake.fails))
        said = mistake.message.replace("|", "\\|")
        lines.append(f"| {said} | {caught} | {left:g} of {sheet.points:g} |")
    return "\n".join(lines)
