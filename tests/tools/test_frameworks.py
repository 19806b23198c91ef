"""The environment of the chapter on Keras and PyTorch: made once, and again when it must be."""

import nbformat
import pytest
from nbformat import v4

from tools import frameworks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with nothing in it but what the environment depends on."""
    for name in ("requirements-frameworks.txt", "constraints.txt", "pyproject.toml"):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    monkeypatch.setattr(frameworks, "REPOSITORY", tmp_path)
    monkeypatch.setattr(frameworks, "REQUIREMENTS", tmp_path / "requirements-frameworks.txt")
    monkeypatch.setattr(frameworks, "ENVIRONMENT", tmp_path / ".venv-frameworks")
    return tmp_path


@pytest.fixture
def commands(folder, monkeypatch):
    """What would be run; the making of the environment leaves its folder behind."""
    run = []

    def note(command, **_):
        run.append([str(part) for part in command])
        if "venv" in command:
            frameworks.ENVIRONMENT.mkdir()

    monkeypatch.setattr(frameworks.subprocess, "run", note)
    return run


def test_it_is_made_once(commands):
    frameworks.make()
    assert ["venv" in one for one in commands] == [True, False]
    assert commands[1][-1].endswith("requirements-frameworks.txt")
    frameworks.make()
    assert len(commands) == 2


@pytest.mark.parametrize("name", ["requirements-frameworks.txt", "constraints.txt"])
def test_it_is_made_again_when_a_requirement_changes(commands, folder, name):
    frameworks.make()
    (folder / name).write_text("numpy==0\n", encoding="utf-8")
    frameworks.make()
    assert len(commands) == 4


def test_an_installation_that_fails_is_not_taken_for_done(folder, monkeypatch):
    def fail(command, **_):
        raise frameworks.subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(frameworks.subprocess, "run", fail)
    for _ in range(2):
        with pytest.raises(frameworks.subprocess.CalledProcessError):
            frameworks.make()


def test_the_notebooks_that_need_it_say_so(tmp_path, monkeypatch):
    for name, metadata in (
        ("a", {"nnlib": {"needs": "frameworks"}}),
        ("b", {"nnlib": {"needs": "full MNIST"}}),
        ("c", {}),
    ):
        nbformat.write(v4.new_notebook(metadata=metadata), tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(frameworks, "chapters", lambda: sorted(tmp_path.glob("*.ipynb")))
    assert [path.stem for path in frameworks.needy()] == ["a"]


def test_the_course_has_such_a_chapter():
    assert frameworks.needy()


def test_it_tests_notebooks_and_nothing_that_its_environment_lacks(commands, monkeypatch):
    monkeypatch.setattr(frameworks, "needy", lambda: ["a.ipynb"])
    monkeypatch.setattr(frameworks.subprocess, "run", note_and_end(commands))
    assert frameworks.main([]) == 0
    assert commands[-1][1:] == ["-m", "pytest", "a.ipynb"]
    assert frameworks.main(["--refresh"]) == 0
    assert commands[-1][1:] == ["-m", "tools.refresh", "a.ipynb"]


def note_and_end(commands):
    """What stands in for `subprocess.run`: it notes the command, and all went well."""

    def run(command, **_):
        commands.append([str(part) for part in command])
        frameworks.ENVIRONMENT.mkdir(exist_ok=True)
        return frameworks.subprocess.CompletedProcess(command, 0)

    return run
