"""A whole class: what Moodle and Canvas give, broken files between good ones, interruptions."""

import csv
import io
import json
import os
import unicodedata
import zipfile

import pytest

from assignments._engine import cli, collect, gradefiles, reports, roster, run
from nncheck import cells
from tests.assignments import zoo

PERFECT = zoo.FULL


@pytest.fixture(scope="session")
def perfect(relu):
    return zoo.dump(relu.notebook)


@pytest.fixture(scope="session")
def weak(relu):
    return zoo.with_body(relu, "return np.abs(z)")


def zipped(members: dict) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def moodle_roster(path, students):
    head = ("Identifier,Full name,Email address,Status,Grade,Maximum Grade,"
            "Grade can be changed,Last modified (submission),Last modified (grade),"
            "Feedback comments")
    rows = [f'Participant {i},"{n}",{i}@x.org,Submitted,,24.00,Yes,"{t}",-,'
            for i, n, t in students]
    path.write_text("\ufeff" + "\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def graded(relu, walls, folder, out, table=None, jobs=2, seed="a seed", **more):
    cases = run.cases_of(collect.collect(folder), table)
    job = run.Run(relu, out, walls, seed, jobs=jobs, **more)
    count = run.grade_all(job, cases)
    return job, cases, count, {c.id: r for c, r in job.results(cases)}


@pytest.fixture(scope="session")
def menagerie(tmp_path_factory, relu, perfect, weak):
    """Good and broken submissions side by side, each in its folder."""
    root = tmp_path_factory.mktemp("class")
    put(root / "good" / "relu.ipynb", perfect)
    put(root / "with a space" / "my homework (1).ipynb", perfect)
    put(root / "Jürgen Größe" / "Übung 2.ipynb", perfect)
    put(root / "zip" / "relu.zip", zipped({"deep/er/relu.ipynb": perfect, "__MACOSX/x": b"x",
                                          "deep/er/.ipynb_checkpoints/relu.ipynb": weak}))
    put(root / "zip in zip" / "a.zip", zipped({"b.zip": zipped({"relu.ipynb": perfect})}))
    put(root / "slashes" / "a.zip", zipped({"../../../etc/relu.ipynb": perfect,
                                           "c:\\temp\\other.txt": b"x"}))
    put(root / "bomb" / "a.zip", zipped({"relu.ipynb": bytes(300_000_000)}))
    put(root / "many files" / "a.zip", zipped({f"{i}.txt": b"" for i in range(2_500)}))
    put(root / "no zip" / "a.zip", b"PK\x03\x04 and then nothing")
    put(root / "large" / "relu.ipynb", b" " * 100_000_000)
    (root / "empty").mkdir()
    put(root / "word" / "homework.docx", b"PK...")
    put(root / "text only" / "relu.py", b"def relu(z): ...")
    outside = tmp_path_factory.mktemp("outside") / "relu.ipynb"
    outside.write_bytes(perfect)
    (root / "link").mkdir()
    os.symlink(outside, root / "link" / "relu.ipynb")
    os.symlink(outside.parent, root / "linked folder")
    (root / "loop").mkdir()
    os.symlink(root / "loop" / "relu.ipynb", root / "loop" / "relu.ipynb")
    put(root / "two" / "relu.ipynb", weak)
    put(root / "two" / "relu-1.ipynb", perfect)
    put(root / "other homework too" / "essay.ipynb", zoo.dump({"cells": [], "metadata": {}}))
    put(root / "other homework too" / "relu.ipynb", perfect)
    return root


SENTENCES = {
    "bomb": "at most 25 MB are read", "many files": "2500 files", "no zip": "cannot be read",
    "large": "100 MB; at most 25 MB", "empty": "no notebook was handed in",
    "word": "only 'homework.docx'", "text only": "No notebook was handed in",
    "link": "leads out of the folder", "linked folder": "leads out of the folder",
    "loop": "link",
}


@pytest.fixture(scope="session")
def result(menagerie, relu, walls, tmp_path_factory):
    """All of it graded, with two at a time."""
    return graded(relu, walls, menagerie, tmp_path_factory.mktemp("out"))


def test_broken_submissions_say_why(result):
    *_, results = result
    for name, sentence in SENTENCES.items():
        assert results[name]["points"] == 0
        assert sentence in results[name]["error"], name


def test_good_submissions_are_found_however_they_are_packed(result):
    *_, results = result
    for name in set(results) - set(SENTENCES):
        assert results[name]["points"] == PERFECT, (name, results[name])
    assert len(results) == 18
    assert "'relu-1.ipynb' was graded" in results["two"]["notes"][0]


def test_same_grades_one_at_a_time_and_in_another_order(result, menagerie, relu, walls, tmp_path):
    *_, results = result
    cases = run.cases_of(collect.collect(menagerie), None)[::-1]
    job = run.Run(relu, tmp_path, walls, "a seed", jobs=1)
    run.grade_all(job, cases)
    again = {c.id: r for c, r in job.results(cases)}
    assert again == results


def test_interrupted_run_goes_on(perfect, weak, relu, walls, tmp_path):
    folder = tmp_path / "in"
    for i, data in enumerate([perfect, weak, perfect]):
        put(folder / f"s{i}" / "relu.ipynb", data)
    cases = run.cases_of(collect.collect(folder), None)
    job = run.Run(relu, tmp_path / "out", walls, jobs=1)

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.grade_all(job, cases, stop)
    stored = list((tmp_path / "out" / "results").glob("*.json"))
    assert 1 <= len(stored) < 3
    stored[0].write_text("{half")  # as if the machine had gone down
    count = run.grade_all(run.Run(relu, tmp_path / "out", walls, jobs=1), cases)
    assert sum(count.values()) == 3 and count["graded"] >= 2
    assert run.grade_all(job, cases) == {"graded": 0, "kept": 3}
    put(folder / "s1" / "relu.ipynb", perfect)
    assert run.grade_all(job, cases) == {"graded": 1, "kept": 2}
    assert {r["points"] for _, r in job.results(cases)} == {PERFECT}
    assert (tmp_path / "out" / "seed.txt").stat().st_mode & 0o077 == 0


def test_moodle_there_and_back(perfect, weak, relu, walls, tmp_path):
    """Folders as Moodle names them; the worksheet comes back as Moodle reads it."""
    mail = zipped({
        "Ada Löv_11_assignsubmission_file_/relu.ipynb": perfect,
        "Bo B_12_assignsubmission_file_relu.ipynb": weak,
        unicodedata.normalize("NFD", "Zoë Ä_13_assignsubmission_file_") + "/a/b.ipynb": perfect,
    })
    put(tmp_path / "all.zip", mail)
    moodle_roster(tmp_path / "roster.csv", [
        (11, "Ada Löv", "Saturday, 28 November 2026, 7:24 AM"),
        (12, "Bo B", "Monday, 30 November 2026, 11:24 PM"),
        (13, "Zoë Ä", "Saturday, 28 November 2026, 7:24 AM"),
        (14, "No One", "-")])
    out = tmp_path / "out"
    assert cli.main([
        "grade", str(tmp_path / "all.zip"), "--assignment", "relu", "--roster",
        str(tmp_path / "roster.csv"), "--out", str(out), "--due", "2026-11-29T12:00",
        "--late-per-day", "10", "--book", "https://example.org/book", "--jobs", "2"]) == 0
    rows = read_moodle(out / "moodle.csv")
    # two days begun late: 20 % of 18 points
    assert rows == {"11": 20.0, "12": 14.4, "13": 20.0, "14": 0.0}
    assert "2 days begun" in (out / "reports" / "Bo_B_12_").parent.joinpath(
        next(p.name for p in (out / "reports").iterdir() if p.name.startswith("Bo_B_12"))
    ).read_text()
    assert cli.main(["feedback", str(tmp_path / "all.zip"), "--assignment", "relu", "--roster",
                     str(tmp_path / "roster.csv"), "--out", str(out), "--lms", "moodle"]) == 0
    names = zipfile.ZipFile(out / "feedback_moodle.zip").namelist()
    assert "Ada Löv_11_assignsubmission_file_/feedback.html" in names and len(names) == 3
    html = (out / "class.html").read_text()
    assert "1 of 3" in html and "You mirror negative numbers" in html and "No One" in html
    assert 'href="https://example.org/book/chapters/06_backpropagation.html"' in html


def read_moodle(path) -> dict:
    """As Moodle's importer: by Identifier, the grade a number up to the maximum."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        assert set(row) >= {"Identifier", "Grade", "Feedback comments"} and None not in row
        word, number = row["Identifier"].split()
        assert word == "Participant" and 0 <= float(row["Grade"]) <= float(row["Maximum Grade"])
        found[number] = float(row["Grade"])
    return found


def read_canvas(path, column) -> dict:
    """As Canvas's importer: its five columns first, then grades."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    assert all(len(r) == 6 for r in rows)
    return {r[1]: float(r[5]) for r in rows[1:]}


def test_canvas_there_and_back(perfect, weak, relu, walls, tmp_path):
    folder = tmp_path / "submissions"
    put(folder / "lovelaceada_501_9001_relu.ipynb", weak)
    put(folder / "lovelaceada_501_9002_relu-1.ipynb", perfect)
    put(folder / "beebo_LATE_502_9003_relu.ipynb", weak)
    column = "Assignment 2 (777)"
    (tmp_path / "grades.csv").write_text(
        f"Student,ID,SIS User ID,SIS Login ID,Section,{column}\n"
        "    Points Possible,,,,,20\n\"Lovelace, Ada\",501,a1,ada,S1,\n\"Bee, Bo\",502,b1,bo,S1,\n"
        "\"Cee, Cy\",503,c1,cy,S1,\n", encoding="utf-8")
    table = roster.read(tmp_path / "grades.csv")
    assert table.kind == "canvas"
    job, cases, _, results = graded(relu, walls, folder, tmp_path / "out", table)
    path = gradefiles.canvas(job, cases, table, None)
    assert read_canvas(path, column) == {"501": 20.0, "502": 18.0, "503": 0.0}
    assert "late" in " ".join(results["502"]["notes"])
    assert results["503"]["submitted"] is False


def test_rubric_is_kept_and_added(perfect, relu, walls, tmp_path):
    content = json.loads(perfect)
    zoo.set_source(content, "prediction", "=HYPERLINK(\"http://x\")")
    put(tmp_path / "in" / "ada" / "relu.ipynb", zoo.dump(content))
    job, cases, *_ = graded(relu, walls, tmp_path / "in", tmp_path / "out")
    path = gradefiles.rubric(job, cases)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    by_question = {r["question"]: r for r in rows}
    first, last = by_question["prediction"], by_question["conclusion"]
    assert [r["question"] for r in rows if r["answered"] == "yes"] == ["prediction"]
    assert first["answer"].startswith("'=")  # no formula in the teacher's spreadsheet
    first["points"], last["points"] = "0,5", "3"
    gradefiles.write_csv(path, [list(rows[0]), *(list(r.values()) for r in rows)])
    gradefiles.rubric(job, cases)
    gradefiles.by_check(job, cases)
    row = next(csv.DictReader(io.StringIO((job.out / "grades.csv").read_text("utf-8-sig"))))
    assert row["total"] == "23.5" and row["by hand"] == "3.5"


def test_a_guess_stands_beside_the_result_of_its_task(perfect, relu, walls, tmp_path):
    content = json.loads(perfect)
    released = {c["metadata"]["nbgrader"]["grade_id"]: cells.source(c)
                for c in content["cells"] if "nbgrader" in c["metadata"]}
    zoo.set_source(content, "predict-relu", released["predict-relu"] + "\n\n-1, I guess")
    zoo.set_source(content, "result-relu", "The question is gone: 53 %")
    put(tmp_path / "in" / "ada" / "relu.ipynb", zoo.dump(content))
    job, cases, *_ = graded(relu, walls, tmp_path / "in", tmp_path / "out")
    path = gradefiles.rubric(job, cases)
    rows = {r["question"]: r for r in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))}
    assert rows["result-relu"]["guess"] == "'-1, I guess"  # the question itself is left out
    assert rows["result-relu"]["answer"] == "The question is gone: 53 %"
    assert rows["result-forward"]["guess"] == rows["result-forward"]["answer"] == ""
    assert "predict-relu" not in rows  # a guess is worth no points


