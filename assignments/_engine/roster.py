"""Who should have handed in: a Moodle grading worksheet, a Canvas gradebook, or a plain CSV."""

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
         "%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d.%m.%Y %H:%M")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


@dataclass
class Student:
    """One row of the roster."""

    id: str
    name: str
    aliases: set[str]
    row: dict = field(default_factory=dict)
    submitted: datetime | None = None


@dataclass
class Roster:
    """All rows, and where they come from: "moodle", "canvas" or "plain"."""

    kind: str
    columns: list[str]
    students: list[Student]

    def find(self, *keys: str) -> Student | None:
        """The student that one of these keys belongs to, the first key first."""
        for key in map(norm, keys):
            found = [s for s in self.students if key and key in s.aliases]
            if len(found) == 1:
                return found[0]
        return None


def norm(text) -> str:
    """For comparison: one form of umlauts, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", str(text or "")).casefold().split())


def read(path: Path) -> Roster:
    """Read a roster; says which columns it needs if they are not there."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SystemExit(f"The roster {str(path)!r} cannot be read: {error.strerror}.") from None
    try:  # a spreadsheet's "Unicode text" is UTF-16
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        columns = [c.strip() for c in reader.fieldnames or []]
        rows = [{str(k).strip(): (v or "").strip() if isinstance(v, str) else ""
                 for k, v in row.items() if k is not None} for row in reader]
    except csv.Error as error:
        raise SystemExit(f"The roster {path.name!r} is no CSV file ({error}).") from None
    return _distinct(_of(path, columns, rows))


def _distinct(roster: Roster) -> Roster:
    """Each student once; two of one id could not be told apart."""
    first = {}
    for student in roster.students:
        if first.setdefault(student.id, student).name != student.name:
            raise SystemExit(
                f"The roster has two students with the id {student.id!r}: "
                f"{first[student.id].name!r} and {student.name!r}. Which work is whose cannot be "
                "told: give them different ids.")
    roster.students = list(first.values())
    return roster


def _of(path, columns, rows) -> Roster:
    """The roster in a table, by its columns."""
    lower = {c.lower(): c for c in columns}
    if "identifier" in lower and "full name" in lower:
        return Roster("moodle", columns, [_moodle(r) for r in rows if r.get("Identifier")])
    if {"Student", "ID"} <= set(columns):
        students = [_canvas(r) for r in rows if r["ID"] and r["Student"] != "Student, Test"]
        return Roster("canvas", columns, students)
    if "id" in lower:
        return Roster("plain", columns, [_plain(r, lower) for r in rows if r[lower["id"]]])
    raise SystemExit(
        f"The roster {path.name!r} has the columns {columns}. Expected is a Moodle grading "
        "worksheet (Identifier, Full name, ...), a Canvas gradebook (Student, ID, ...), or a "
        "plain CSV with a column id (and name, submitted).")


def _moodle(row):
    number = row["Identifier"].split()[-1]
    aliases = {number, row["Identifier"], row["Full name"], row.get("Email address", ""),
               row.get("ID number", "")}
    time = when(row.get("Last modified (submission)", ""))
    return Student(number, row["Full name"], {norm(a) for a in aliases if a}, row, time)


def _canvas(row):
    last, _, rest = row["Student"].partition(",")
    joined = f"{last}{rest}".replace(" ", "")
    aliases = {row["ID"], row["Student"], joined, f"{rest.strip()} {last}".strip(),
               row.get("SIS User ID", ""), row.get("SIS Login ID", "")}
    return Student(row["ID"], row["Student"], {norm(a) for a in aliases if a}, row)


def _plain(row, lower):
    def get(name):
        return row.get(lower.get(name, ""), "")

    aliases = {get("id"), get("name"), get("email")}
    return Student(get("id"), get("name") or get("id"), {norm(a) for a in aliases if a}, row,
                   when(get("submitted")))


def when(text: str) -> datetime | None:
    """A time in one of the usual forms; None if there is none."""
    for form in TIMES:
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    return None
