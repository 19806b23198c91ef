"""Our sources under nbgrader, and the comparison with nbgrader and otter."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from assignments._engine import source
from benchmarks import grading
from nncheck import cells, loading

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", source.names())
def test_nbgrader_gives_the_solution_all_and_the_release_nothing(name, tmp_path):
    if shutil.which("nbgrader") is None:
        pytest.skip("no nbgrader on the path: tools/nbgrader_course.sh is not tried")
    done = subprocess.run(["sh", ROOT / "tools" / "nbgrader_course.sh", name, tmp_path],
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_comparison_asks_every_grader_the_same(relu, tmp_path, monkeypatch):
    """All checks, all points; the solution passes the cells that nbgrader gets, a mistake fails."""
    changed = grading.course(relu)
    graded = [c for c in changed.notebook["cells"] if cells.metadata(c).get("grade")]
    assert sum(cells.metadata(c)["points"] for c in graded) == relu.sheet.points == 20
    hidden = [c for c in graded if "HIDDEN TESTS" in cells.source(c)]
    assert len(hidden) == sum(not c.public for c in relu.sheet.checks.values())
    asked = grading.battery.make(relu, "s").asked
    (tmp_path / "graded.json").write_text(json.dumps(
        {a.id: [a.steps, a.expected] for a in asked.values()}))
    (tmp_path / "graded.py").write_text(grading.HELPER)
    monkeypatch.syspath_prepend(tmp_path)
    namespace = relu.reference()
    for cell in graded:
        exec(cells.source(cell), namespace)
    wrong, _ = loading.load(relu.changed(relu.mistakes["relu-abs"]))
    failed = set()
    for cell in graded:
        try:
            exec(cells.source(cell), wrong)
        except AssertionError:
            failed.add(cells.metadata(cell)["grade_id"])
    assert failed == {c.replace(".", "-") for c in relu.mistakes["relu-abs"].fails}


def test_the_ten_submissions_are_notebooks(relu):
    handed_in = grading.submissions(grading.course(relu))
    assert len(handed_in) == 10
    assert [points for _, points in handed_in.values()] == [20, 0, 11, 18, 18, 18, 18, 20, 0, 0]
    results = {"this course": ({n: p for n, (_, p) in handed_in.items()}, 2.0),
               "x": ({n: None if n == "solved" else 7.0 for n in handed_in}, 5.0)}
    text = grading.table(handed_in, results)
    assert "| solved | 20 | 20 | **none** |" in text and text.endswith("| 1.0 | 2.5 |")
