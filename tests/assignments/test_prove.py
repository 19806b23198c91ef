"""Each assignment proves itself; and the proof itself can fail."""

import dataclasses
import json

import pytest

from assignments._engine import (
    battery,
    grading,
    leaks,
    marking,
    matrix,
    mutate,
    prove,
    release,
    source,
)
from assignments._engine.source import Assignment
from assignments.authoring import Mistake
from nncheck import cells

NAMES = source.names()


@pytest.mark.parametrize("name", NAMES)
def test_assignment_grades_as_it_claims(name, walls):
    proof = prove.prove(source.load_assignment(name), ["one", "two", "three"], walls)
    assert proof.faults == []


@pytest.mark.parametrize("name", NAMES)
def test_mutants_are_caught(name, walls):
    score = mutate.score(source.load_assignment(name), ["one"], walls)
    print(score.text())
    assert score.share >= mutate.WANTED, score.text()
    assert not score.obsolete


@pytest.mark.parametrize("name", NAMES)
def test_every_page_to_read_is_there(name):
    assignment = source.load_assignment(name)
    pages = [t.page for t in assignment.sheet.tasks.values()]
    pages += [m.page for m in assignment.mistakes.values() if m.page]
    for page in pages:
        stem = page.partition("#")[0].removeprefix("chapters/")
        found = [source.HOME.parent / "chapters" / (stem + end) for end in (".ipynb", ".md")]
        assert any(p.exists() for p in found), page


@pytest.mark.parametrize("name", NAMES)
def test_hints_do_not_tell_the_solution(name):
    assignment = source.load_assignment(name)
    needles = leaks.secrets(assignment)
    for mistake in assignment.mistakes.values():
        said = {"message": mistake.message, "hint": mistake.hint, "symptom": mistake.symptom}
        assert leaks.hits(said, needles) == []
        assert all(text.strip() for text in said.values()), mistake.id


def test_the_page_of_mistakes_is_up_to_date():
    assert matrix.PAGE.read_text(encoding="utf-8") == matrix.page(), (
        "python -m assignments release")


@pytest.mark.parametrize("name", NAMES)
def test_each_task_opens_with_a_guess_and_ends_with_the_students_own_result(name):
    assert marking.faults(source.load_assignment(name)) == []


@pytest.mark.parametrize("old, new, fault", [
    ("predict-forward", "guess-forward", "wants the cells predict-forward"),
    ("z = np.random.default_rng(MINE)", "z = (np.random.default_rng)(MINE)", None),
    ("np.mean(relu(z) == 0)", "np.mean(z < 0)", "does not use the student's function"),
    ("{np.mean(relu(z) == 0):.0%}", "{np.mean(relu(z) == 0):.1%}", "out of date"),
    ('"prediction"', '"forecast"', "says nothing of 'forecast'"),
])
def test_a_missing_guess_or_result_is_a_fault(old, new, fault, relu):
    text = json.dumps(relu.notebook)
    swap = [json.dumps(part)[1:-1] if '"' not in part else part for part in (old, new)]
    assert swap[0] in text
    other = changed(relu, notebook=json.loads(text.replace(*swap)))
    if old.startswith("np.mean"):  # both places that use the function
        other = changed(relu, notebook=json.loads(
            text.replace(*swap).replace("{relu(z).mean():.2f}", "{z.mean():.2f}")))
    found = marking.faults(other)
    assert found == [] if fault is None else any(fault in f for f in found), found


class Changed(Assignment):
    """The first assignment with something wrong; what is not set is as it is."""


def changed(relu, **attributes):
    other = Changed(relu.folder)
    for name, value in attributes.items():
        other.__dict__[name] = value
    return other


def faults(assignment, walls):
    return " | ".join(prove.prove(assignment, ["one"], walls).faults)


def test_a_wrong_expectation_is_a_fault(relu, walls):
    first = relu.mistakes["relu-abs"]
    wrong = dataclasses.replace(first, fails=("relu.values",))
    other = changed(relu, mistakes={"relu-abs": wrong})
    assert "relu-abs fails ['relu.any_shape', 'relu.values']" in faults(other, walls)


