"""Names, archives and tables that somebody has made with care, or with none."""

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser

import pytest

from assignments._engine import choose, cli, collect, gradefiles, reports, roster, run, sandbox
from tests.assignments import zoo
from tests.assignments.test_folder import graded, moodle_roster, put, zipped


@pytest.fixture(scope="session")
def perfect(relu):
    return zoo.dump(relu.notebook)


NAMES = {
    "=HYPERLINK(\"http://x\",\"y\")": "a formula", "-1+cmd|' /C calc'!A0": "a command",
    "x;=1+1": "a formula behind a semicolon", "＝1+1": "a wide sign",
    "<img src=x onerror=alert(1)>": "markup", "[x](javascript:alert(1))": "a link",
    "\u202eadA": "right to left", "عَلِيّ ابن سينا": "Arabic", "🧑‍🎓 Ada": "emoji",
    "\x1b[2J\x1b[31mAda": "terminal codes", "CON": "a device", "Ada": "case", "ada": "case",
    "a" * 200: "long", "Robert'); DROP TABLE students;--": "a comma less",
}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.found.update(k for k, _ in attrs if k.startswith("on"))
        self.found.update(v.partition(":")[0] for k, v in attrs if k == "href" and ":" in v)


@pytest.fixture(scope="session")
def odd_names(tmp_path_factory, relu, walls, perfect):
    root = tmp_path_factory.mktemp("names")
    for name in NAMES:
        put(root / name / "relu.ipynb", b"{")
    put(root / os.fsdecode(b"J\xf6rg") / "relu.ipynb", perfect)  # two that differ in a byte
    put(root / os.fsdecode(b"J\xe4rg") / "relu.ipynb", b"{")  # that is no UTF-8
    return graded(relu, walls, root, tmp_path_factory.mktemp("out"))


def test_each_odd_name_has_a_grade_of_its_own(odd_names):
    job, cases, count, results = odd_names
    assert len({c.file for c in cases}) == len(cases) == len(NAMES) + 2 == count["graded"]
    assert sorted(r["points"] for r in results.values()) == [0.0] * (len(NAMES) + 1) + [20.0]
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", c.file) for c in cases)


def test_no_name_is_a_formula(odd_names):
    job, cases, *_ = odd_names
    for path in (gradefiles.by_check(job, cases), gradefiles.rubric(job, cases)):
        text = path.read_text("utf-8-sig")
        for delimiter in ",;":  # as spreadsheets of either kind read it
            rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
            begun = [c for r in rows for c in r if re.match(r"\s*[=+\-@＝]", c)]
            assert not begun, (path.name, delimiter, begun[:3])


def test_no_name_is_markup(odd_names):
    job, cases, *_ = odd_names
    reports.write_students(job, cases)
    pages = [*(job.out / "reports").iterdir(), reports.write_class(job, cases)]
    assert len(pages) == len(cases) + 1
    for page in pages:
        text, tags = page.read_text("utf-8"), Tags()
        tags.feed(text)
        assert not tags.found & {"img", "script", "onerror", "javascript"}, page.name
        assert not re.search("[\x1b\u202e]", text)


