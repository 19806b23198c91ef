"""Of the files that a student has handed in, the one to grade."""

import re

from assignments._engine import collect
from assignments._engine.source import Assignment
from nncheck import cells

NOTEBOOK = re.compile(r"\.(ipynb|json)(\.\w+)?$", re.I)


def choose(submission: collect.Submission, assignment: Assignment, most: int = collect.MOST_BYTES):
    """The bytes to grade and notes; raises `collect.Unusable` with the reason if there are none.

    Of several notebooks that answer this assignment the last attempt counts.  File names do not
    matter: a notebook belongs to an assignment if it says so, has its cells, or defines its
    functions.
    """
    if not submission.files:
        raise collect.Unusable(_no_notebook(submission))
    best, count, reasons, left = None, 0, [], collect.MOST_ARCHIVE
    for source in submission.files:
        if left <= 0:  # a few kB of zip can hold thousands of notebooks of 25 MB
            reasons.append("The files are too large together; the rest was not read.")
            break
        try:
            data = source.read(most)
        except collect.Unusable as error:
            left -= most if source.members else 0  # it was unpacked up to there
            reasons.append(str(error))
            continue
        left -= len(data)
        if not NOTEBOOK.search(source.name) and not data[:200].lstrip().startswith(
                (b"{", b"\xef\xbb\xbf{")):
            reasons.append(f"{source.name[:60]!r} is not a notebook (.ipynb).")
            continue
        count += 1
        try:
            notebook, _ = cells.read(data)
        except cells.NotANotebook as error:
            rank = (0, False, collect.attempt(source), 0)
            reasons.append(str(error))
        else:
            likeness = belongs(notebook, assignment)
            rank = (1, likeness > 0, collect.attempt(source), likeness)
            del notebook
        if best is None or rank > best[0]:
            best = rank, source, data
    if best is None:
        raise collect.Unusable(" ".join(dict.fromkeys(reasons[:3])))
    notes = []
    if count > 1:
        notes.append(f"{count} notebooks were handed in; {best[1].name[:80]!r} was graded.")
    return best[2], notes


def _no_notebook(submission) -> str:
    if submission.others:
        return ("No notebook was handed in, only " + ", ".join(map(repr, submission.others))
                + ". A notebook's name ends in .ipynb.")
    return "The folder is empty: no notebook was handed in."


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
