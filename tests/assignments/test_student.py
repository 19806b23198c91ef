"""The student's side: what `check` says, that it is quick, and that `validate` tells the truth."""

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import nncheck
from assignments._engine import grading, prove, release
from nncheck import judge, loading, notebook, view
from tests.assignments import zoo

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def check():
    return nncheck.load("relu")


def namespace(relu, grade_id=None, text=None):
    """A student's notebook after all answers but one."""
    planned = [e for e in relu.plan if e["id"] != "setup"]
    planned.insert(0, {"cell": 0, "source": "import numpy as np", "whole": True, "id": ""})
    found, problems = loading.load([dict(e, source=text) if e["id"] == grade_id else e
                                    for e in planned])
    assert not problems
    return found


def said(check, names, task):
    """Text of one check."""
    findings = notebook.findings_of(check.data, task, notebook.run(check.data, task, names))
    return view.task(check.data, task, findings)


def test_right_answers(check, relu):
    page = said(check, namespace(relu), "relu")
    assert page.text.startswith("✓") and "✗" not in page.text
    assert "asked when it is graded" in page.text


def test_a_misconception_is_named_with_hint_and_page(check, relu):
    names = namespace(relu, "relu", "def relu(z):\n    return np.abs(z)")
    page = said(check, names, "relu")
    assert "You mirror negative numbers" in page.text
    assert "Hint:" in page.text and "Read again: the chapter on backpropagation" in page.text
    assert "Your answer" in page.text and "an array of shape (4, 3)" in page.text
    assert "relu(z)" in page.text and "-2.5" in page.text  # the input, by its name
    markup = page._repr_html_()
    assert "You mirror negative numbers" in markup and "<code>" in markup


def test_every_known_mistake_that_shows_is_named_in_the_notebook(check, relu):
    named = 0
    for mistake in relu.mistakes.values():
        if mistake.id not in check.data["mistakes"]:
            continue
        names, _ = loading.load([e for e in relu.changed(mistake) if e["id"] != "setup"],
                                {"np": __import__("numpy"), "__builtins__": __builtins__})
        text = said(check, names, mistake.task).text
        assert mistake.message in text, mistake.id
        others = [m for m in relu.mistakes.values()
                  if m.task == mistake.task and m.message in text]
        assert others == [mistake]
        named += 1
    assert named >= 20


def test_a_stub_is_not_attempted(check, relu):
    names = namespace(relu, "relu", "def relu(z):\n    raise NotImplementedError")
    text = said(check, names, "relu").text
    assert text.startswith("○") and "not attempted yet" in text and "Called with" not in text


def test_the_right_answer_is_never_shown(check, relu):
    names = namespace(relu, "relu", "def relu(z):\n    return z * 0 - 7.0")
    page = said(check, names, "relu")
    expected = next(c for c in check.data["checks"] if c["id"] == "relu.values")["expected"]
    numbers = {v for v in expected[0]["value"]["v"] if v > 0}
    shown = page.text.split("Your answer")[1]
    assert not any(str(v) in shown for v in numbers)


def test_the_whole_sheet(check, relu, capsys):
    names = namespace(relu, "increase", "def increase(y, before, after):\n    return 0.5")
    names["check"] = check
    exec("check()", names)
    text = capsys.readouterr().out
    assert "10 of 11 public points" in text and text.count("✓") == 6 and "[####" in text
    assert 'role="progressbar"' in view.sheet(check.data, {
        t["id"]: [] for t in check.data["tasks"]})._repr_html_()


def test_an_endless_loop_ends(check, relu, monkeypatch):
    monkeypatch.setattr(notebook, "SECONDS", 1)
    names = namespace(relu, "relu", "def relu(z):\n    while True: pass")
    assert "TimeoutError" in said(check, names, "relu").text


def test_answers_within_a_second(check, relu, measured):
    names = namespace(relu)
    start = time.process_time()
    for task in check.data["tasks"]:
        said(check, names, task["id"])
    took = time.process_time() - start
    measured("check() of assignment 2, ms", 1000 * took)
    assert took < 1


def test_unknown_names_are_told(check):
    with pytest.raises(ValueError, match="there is no task 'rel'; there are: relu, forward"):
        check("rel")
    with pytest.raises(ValueError, match="there is no assignment 'x'; there are:.*relu"):
        nncheck.load("x")
    assert 'check("relu")' in repr(check)


def test_strict_raises_for_nbgrader(check, relu, monkeypatch, capsys):
    monkeypatch.setenv("NNCHECK_STRICT", "1")
    names = namespace(relu, "relu", "def relu(z):\n    return z") | {"check": check}
    with pytest.raises(AssertionError, match="values are wrong"):
        exec("check('relu')", names)
    exec("check('forward')", names)