def test_names_do_not_stop_the_command_at_its_end(perfect, walls, tmp_path):
    """Everything is graded, and then a terminal cannot print a name."""
    put(tmp_path / "in" / os.fsdecode(b"J\xf6rg") / "relu.ipynb", b"{")
    put(tmp_path / "in" / "\x1b[31m\u5f20" / "relu.ipynb", b"{")
    (tmp_path / "roster.csv").write_text("id,name\n1,Ada\n")
    done = subprocess.run(
        [sys.executable, "-m", "assignments", "grade", str(tmp_path / "in"), "--assignment",
         "relu", "--roster", str(tmp_path / "roster.csv"), "--out", str(tmp_path / "out")],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Not in the roster" in done.stdout and b"\x1b" not in done.stdout


def test_archives_with_odd_paths(perfect, tmp_path):
    weak = b"{"
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("/etc/ada/../../root/relu.ipynb", weak)
        archive.writestr(link, "/etc/passwd")
        archive.writestr("C:\\Users\\eve\\RELU (2).IPYNB", perfect)
    put(tmp_path / "in" / "eve" / "a.ZIP", buffer.getvalue())
    put(tmp_path / "in" / "txt" / "relu.ipynb.txt", perfect)
    put(tmp_path / "in" / "json" / "relu.ipynb.json", perfect)
    put(tmp_path / "in" / "word" / "relu.docx", b"PK")
    found = collect.collect(tmp_path / "in")
    before = set(tmp_path.rglob("*"))
    relu = _relu()
    for name in ("eve", "txt", "json"):
        data, notes = choose.choose(found[name], relu)
        assert data == perfect, name
    with pytest.raises(collect.Unusable, match="only 'relu.docx'. A notebook's name ends in"):
        choose.choose(found["word"], relu)
    assert set(tmp_path.rglob("*")) == before  # nothing was unpacked


def _relu():
    from assignments._engine import source

    return source.load_assignment("relu")


def test_many_notebooks_in_a_small_zip(perfect, tmp_path, monkeypatch):
    """2,000 notebooks of 25 MB are 25 kB of zip each; a few are read, one is kept."""
    monkeypatch.setattr(collect, "MOST_ARCHIVE", 1_000_000)
    blank = b" " * 80_000
    put(tmp_path / "in" / "eve" / "a.zip", zipped({f"{i}.ipynb": blank for i in range(60)}))
    found = collect.collect(tmp_path / "in")["eve"]
    read, real = [], collect.Source.read
    monkeypatch.setattr(collect.Source, "read",
                        lambda self, most: read.append(self.name) or real(self, most))
    data, notes = choose.choose(found, _relu())
    assert len(found.files) == 60 and len(read) <= 13
    assert "13 notebooks were handed in" in notes[0]


def test_zips_in_zips_that_unpack_to_gigabytes(perfect, tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "MOST_ARCHIVE", 2_000_000)  # all to a scale of 1:125
    bomb = zipped({f"{i}.zip": bytes(480_000) for i in range(40)})
    unpacked, member = [], collect._member

    def counted(*args):
        unpacked.append(len(content := member(*args)))
        return content

    monkeypatch.setattr(collect, "_member", counted)
    put(tmp_path / "class.zip", zipped({"eve/bomb.zip": bomb, "ada/relu.ipynb": perfect,
                                        "bob/relu.zip": zipped({"relu.ipynb": perfect})}))
    found = collect.collect(tmp_path / "class.zip")
    assert sum(unpacked) < 4_000_000  # Eve's own, what it may unpack to, and Bob's
    assert sum("at most" in (f.problem or "") for f in found["eve"].files) >= 36
    for name in ("ada", "bob"):
        assert choose.choose(found[name], _relu())[0] == perfect


def test_a_class_of_thousands_in_one_zip(perfect, tmp_path):
    """The platform's own zip may hold more files than a student's."""
    members = {f"s{i}/relu.ipynb": b"{" for i in range(2_500)} | {"ada/relu.ipynb": perfect}
    put(tmp_path / "class.zip", zipped(members))
    assert len(collect.collect(tmp_path / "class.zip")) == 2_501


def test_rosters_by_spreadsheets(tmp_path):
    path = tmp_path / "r.csv"
    table = "id;name;extra\n7;Jörg \"J\" Ö;x\n8;张;\n"
    for data in (table.encode("utf-16"), table.encode("utf-8-sig"), table.replace(
            ";", "\t").encode(), table.replace("\n", "\r\n").encode()):
        path.write_bytes(data)
        assert [s.name for s in roster.read(path).students] == ['Jörg "J" Ö', "张"]
    path.write_text("id,name\n7,Ada\n8,Bo\n7,Ada\n")  # once for each of two groups
    assert [s.id for s in roster.read(path).students] == ["7", "8"]
    path.write_text("id,name\n7,Ada\n7,Bo\n")
    with pytest.raises(SystemExit, match="two students with the id '7': 'Ada' and 'Bo'"):
        roster.read(path)
    path.write_text("id,name\n7," + "x" * 200_000 + "\n")
    with pytest.raises(SystemExit, match="no CSV file"):
        roster.read(path)


def test_two_students_of_one_name_are_told_by_id(perfect, relu, walls, tmp_path):
    put(tmp_path / "in" / "Ada L_11_assignsubmission_file_" / "relu.ipynb", perfect)
    put(tmp_path / "in" / "Ada L_12_assignsubmission_file_" / "relu.ipynb", b"{")
    table = roster.read(moodle_roster(tmp_path / "r.csv", [(11, "Ada L", "-"), (12, "Ada L", "-")]))
    *_, results = graded(relu, walls, tmp_path / "in", tmp_path / "out", table)
    assert {k: r["points"] for k, r in results.items()} == {"11": 20.0, "12": 0.0}


def test_moodle_shows_a_comment_as_html(relu, walls, tmp_path):
    """And its worksheet comes back to a spreadsheet first."""
    put(tmp_path / "in" / "A_11_assignsubmission_file_" / "relu.ipynb", zoo.with_body(
        relu, "raise ValueError('<img src=x onerror=alert(1)>')"))
    table = roster.read(moodle_roster(tmp_path / "r.csv", [(11, "=cmd|A!0", "-")]))
    job, cases, *_ = graded(relu, walls, tmp_path / "in", tmp_path / "out", table)
    text = gradefiles.moodle(job, cases, table).read_text("utf-8-sig")
    assert "<img" not in text and "&lt;img src=x" in text and "'=cmd|A!0" in text


def test_busy_children_of_one_do_not_cost_another_its_points(relu, perfect, walls, tmp_path):
    """Twelve busy processes beside an honest submission: slower, not worse."""
    if sandbox.choose().name == "none":
        pytest.skip("no walls")
    busy = ("import os\nfor _ in range(12):\n    if os.fork() == 0:\n        while True: pass\n"
            "import time\ntime.sleep(3)")
    for i in range(2):
        put(tmp_path / "in" / f"busy{i}" / "relu.ipynb", zoo.with_body(relu, busy))
        put(tmp_path / "in" / f"honest{i}" / "relu.ipynb", perfect)
    *_, results = graded(relu, walls, tmp_path / "in", tmp_path / "out", jobs=2)
    assert {k: r["points"] for k, r in results.items() if "honest" in k} == {
        "honest0": 20.0, "honest1": 20.0}
    assert all(r["points"] == 18.0 for k, r in results.items() if "busy" in k)


def test_the_same_student_twice_in_another_case_is_one(perfect, relu, walls, tmp_path):
    """Ada/ and ada/ are two folders; with a roster both are Ada's, and the last attempt counts."""
    put(tmp_path / "in" / "Ada" / "relu.ipynb", b"{")
    put(tmp_path / "in" / "ADA" / "relu-1.ipynb", perfect)
    (tmp_path / "r.csv").write_text("id,name\nada,Ada L\n")
    table = roster.read(tmp_path / "r.csv")
    *_, results = graded(relu, walls, tmp_path / "in", tmp_path / "out", table)
    assert results["ada"]["points"] == 20.0 and len(results) == 1
    assert "2 notebooks were handed in" in results["ada"]["notes"][0]


def test_commands_are_told_from_a_zip_that_is_none(tmp_path, walls):
    (tmp_path / "class.zip").write_bytes(b"PK\x03\x04no")
    out = tmp_path / "out"
    assert cli.main(["grade", str(tmp_path / "class.zip"), "--assignment", "relu", "--out",
                     str(out)]) == 0
    assert "cannot be read" in (out / "grades.csv").read_text("utf-8-sig")
    assert run.seed_of(out)
