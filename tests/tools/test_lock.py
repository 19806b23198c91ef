"""The lock file, the lowest versions, and what git is told of line ends."""

import re
import shutil
import subprocess
import tomllib

import pytest

from tools import lock, lowest
from tools.notebooks import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LOCK = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")


def test_every_pin_suits_every_python_the_readme_names():
    pythons = lock.pythons_named(README)
    assert pythons[0] == "3.11.0"
    faults = lock.misfits(LOCK, pythons)
    assert not faults, "\n".join(faults)


def test_readme_script_and_package_name_the_same_pythons():
    minors = sorted({int(python.split(".")[1]) for python in lock.pythons_named(README)})
    script = (REPOSITORY / "tools" / "environment.sh").read_text(encoding="utf-8")
    first, last = re.search(
        r"\(3, (\d+)\) <= sys.version_info\[:2\] <= \(3, (\d+)\)", script
    ).groups()
    assert minors == list(range(int(first), int(last) + 1))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">=3.{minors[0]}"
    guide = (REPOSITORY / "chapters" / "how_to_use.md").read_text(encoding="utf-8")
    assert f"Python {', '.join(f'3.{m}' for m in minors[:-1])} or 3.{minors[-1]}" in guide


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("soupsieve==4.1.2  # Python >=3.11.5", "not 3.11.0"),
        ("old==1.0  # Python >=3.8,<3.13", "not 3.13.0, 3.13.30"),
        ("unknown==1.0", "no Python noted"),
        ("plain==1.0  # Python >=3.9", None),
        ("silent==1.0  # Python any", None),
    ],
)
def test_a_pin_that_excludes_a_python_is_found(line, fault):
    faults = lock.misfits(f"# a comment\n{line}\n", ["3.11.0", "3.11.30", "3.13.0", "3.13.30"])
    assert (fault is None) == (not faults)
    assert fault is None or fault in faults[0]


def test_a_line_that_is_no_exact_pin_is_refused():
    with pytest.raises(ValueError, match="numpy>=2"):
        lock.misfits("numpy>=2  # Python >=3.11\n", ["3.11.0"])


def test_what_the_requirements_pin_the_lock_pins_alike():
    locked = {pin["name"].lower(): pin["version"] for pin in lock.pins(LOCK)}
    for file in ("requirements.txt", "tests/requirements.txt"):
        for name, version in re.findall(
            r"^([\w.-]+)==(\S+)", (REPOSITORY / file).read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert locked[name.lower()] == version, f"{file}: {name}"


def test_every_dependency_has_a_lowest_version_no_newer_than_the_lock():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest_ones = lowest.lowest_versions(project)
    locked = {pin["name"].lower(): pin["version"] for pin in lock.pins(LOCK)}

    def numbers(version):
        return [int(part) for part in re.findall(r"\d+", version)]

    assert len(lowest_ones) > 5
    for name, version in lowest_ones.items():
        assert numbers(version) <= numbers(locked[name.lower()]), name


@pytest.mark.parametrize("requirement", ["pandas", "pandas>2", "pandas>=2,<3", "pandas==2.0"])
def test_a_dependency_without_a_plain_lowest_version_is_refused(requirement):
    with pytest.raises(ValueError, match="test-lowest"):
        lowest.lowest_versions({"dependencies": [requirement]})


@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")
def test_scripts_checked_out_on_windows_still_run(tmp_path):
    """`core.autocrlf=true`, the default of Git for Windows, ends lines as Windows does."""
    source, clone = tmp_path / "source", tmp_path / "clone"
    names = [".gitattributes", "tools/environment.sh", ".ci/run", "Makefile", "tools/build.py",
             "chapters/03_gates.ipynb", "nncourse/widgets/recorded/player_xor.npz"]  # fmt: skip
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, source / name)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (
        ["init", "-q"],
        ["add", "--all"],
        [*identity, "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *arguments], cwd=source, check=True)
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", source, clone], check=True)
    for name in names:
        assert (clone / name).read_bytes() == (source / name).read_bytes(), name
    done = subprocess.run(
        ["sh", "tools/environment.sh", "neither"], cwd=clone, capture_output=True, text=True
    )
    assert "neither 'book' nor 'test'" in done.stderr


@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")
@pytest.mark.parametrize(("arguments", "names"), [
    ([], False), (["-q", "-k", "sweep"], False), (["tests/unit"], True),
    (["-x", "tests/unit/test_lines.py::test_a"], True),
])  # fmt: skip
def test_options_alone_leave_the_tests_that_are_run(arguments, names):
    assert lowest.names_tests(arguments) is names


@pytest.mark.parametrize("made", ["build/lib/nnlib/layers.py", ".venv-lowest/x", ".venv-lock",
                                  ".venv-frameworks/x", "_build/html/index.html",
                                  "nnlib.egg-info/PKG-INFO"])  # fmt: skip
def test_what_commands_make_is_ignored(tmp_path, made):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    shutil.copy(REPOSITORY / ".gitignore", tmp_path)
    (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / made).touch()
    status = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=tmp_path,
                            capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert status.split() == ["??", ".gitignore"]
