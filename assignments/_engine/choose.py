"""Of the files that a student has handed in, the one to grade."""

from assignments._engine import collect
from assignments._engine.source import Assignment
from nncheck import cells


def choose(submission: collect.Submission, assignment: Assignment, most: int = collect.MOST_BYTES):
    """The bytes to grade and notes; raises `collect.Unusable` with the reason if there are none.

    Of several notebooks that answer this assignment the last attempt counts.  File names do not
    matter: a notebook belongs to an assignment if it says so, has its cells, or defines its
    functions.
    """
    if not submission.files:
        raise collect.Unusable("The folder is empty: no notebook was handed in.")
    candidates, reasons = [], []
    for source in submission.files:
        try:
            data = source.read(most)
        except collect.Unusable as error:
            reasons.append(str(error))
            continue
        if not source.name.lower().endswith((".ipynb", ".json")) and not data[:200].lstrip(
                ).startswith((b"{", b"\xef\xbb\xbf{")):
            reasons.append(f"{source.name[:60]!r} is not a notebook (.ipynb).")
            continue
        try:
            notebook, _ = cells.read(data)
        except cells.NotANotebook as error:
            candidates.append(((0, 0, collect.attempt(source)), source, data))
            reasons.append(str(error))
            continue
        rank = belongs(notebook, assignment)
        candidates.append(((1, rank > 0, collect.attempt(source), rank), source, data))
    if not candidates:
        raise collect.Unusable(" ".join(reasons[:3]))
    best = max(candidates, key=lambda c: c[0])
    notes = []
    if len(candidates) > 1:
        notes.append(f"{len(candidates)} notebooks were handed in; {best[1].name[:80]!r} was "
                     "graded.")
    return best[2], notes


def belongs(notebook: dict, assignment: Assignment) -> int:
    """How much a notebook looks like an answer to an assignment; 0: not at all."""
    metadata = notebook.get("metadata")
    marked = metadata.get("nncheck") if type(metadata) is dict else None
    if type(marked) is dict and marked.get("assignment") == assignment.name:
        return 1000
    ids = {cells.metadata(c).get("grade_id") for c in assignment.notebook["cells"]} - {None}
    functions = [f for t in assignment.sheet.tasks.values() for f in t.functions]
    score = 0
    for cell in notebook["cells"]:
        grade_id = cells.metadata(cell).get("grade_id")
        score += type(grade_id) is str and grade_id in ids
        text = cells.source(cell)
        score += sum(f"def {f}(" in text or f"class {f}" in text for f in functions)
    return score
