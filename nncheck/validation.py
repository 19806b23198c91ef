"""Run of a saved notebook what the grader will run, and say what that is."""

from pathlib import Path

from nncheck import cells, examine, notebook, session, view


def main(path: str, assignment: str | None = None) -> int:
    """Print the plan and the public checks; 0 if all of them pass."""
    file = Path(path)
    if not file.is_file():
        print(f"There is no file {path!r} here.")
        return 2
    try:
        content, notes = cells.read(file.read_bytes())
    except cells.NotANotebook as error:
        print(error)
        return 2
    name = assignment or (content.get("metadata", {}).get("nncheck") or {}).get("assignment")
    data = notebook.data_of(name or file.stem)
    planned = cells.plan(content)
    print("What is run when this notebook is graded:")
    for entry in planned:
        print("  " + _describe(entry))
    questions = [{"id": c["id"], "task": c["task"], "steps": c["steps"]}
                 for c in data["checks"] if c["public"]]
    with examine.Examination(
            planned, questions, lambda: session.Session(*session.unprotected())) as examination:
        examination.hold()
    notes += examination.notes + examine.sentences(examination.problems, planned)
    for note in notes:
        print("Note: " + note)
    findings, wrong = {}, False
    for task in data["tasks"]:
        outcomes = {c["id"]: examination.outcomes[c["id"]] for c in data["checks"]
                    if c["task"] == task["id"] and c["id"] in examination.outcomes}
        findings[task["id"]] = _explained(
            notebook.findings_of(data, task["id"], outcomes), planned, examination)
        wrong = wrong or any(f["problem"] for f in findings[task["id"]])
    print(view.sheet(data, findings))
    print(_written(data, content))
    return 1 if wrong else 0


def _written(data, content) -> str:
    """Which questions in words are not answered yet."""
    texts = {cells.metadata(c).get("grade_id"): cells.source(c) for c in content["cells"]}
    empty = [w["id"] for w in data["written"]
             if texts.get(w["id"], "").strip() in ("", w["released"].strip())]
    count = len(data["written"])
    said = f"{count - len(empty)} of {count} written answers are there."
    return said + (f" Empty: {', '.join(empty)}." if empty else "")


def _explained(findings, planned, examination):
    """The grader's additions to a problem."""
    for finding in findings:
        task = finding["check"]["task"]
        if finding["problem"] == "was not asked.":
            finding["problem"] = "It " + examination.stopped.get(task, "was not asked.")
    entries = {f["check"]["id"]: {"passed": f["problem"] is None, "problem": f["problem"]}
               for f in findings}
    examine.explain_missing(entries, planned, examination)
    for finding in findings:
        finding["problem"] = entries[finding["check"]["id"]]["problem"]
    return findings


def _describe(entry) -> str:
    """One cell of the plan in words."""
    first = entry["source"].strip().split("\n")[0][:50]
    if entry["whole"]:
        return f"cell {entry['cell']:3d}  whole (an answer): {first}"
    try:
        taken = cells.statements(entry["source"], False)
        total = len(cells.statements(entry["source"], True))
    except (SyntaxError, ValueError):
        return f"cell {entry['cell']:3d}  not at all: it is not Python"
    if not taken:
        return f"cell {entry['cell']:3d}  not at all: {first}"
    return (f"cell {entry['cell']:3d}  {len(taken)} of {total} statements (imports, functions, "
            f"constants): {first}")