def run_validate(path, cwd):
    environment = {k: v for k, v in os.environ.items() if k != "NNCHECK_STRICT"}
    return subprocess.run([sys.executable, "-m", "nncheck", "validate", str(path)], cwd=cwd,
                          env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, timeout=120)


def test_validate_from_the_kit_alone(relu, tmp_path):
    """Without the repository: the unpacked kit, in a folder of its own."""
    import zipfile

    release.kit(relu, tmp_path / "kit.zip")
    zipfile.ZipFile(tmp_path / "kit.zip").extractall(tmp_path)
    (tmp_path / "mine.ipynb").write_bytes(zoo.with_cell(
        relu, "import nnlib.layers\nW = np.zeros(3)\nW[0] = 1"))
    done = subprocess.run([sys.executable, "-m", "nncheck", "validate", "mine.ipynb",
                           "--assignment", "relu"], cwd=tmp_path, capture_output=True, text=True,
                          env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
                          timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 3 statements" in done.stdout
    assert "11 of 11 public points" in done.stdout


@pytest.mark.parametrize("name", ["syntax error", "endless loop in an answer cell",
                                  "needs a variable of a scratch cell", "input()",
                                  "os._exit in a function", "answer cell deleted"])
def test_validate_says_what_the_grader_says(name, relu, questions, walls, tmp_path):
    animal = next(a for a in zoo.zoo(relu) if a.name == name)
    content = json.loads(animal.data)
    content["metadata"]["nncheck"] = {"assignment": "relu"}
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    text = run_validate(tmp_path / "a.ipynb", tmp_path).stdout
    result = grading.grade(questions, animal.data, walls, 1)
    for check in ("relu.values", "forward.hidden", "increase.more"):
        problem = result["checks"][check]["problem"]
        if problem:
            assert view.code(problem)[:20] in view.code(text) or problem[-40:] in text, problem
    for note in result["notes"]:
        assert note in text


def test_validate_names_the_written_answers_that_are_missing(relu, tmp_path):
    content = json.loads(zoo.dump(zoo.released(relu)))
    zoo.set_source(content, "predict-relu", "one half, by symmetry")
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    text = run_validate(tmp_path / "a.ipynb", tmp_path).stdout
    assert "1 of 16 written answers are there. Empty: prediction, result-relu" in text


def test_validate_of_nothing(tmp_path):
    done = run_validate(tmp_path / "none.ipynb", tmp_path)
    assert done.returncode == 2 and "There is no file" in done.stdout


def test_right_variants_pass_in_the_notebook(check, relu):
    for name in relu.variants:
        names, problems = loading.load(
            [e for e in relu.variant(name) if e["id"] != "setup"],
            {"np": __import__("numpy"), "__builtins__": __builtins__})
        assert not problems
        for task in check.data["tasks"]:
            assert "✗" not in said(check, names, task["id"]).text, (name, task["id"])


def test_needs_numpy_alone():
    """nncheck imports nothing but NumPy and the standard library."""
    code = ("import sys, nncheck; nncheck.load('relu'); import nncheck.validation, nncheck.worker;"
            "print(sorted({m.partition('.')[0] for m in sys.modules if m[:10] != '__editable' and "
            "'site-packages' in str(getattr(sys.modules[m], '__file__', ''))}))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60)
    ours = {"numpy", "nncheck"} | {"_distutils_hack"}  # the last by setuptools, always
    found = set(ast.literal_eval(done.stdout))
    assert "numpy" in found and found <= ours, done.stderr


def test_plan_made_into_a_notebook_grades_like_the_notebook(relu, questions, walls):
    one = grading.grade(questions, prove.as_bytes(relu.plan), walls)
    other = grading.grade(questions, prove.as_bytes(relu.notebook), walls)
    assert one["points"] == other["points"] == zoo.FULL


def test_dictionaries_and_tuples_are_shown_item_by_item():
    check = nncheck.load("overfitting")
    names = {"np": __import__("numpy")}
    exec("def gradients(X, y, weights, mask):\n    return {k: 0 * w for k, w in weights.items()}",
         names)
    text = said(check, names, "gradients").text
    assert "weights['W1'] =\n" in text and "\n    ['W1'] =\n" in text
    assert "['b1'] an array of shape" in text and "array([" not in text
    exec("def dropout(a, rate, rng, training):\n    return a, 0 * a", names)
    text = said(check, names, "dropout").text
    assert "rate = 0.3" in text and "item 2 =\n" in text


def test_one_wrong_value_is_in_the_singular():
    wrong = judge.differs(np.arange(4.0), np.array([0, 1, 2, 7.0]), "`f`")
    assert wrong == "`f` has the right shape, and 1 of 4 values is wrong, the first at [3]."
