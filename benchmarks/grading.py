"""Our grader beside nbgrader and otter-grader, on the same ten submissions of assignment 2.

    python -m benchmarks.grading

makes an environment for each of the two under _build/grading (pip; once), writes one course for
each from the *same* checks, grades, and prints a Markdown table: points that each gave, points
that are right, time for all ten.  ``--nbgrader`` and ``--otter`` take environments that exist.

Each check of assignments/relu/checks.py becomes one graded cell of nbgrader and one test file of
otter (doctest, one case): the questions of one secret seed with their answers, judged by nncheck.
Public checks are visible, the others hidden.  Both run them in the student's kernel, as they do.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat

from assignments._engine import battery, source
from nncheck import cells
from tests.assignments import zoo

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "_build" / "grading"
SEED = "a secret of the benchmark"
PATIENCE = 60  # seconds after which otter, which has no limit of its own, is ended
TIMEOUT = 10  # nbgrader's for each cell

HELPER = '''
import json
from pathlib import Path
from nncheck import judge, steps
CHECKS = json.loads(Path(__file__).with_name("graded.json").read_text())

def passes(name, namespace):
    """True, or an AssertionError that says what is wrong."""
    asked, expected = CHECKS[name]
    for step, right, found in zip(asked, expected, steps.execute(asked, namespace)):
        problem = judge.judge(step, right, found)
        assert problem is None, problem
    return True
'''

DOCTORED = ("import builtins, sys\nbuiltins.AssertionError = type('A', (BaseException,), {})\n"
            "try:\n    import graded\n    graded.passes = lambda *a: True\nexcept Exception:\n"
            "    pass\n")
TRIVIAL = ("np.allclose = np.array_equal = lambda *a, **k: True\ndef relu(z): return z\n"
           "def forward(*a): return 0, 0\ndef backward(*a): return 0, 0, 0, 0\n"
           "def update(*a): return ()\ndef batches(*a): return []\n"
           "def train_epoch(*a): return ()\ndef increase(*a): return 0\n")


def course(assignment) -> source.Assignment:
    """The assignment with one graded cell for each check, as nbgrader wants it."""
    notebook = zoo.notebook(assignment)
    kept = []
    for cell in notebook["cells"]:
        marks = cells.metadata(cell)
        if cell["cell_type"] == "code" and (marks.get("solution") or marks.get("locked")) and not (
                str(marks.get("grade_id")).startswith("check-")) and marks["grade_id"] not in (
                "data", "baseline", "sheet"):
            kept.append(cell)
    for check in assignment.sheet.checks.values():
        text = f'import graded\nassert graded.passes("{check.id}", globals())'
        if not check.public:
            text = f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS"
        kept.append(zoo.code_cell(text, nbgrader={
            "grade": True, "grade_id": check.id.replace(".", "-"), "locked": True,
            "points": check.points, "schema_version": 3, "solution": False, "task": False}))
    for number, cell in enumerate(kept):
        cell["id"] = f"cell-{number}"
    changed = source.Assignment(assignment.folder)
    changed.__dict__["notebook"] = notebook | {"cells": kept}
    return changed


def submissions(relu) -> dict[str, tuple[bytes, float]]:
    """Ten notebooks, and what each is worth."""
    wanted = {"perfect": "solved", "untouched": "untouched",
              "three misconceptions": "three misconceptions",
              "endless loop in a function": "an endless loop in relu",
              "os._exit in a function": "os._exit in relu",
              "syntax error": "a syntax error in relu",
              "answer cell deleted": "the answer cell of relu deleted",
              "answer cell doubled": "an answer cell doubled"}
    animals = {a.name: a for a in zoo._table(relu)}
    found = {label: (animals[name].data, animals[name].points) for name, label in wanted.items()}
    for label, text in (("trivial answers, NumPy patched", TRIVIAL),
                        ("untouched, assert and checks doctored", DOCTORED)):
        content = zoo.released(relu)
        for grade_id in ("relu", "increase"):  # the first answer and the last
            zoo.set_source(content, grade_id, text)
        found[label] = zoo.dump(content), 0
    return {label: (tidy(data), float(points)) for label, (data, points) in found.items()}


def tidy(data: bytes) -> bytes:
    """Every cell with an id, since both validate."""
    content = json.loads(data)
    for number, cell in enumerate(content["cells"]):
        cell["id"] = f"c{number}"
        if cell["cell_type"] == "code":
            cell.setdefault("outputs", [])
            cell.setdefault("execution_count", None)
    content |= {"nbformat": 4, "nbformat_minor": 5}
    nbformat.validate(nbformat.from_dict(content))
    return json.dumps(content).encode()


def environment(name: str, package: str, given: Path | None) -> Path:
    """The folder of programs of an environment, made if it is not there."""
    folder = given or PLACE / name
    if not (folder / "bin" / "python").exists():
        print(f"Making {folder} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", package, "numpy",
                        "matplotlib", "ipykernel"], check=True)
    return folder / "bin"


def run(command, cwd, programs: Path, place: Path, limit: float = 900) -> float:
    """Run a command in an environment; the seconds it took."""
    start = time.perf_counter()
    environ = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": f"{place}{os.pathsep}{ROOT}"}
    with (place / "log.txt").open("a") as log:
        try:
            subprocess.run([str(c) for c in command], cwd=cwd, env=environ, stdout=log,
                           stderr=subprocess.STDOUT, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            pass
    return time.perf_counter() - start


def with_nbgrader(relu, handed_in, place: Path, programs: Path):
    """Points by label and seconds for all."""
    put(place / "source" / "relu" / "relu.ipynb", tidy(json.dumps(relu.notebook).encode()))
    (place / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'
        'c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}\n'
        f"c.Execute.timeout = {TIMEOUT}\nc.Execute.iopub_timeout = 60\n"
        "c.Execute.startup_timeout = 300\n")
    run(["nbgrader", "generate_assignment", "relu"], place, programs, place)
    for number, (data, _) in enumerate(handed_in.values()):
        put(place / "submitted" / f"s{number}" / "relu" / "relu.ipynb", data)
    seconds = run(["nbgrader", "autograde", "relu"], place, programs, place)
    for number in range(len(handed_in)):  # one that it cannot take ends its run: the rest alone
        if not (place / "autograded" / f"s{number}" / "relu" / "relu.ipynb").exists():
            run(["nbgrader", "autograde", "relu", "--student", f"s{number}"], place, programs,
                place)
    seconds += run(["nbgrader", "export", "--to", "grades.csv"], place, programs, place)
    import csv

    with (place / "grades.csv").open() as file:
        rows = {r["student_id"]: float(r["raw_score"]) for r in csv.DictReader(file)}
    graded = {p.parent.parent.name for p in (place / "autograded").glob("*/relu/relu.ipynb")}
    return {label: rows.get(f"s{n}") if f"s{n}" in graded else None
            for n, label in enumerate(handed_in)}, seconds


def with_otter(relu, handed_in, place: Path, programs: Path):
    """Points by label and seconds for all, one `otter run` each."""
    for check in relu.sheet.checks.values():
        case = {"code": f'>>> import graded\n>>> graded.passes("{check.id}", globals())\nTrue',
                "hidden": not check.public, "points": check.points}
        test = {"name": check.id.replace(".", "_"), "points": check.points, "suites": [
            {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}]}
        put(place / "tests" / f"{test['name']}.py",
            f"OK_FORMAT = True\n\ntest = {test!r}\n".encode())
    run(["otter", "generate", "-t", "tests", "-o", "autograder.zip"], place, programs, place)
    points, seconds = {}, 0.0
    for number, (label, (data, _)) in enumerate(handed_in.items()):
        folder = place / f"s{number}"
        put(folder / "relu.ipynb", data)
        seconds += run(["otter", "run", "-a", place / "autograder.zip", "-o", folder,
                        folder / "relu.ipynb"], folder, programs, place, PATIENCE)
        result = folder / "results.json"
        points[label] = None
        if result.exists():
            tests = json.loads(result.read_text())["tests"]
            points[label] = sum(t.get("score", 0.0) for t in tests)
    return points, seconds


def with_ours(handed_in, place: Path):
    """Points by label and seconds for all."""
    for number, (data, _) in enumerate(handed_in.values()):
        put(place / "submitted" / f"s{number}" / "relu.ipynb", data)
    seconds = run([sys.executable, "-m", "assignments", "grade", place / "submitted",
                   "--assignment", "relu", "--out", place / "graded", "--seed", SEED], ROOT,
                  Path(sys.executable).parent, place)
    found = {}
    for path in (place / "graded" / "results").glob("*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[result["id"]] = result["points"]
    return {label: found.get(f"s{n}") for n, label in enumerate(handed_in)}, seconds


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def table(handed_in, results: dict) -> str:
    """Markdown: points by each, in bold where they are wrong; times as ratios."""
    def cell(given, right):
        if given is None:
            return "**none**"
        return f"{given:g}" if given == right else f"**{given:g}**"

    lines = ["| submission | right | " + " | ".join(results) + " |",
             "| --- | --- |" + " --- |" * len(results)]
    for label, (_, right) in handed_in.items():
        lines.append(f"| {label} | {right:g} | " + " | ".join(
            cell(points[label], right) for points, _ in results.values()) + " |")
    ours = results["this course"][1]
    lines.append("| time for all ten, as a multiple of ours | | " + " | ".join(
        f"{seconds / ours:.1f}" for _, seconds in results.values()) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nbgrader", type=Path, help="an environment with nbgrader")
    parser.add_argument("--otter", type=Path, help="an environment with otter-grader")
    options = parser.parse_args()
    work = PLACE / "work"
    shutil.rmtree(work, ignore_errors=True)
    relu = source.load_assignment("relu")
    asked = battery.make(relu, SEED).asked
    if judged := [a.id for a in asked.values() if a.judges]:
        raise SystemExit(f"These checks have judges of their own, which no file carries: {judged}")
    changed = course(relu)
    handed_in = submissions(changed)
    results = {}
    for name in ("this course", "otter", "nbgrader"):
        place = work / name.replace(" ", "-")
        put(place / "graded.json", json.dumps(
            {a.id: [a.steps, a.expected] for a in asked.values()}).encode())
        put(place / "graded.py", HELPER.encode())
        if name == "this course":
            results[name] = with_ours(handed_in, place)
        elif name == "nbgrader":
            results[name] = with_nbgrader(changed, handed_in, place, environment(
                "nbgrader", "nbgrader", options.nbgrader))
        else:
            results[name] = with_otter(relu, handed_in, place, environment(
                "otter", "otter-grader", options.otter))
        print(f"{name}: {results[name][1]:.0f} s {results[name][0]}", file=sys.stderr, flush=True)
    print(table(handed_in, results))


if __name__ == "__main__":
    main()
