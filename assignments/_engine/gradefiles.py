"""Tables: points by check, the rubric for a person, and the files that Moodle and Canvas read."""

import csv
import io
import re
from html import escape
from pathlib import Path

from assignments._engine.roster import CANVAS, Roster
from assignments._engine.run import Case, Run, store

# Where commas are decimal points, a spreadsheet cuts at semicolons, quoted or not: there a
# formula may also begin in the middle of a text.
FORMULA = re.compile(r"(^|[;\t\r\n])([ \t\r\n\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def tame(text) -> str:
    """Text for a cell: a spreadsheet must not take a student's words for a formula."""
    text = "" if text is None else str(text)
    return FORMULA.sub(r"\1'\2", text.replace("\x00", "\ufffd"))


def write_csv(path: Path, rows) -> None:
    """Rows of cells; UTF-8 with the mark that spreadsheets want."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    store(path, "\ufeff" + buffer.getvalue())


def by_check(run: Run, cases: list[Case]) -> Path:
    """``grades.csv``: one row a student, one column a check."""
    checks = list(run.assignment.sheet.checks.values())
    filled = filled_rubric(run)

    def rows():
        yield ["id", "name", "in roster", "handed in", "points", "of", "taken off (late)",
               "by hand", "total", "remark", "misconceptions",
               *(f"{c.id} ({c.points:g})" for c in checks)]
        for _, r in run.results(cases):
            named = [m for t in r["tasks"].values() for m in t["mistakes"]]
            total, by_hand = total_of(r, filled)
            yield [tame(r["id"]), tame(r["name"]), "yes" if r["in_roster"] else "no",
                   "yes" if r["submitted"] else "no", f"{r['points']:g}", f"{r['of']:g}",
                   f"{r['lost']:g}", by_hand, f"{total:g}", tame(r["error"] or ""),
                   " ".join(named), *(f"{r['checks'][c.id]['points']:g}" for c in checks)]

    write_csv(run.out / "grades.csv", rows())
    return run.out / "grades.csv"


def rubric(run: Run, cases: list[Case]) -> Path:
    """``rubric.csv``: written answers, with an empty column of points for a person.

    Fill it in and grade again: the points are kept and added.
    """
    filled = filled_rubric(run)

    def rows():
        yield ["id", "name", "question", "of", "points", "answered", "guess", "answer"]
        for _, r in run.results(cases):
            for item in r["rubric"]:
                yield [tame(r["id"]), tame(r["name"]), item["id"], f"{item['of']:g}",
                       filled.get((r["id"], item["id"]), ""),
                       "yes" if item["answered"] else "no", tame(item["guess"]),
                       tame(item["answer"])]

    write_csv(run.out / "rubric.csv", rows())
    return run.out / "rubric.csv"


def filled_rubric(run: Run) -> dict[tuple[str, str], str]:
    """What a person has written into the column "points"."""
    path = run.out / "rubric.csv"
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    delimiter = ";" if text.split("\n", 1)[0].count(";") > 3 else ","
    return {(row["id"].lstrip("'"), row["question"]): row["points"].strip()
            for row in csv.DictReader(io.StringIO(text), delimiter=delimiter)
            if (row.get("points") or "").strip()}


def total_of(result: dict, filled: dict) -> tuple[float, str]:
    """All points of a student, and those given by hand ("" if none yet)."""
    total = max(0.0, result["points"] - result["lost"])
    by_hand = ""
    for item in result["rubric"]:
        if text := filled.get((result["id"], item["id"])):
            try:
                points = float(text.replace(",", "."))
            except ValueError:
                raise SystemExit(f"rubric.csv: the points {text!r} of {result['name']} for "
                                 f"{item['id']} are not a number.") from None
            total += points
            by_hand = f"{float(by_hand or 0) + points:g}"
    return round(total, 2), by_hand


def moodle(run: Run, cases: list[Case], roster: Roster) -> Path:
    """The grading worksheet with grades and feedback: upload it under the assignment."""
    rows = {s.id: s.row for s in roster.students}
    columns = roster.columns if roster.kind == "moodle" else [
        "Identifier", "Full name", "Grade", "Feedback comments"]
    for needed in ("Grade", "Feedback comments"):
        columns = columns if needed in columns else [*columns, needed]
    filled = filled_rubric(run)

    def lines():
        yield columns
        for case, r in run.results(cases):
            if case.student is None:
                continue
            row = dict(rows[case.id]) if roster.kind == "moodle" else {
                "Identifier": f"Participant {case.id}", "Full name": case.name}
            row["Grade"] = f"{total_of(r, filled)[0]:.2f}"
            row["Full name"] = tame(row.get("Full name"))
            row["Feedback comments"] = tame(escape(comment(r), quote=False))  # shown as HTML
            yield [row.get(c, "") for c in columns]

    write_csv(run.out / "moodle.csv", lines())
    return run.out / "moodle.csv"


def canvas(run: Run, cases: list[Case], roster: Roster, column: str | None) -> Path:
    """A gradebook with one column of grades: import it under Grades."""
    title = run.assignment.sheet.title
    if column is None:
        starts = (title, f"Assignment {run.assignment.sheet.number}")
        fits = [c for c in roster.columns if c.startswith(starts)]
        column = fits[0] if len(fits) == 1 else title
    filled = filled_rubric(run)
    rows = {s.id: s.row for s in roster.students}

    def lines():
        yield [*CANVAS, column]
        for case, r in run.results(cases):
            if case.student is not None:
                row = dict(rows[case.id]) if roster.kind == "canvas" else {
                    "Student": case.name, "ID": case.id}
                row["Student"] = tame(row["Student"])  # Canvas goes by the id
                yield [*(row.get(c, "") for c in CANVAS), f"{total_of(r, filled)[0]:.2f}"]

    write_csv(run.out / "canvas.csv", lines())
    return run.out / "canvas.csv"


def comment(result: dict) -> str:
    """A short feedback for the platform's own column."""
    if result["error"]:
        return result["error"]
    wrong = [f"{name}: {c['problem']}" for name, c in result["checks"].items() if not c["passed"]]
    points = f"{result['points']:g} of {result['of']:g} points by machine."
    return " ".join([points, *wrong[:3], *result["notes"][:2]])[:900]