def test_mistakes_that_look_the_same_are_a_fault(relu, walls):
    first = relu.mistakes["relu-abs"]
    twin = dataclasses.replace(first, id="relu-twin", new="return z * np.sign(z)")
    other = changed(relu, mistakes=relu.mistakes | {"relu-twin": twin})
    assert "is named ['relu-abs', 'relu-twin']" in faults(other, walls)


def test_a_right_version_is_no_mistake(relu, walls):
    right = Mistake("right", "relu", "return np.maximum(0, z)", "return np.where(z > 0, z, 0)",
                    fails=(), message="m", hint="h")
    other = changed(relu, mistakes={"right": right})
    text = faults(other, walls)
    assert "mistake right is named nothing" in text
    assert "check increase.more catches no known mistake" in text


def test_a_wrong_variant_is_a_fault(relu, walls):
    variants = relu.variants | {"bad": relu.variants["loops"].replace("v > 0", "v > 1")}
    assert "the right variant bad gets 18" in faults(changed(relu, variants=variants), walls)


def test_a_stale_release_is_a_fault(relu, tmp_path, monkeypatch):
    assert release.differences(relu) == []
    other = changed(relu, notebook=prove.json.loads(prove.json.dumps(relu.notebook)))
    other.notebook["cells"][0]["source"] = ["# Another title"]
    assert "relu.ipynb is out of date" in " ".join(release.differences(other))


def test_numbers_of_another_processor_are_not_a_difference():
    assert release.same({"v": [0.1 + 0.2, 1]}, {"v": [0.3, 1]})
    assert not release.same({"v": [0.3001]}, {"v": [0.3]})
    assert not release.same({"v": 1}, {"v": True})


def test_leaks_are_found_in_every_form(relu, tmp_path):
    """The positive control: a solution as page, highlighted page, notebook, index, zip."""
    solution = relu.plan[6]["source"]
    assert "BEGIN SOLUTION" in solution
    page = "".join(f"<span class='n'>{w}</span> " for w in solution.replace("<", "&lt;").split(" "))
    forms = {"page.html": f"<pre>{page}</pre>", "plain.md": solution,
             "index.js": prove.json.dumps({"text": solution}),
             "copy.ipynb": prove.json.dumps(relu.notebook)}
    for name, text in forms.items():
        (tmp_path / name).write_text(text)
        assert leaks.scan_folder(tmp_path, [relu]), name
        (tmp_path / name).unlink()
    assert leaks.scan_folder(tmp_path, [relu]) == []
    assert leaks.hits({"x": solution}, leaks.secrets(relu))
    with pytest.raises(ValueError, match="without"):
        source.released_source("### BEGIN SOLUTION\nx")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_public_contains_a_solution(name):
    """What the book, the kit and Binder would show; the site is scanned where it is built."""
    assignment = source.load_assignment(name)
    assert leaks.scan_release(assignment) == []
    root = source.HOME.parent
    for folder in ("chapters", "_static", "nncheck"):
        assert leaks.scan_folder(root / folder, [assignment]) == []
    if (root / "_build" / "html").is_dir():
        assert leaks.scan_folder(root / "_build" / "html", [assignment]) == []


def test_released_notebook_has_stubs_and_no_outputs(relu):
    content = release.student_notebook(relu)
    answers = [c for c in content["cells"]
               if cells.metadata(c).get("solution") and c["cell_type"] == "code"]
    assert len(answers) == 7
    assert all("raise NotImplementedError" in cells.source(c) for c in answers)
    assert all(not c.get("outputs") for c in content["cells"])
    assert content["metadata"]["mystnb"] == {"execution_mode": "off"}


def test_kit_is_the_same_every_time(relu, tmp_path):
    import zipfile

    for name in ("a.zip", "b.zip"):
        release.kit(relu, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {"relu.ipynb", "nncheck/__init__.py", "nncheck/data/relu.json"} <= set(
            archive.namelist())
        archive.extractall(tmp_path / "kit")
    assert leaks.scan_folder(tmp_path, [relu]) == []


def test_same_seed_same_grade(relu, walls):
    data = prove.as_bytes(relu.changed(relu.mistakes["backward-no-two"]))
    results = [grading.grade(battery.make(relu, "s"), data, walls) for _ in range(2)]
    assert results[0] == results[1]
