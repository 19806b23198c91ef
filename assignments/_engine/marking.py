"""For the person who marks: what each part's own cell prints in the instructor's version."""

import contextlib
import io
import re

from assignments._engine.source import Assignment
from nncheck import cells

BEGIN = "<!-- written by `python -m assignments release`: what the solution prints -->"
GUESS, RESULT = "predict-", "result-"


def run_of(assignment: Assignment, task: str) -> str:
    """The cell before the question of a task: it prints the student's own result."""
    notebook = assignment.notebook["cells"]
    places = [i for i, cell in enumerate(notebook)
              if cells.metadata(cell).get("grade_id") == RESULT + task]
    if len(places) != 1 or notebook[places[0] - 1]["cell_type"] != "code":
        raise ValueError(f"{assignment.name}: the cell {RESULT + task!r} must stand once, right "
                         "below a code cell that prints the student's own result")
    return cells.source(notebook[places[0] - 1])


def printed(assignment: Assignment) -> dict[str, str]:
    """Task to what its cell prints with the solution and ``MINE = 0``."""
    namespace, found = assignment.reference() | {"MINE": 0}, {}
    for task in assignment.sheet.tasks:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(run_of(assignment, task), namespace)
        found[task] = said.getvalue().rstrip()
    return found


def page(assignment: Assignment) -> str:
    """``marking.md`` with its last section written anew."""
    text = (assignment.folder / "marking.md").read_text(encoding="utf-8")
    parts = [f"### `{RESULT}{task}`\n\n```\n{said}\n```" for task, said in
             printed(assignment).items()]
    return text.partition(BEGIN)[0].rstrip() + "\n\n" + "\n\n".join(
        [BEGIN, "## What each part prints with `MINE = 0`", *parts]) + "\n"


def faults(assignment: Assignment) -> list[str]:
    """What is missing for the person who marks."""
    path = assignment.folder / "marking.md"
    if not path.is_file():
        return [f"{assignment.name}: marking.md is missing; it says what earns which point"]
    found = []
    text = path.read_text(encoding="utf-8").partition(BEGIN)[0]
    for item in assignment.rubric:
        if f"`{item['id']}`" not in text:
            found.append(f"{assignment.name}: marking.md says nothing of {item['id']!r}")
    ids = [cells.metadata(c).get("grade_id") for c in assignment.notebook["cells"]]
    for task in assignment.sheet.tasks:
        order = [GUESS + task, f"check-{task}", RESULT + task]
        if [i for i in ids if i in order] != order:
            found.append(f"{assignment.name}: task {task!r} wants the cells {', '.join(order)}, "
                         "each once, in this order")
        elif not set(assignment.sheet.tasks[task].functions) & set(
                re.findall(r"\w+", run_of(assignment, task))):
            found.append(f"{assignment.name}: the cell above {RESULT + task!r} does not use the "
                         "student's function")
    if not found and path.read_text(encoding="utf-8") != page(assignment):
        found.append(f"{path.name} of {assignment.name} is out of date: python -m assignments "
                     f"release {assignment.name}")
    return found


def write(assignment: Assignment) -> bool:
    """Write the last section; False if it is up to date."""
    path, text = assignment.folder / "marking.md", page(assignment)
    changed = path.read_text(encoding="utf-8") != text
    if changed:
        path.write_text(text, encoding="utf-8")
    return changed
