"""The script that makes .venv: in odd places, and in spite of what others have set."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from tools import install
from tools.notebooks import REPOSITORY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Makefile is not for Windows")


def copy_to(folder):
    """Copy as much of the repository as the script looks at."""
    for name in (
        "tools/environment.sh", "tools/install.py", "requirements.txt", "tests/requirements.txt",
        "constraints.txt", "pyproject.toml",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def checkout(tmp_path):
    """A course in a folder with a space, an umlaut and what a shell would misread."""
    return copy_to(tmp_path / "mein Kurs über $netze & 'so'")


def fake_python(folder, suits=True, venv="", ensurepip=True):
    """A Python that says it is 3.9 or, suitable, only notes how it was called.

    ``venv`` is what it does, in shell, before it makes an environment.
    """
    path = folder / "a folder" / "python"
    path.parent.mkdir()
    path.write_text(f"""#!/bin/sh
case $1 in
    --version) echo Python {"3.12.0" if suits else "3.9.1"} ;;
    -c) case $2 in
            *ensurepip*) exit {0 if ensurepip else 1} ;;
            *) exit {0 if suits else 1} ;;
        esac ;;
    -m) echo "$@" >> called
        {venv or ":"}
        mkdir -p .venv/bin && cp "$0" .venv/bin/python
        echo "pip 1.0 from $PWD/.venv/lib (python)" > .venv/bin/of
        printf '#!/bin/sh\\ncat "${{0%%pip}}of"\\n' > .venv/bin/pip
        chmod +x .venv/bin/pip ;;
    *) echo "$@" >> called; env > variables ;;
esac
""")
    path.chmod(0o755)
    return path


def make(folder, what, python, **variables):
    return subprocess.run(
        ["sh", "tools/environment.sh", what],
        cwd=folder,
        env={**os.environ, "PYTHON": str(python), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def calls(folder, what, python):
    """Make the environment; return how Python was called."""
    (folder / "called").unlink(missing_ok=True)
    outcome = make(folder, what, python)
    assert outcome.returncode == 0, outcome.stderr
    called = folder / "called"
    return called.read_text().splitlines() if called.exists() else []


def test_a_python_that_is_too_old_is_named(checkout, tmp_path):
    outcome = make(checkout, "book", fake_python(tmp_path, suits=False))
    assert outcome.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in outcome.stderr
    assert "Python 3.9.1" in outcome.stderr
    assert not (checkout / ".venv").exists()
    assert not (checkout / ".venv-lock").exists()


def test_the_environment_is_made_once_and_again_when_it_must(checkout, tmp_path):
    python = fake_python(tmp_path)
    first = calls(checkout, "book", python)
    assert first[0] == "-m venv .venv"
    assert first[1] == "tools/install.py -r requirements.txt"
    assert calls(checkout, "book", python) == []
    second = calls(checkout, "test", python)
    assert second == ["tools/install.py -r requirements.txt -r tests/requirements.txt"]
    assert calls(checkout, "test", python) == []
    assert calls(checkout, "book", python) == []
    with open(checkout / "requirements.txt", "a") as requirements:
        requirements.write("another-package==1.0\n")
    assert len(calls(checkout, "book", python)) == 1
    assert len(calls(checkout, "test", python)) == 1
    assert calls(checkout, "book", python) == []


@pytest.mark.parametrize("how", ["renamed", "copied"])
def test_in_a_folder_of_another_name_it_is_made_anew(checkout, tmp_path, how):
    python = fake_python(tmp_path)
    calls(checkout, "book", python)
    other = tmp_path / "another name"
    if how == "renamed":
        checkout.rename(other)
    else:
        shutil.copytree(checkout, other)
    assert calls(other, "book", python)[0] == "-m venv .venv"
    assert calls(other, "book", python) == []


def test_one_whose_making_was_interrupted_is_made_anew(checkout, tmp_path):
    python = fake_python(tmp_path)
    calls(checkout, "book", python)
    (checkout / ".venv" / "bin" / "pip").unlink()  # Python is there, pip was still to come
    (checkout / ".venv" / "made-for-book").unlink()
    assert calls(checkout, "book", python)[0] == "-m venv .venv"


def test_by_way_of_a_link_to_the_folder_nothing_is_made_anew(checkout, tmp_path):
    python = fake_python(tmp_path)
    calls(checkout, "book", python)
    link = tmp_path / "link"
    link.symlink_to(checkout)
    assert calls(link, "book", python) == []


def test_of_two_at_once_the_second_waits(checkout, tmp_path):
    python = fake_python(tmp_path, venv="sleep 2")
    command = ["sh", "tools/environment.sh", "book"]
    both = [
        subprocess.Popen(command, cwd=checkout, env={**os.environ, "PYTHON": str(python)},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]  # fmt: skip
    said = [one.communicate(timeout=60)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert (checkout / "called").read_text().count("venv .venv") == 1
    assert any("Waiting for another" in text for text in said)


def test_the_lock_of_one_that_was_killed_is_taken_over(checkout, tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout / ".venv-lock").write_text(f"{gone.pid}\n")
    start = time.monotonic()
    assert calls(checkout, "book", fake_python(tmp_path))
    assert time.monotonic() - start < 30


def test_a_colon_in_the_name_is_named_as_the_cause(tmp_path):
    folder = copy_to(tmp_path / "course: week 1")
    outcome = make(folder, "book", fake_python(tmp_path))
    assert outcome.returncode == 1
    assert "colon in its name" in outcome.stderr
    assert "python3-venv" not in outcome.stderr


def test_a_folder_that_cannot_be_written_to_is_named_as_the_cause(checkout, tmp_path):
    python = fake_python(tmp_path)
    if os.geteuid() == 0:  # root may write everywhere but where a folder's name is taken
        (checkout / ".venv-lock").symlink_to(checkout / "no such folder" / "lock")
    else:
        checkout.chmod(0o500)
    try:
        outcome = make(checkout, "book", python)
    finally:
        checkout.chmod(0o700)
    assert outcome.returncode == 1
    assert "cannot be written to" in outcome.stderr
    assert "python3-venv" not in outcome.stderr


@pytest.mark.parametrize(
    ("ensurepip", "said"), [(True, "the reason stands above"), (False, "sudo apt install")]
)
def test_when_venv_fails_the_cause_is_said(checkout, tmp_path, ensurepip, said):
    python = fake_python(tmp_path, venv="echo no space left >&2; exit 1", ensurepip=ensurepip)
    outcome = make(checkout, "book", python)
    assert outcome.returncode == 1
    assert "no space left" in outcome.stderr and said in outcome.stderr
    assert not (checkout / ".venv").exists()


def test_variables_of_other_projects_do_not_reach_python(checkout, tmp_path):
    python = fake_python(tmp_path)
    foreign = {"PYTHONPATH": "/elsewhere", "PYTHONHOME": "/elsewhere", "PYTHONSAFEPATH": "1"}
    assert make(checkout, "book", python, **foreign).returncode == 0
    seen = (checkout / "variables").read_text()
    assert not any(f"{name}=" in seen for name in foreign)


# -- pip, for real ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A package to install that needs neither an index nor a build: a wheel made by hand."""
    import zipfile

    path = tmp_path_factory.mktemp("wheel") / "tiny_course-1.0-py3-none-any.whl"
    info = "tiny_course-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny_course.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-course\nVersion: 1.0")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """An environment that only pip is in."""
    folder = tmp_path_factory.mktemp("fresh") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    return folder / "bin" / "python"