def test_report_shows_students_text_as_text(relu, walls, tmp_path):
    data = zoo.with_body(relu, "raise ValueError('<script>alert(1)</script>')")
    put(tmp_path / "in" / "<b>eve" / "relu.ipynb", data)
    job, cases, *_ = graded(relu, walls, tmp_path / "in", tmp_path / "out")
    reports.write_students(job, cases)
    reports.write_class(job, cases)
    for page in [*(job.out / "reports").iterdir(), job.out / "class.html"]:
        text = page.read_text()
        assert "<script" not in text and "<b>eve" not in text
        assert 'name="viewport"' in text


def test_rosters_of_other_kinds(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes("id;name;submitted\n7;Jörg;2026-11-28 18:30\n".encode("cp1252"))
    table = roster.read(path)
    assert table.kind == "plain" and table.students[0].name == "Jörg"
    assert table.students[0].submitted.hour == 18
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit, match="plain CSV with a column id"):
        roster.read(path)


def test_a_failure_of_the_grader_costs_only_one_grade(perfect, relu, walls, tmp_path, monkeypatch):
    from assignments._engine import grading

    put(tmp_path / "in" / "a" / "relu.ipynb", perfect)
    put(tmp_path / "in" / "b" / "relu.ipynb", perfect)
    real, calls = grading.grade, []

    def sometimes(*args):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("worker does not start")
        return real(*args)

    monkeypatch.setattr(grading, "grade", sometimes)
    *_, results = graded(relu, walls, tmp_path / "in", tmp_path / "out", jobs=1)
    assert sorted(r["points"] for r in results.values()) == [0, PERFECT]
    assert any("Grade it by hand" in (r["error"] or "") for r in results.values())