@pytest.mark.parametrize(
    "setting",
    ["PIP_USER=1", "PIP_TARGET=elsewhere", "PIP_PREFIX=elsewhere", "PIP_CONSTRAINT=no-such-file",
     "PIP_REQUIRE_HASHES=1", "PYTHONPATH=elsewhere", "user = true", "target = elsewhere",
     "constraint = no-such-file", "a line that pip cannot read"],
)  # fmt: skip
def test_pip_installs_into_the_environment_in_spite_of(fresh, package, tmp_path, setting):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    if "=" in setting and " " not in setting:
        name, _, value = setting.partition("=")
        variables[name] = value
    else:
        (tmp_path / "pip.conf").write_text(f"[install]\n{setting}\n")
        variables["PIP_CONFIG_FILE"] = str(tmp_path / "pip.conf")
    command = [str(fresh), str(REPOSITORY / "tools" / "install.py"), "--force-reinstall"]
    command += ["--no-index", "--no-deps", str(package)]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = list(fresh.parent.parent.glob("lib/*/site-packages/tiny_course.py"))
    assert len(installed) == 1
    installed[0].unlink()  # so that the next has something to do
    assert not (tmp_path / "elsewhere").exists()


def test_how_the_index_is_reached_is_kept():
    listing = [
        ":env:.index-url='https://mine.example.org'",
        ":env:.user='1'",
        "download.index-url='https://other.example.org'",
        "global.index-url='https://house.example.org'",
        r"install.find-links='\nwheels\nmore'",
        "install.target='elsewhere'",
    ]
    settings = install.network_settings(listing)
    assert settings == {
        "PIP_INDEX_URL": "https://mine.example.org",
        "PIP_FIND_LINKS": "wheels more",
    }
    given = {"PIP_USER": "1", "PYTHONPATH": "x", "HOME": "/home/me", "PYTHONUTF8": "1"}
    assert install.environment(settings, given) == {
        "HOME": "/home/me",
        "PYTHONUTF8": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **settings,
    }
