"""The chores around the book: its server, and the script that makes .venv."""

import os
import shutil
import socket
import subprocess
import threading
import urllib.request
from contextlib import suppress

import pytest

from tools import serve
from tools.notebooks import REPOSITORY


@pytest.fixture
def port_taken():
    """Somebody listens on the usual port: another program, or this fixture."""
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", serve.PORT))
            taken.listen()
        yield serve.PORT


def test_the_book_is_served_on_a_free_port(tmp_path, port_taken):
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "index.html").write_text("the book")
    with serve.open_server(str(folder)) as server:
        assert server.server_address[0] == "127.0.0.1"
        assert server.server_port != port_taken
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://localhost:{server.server_port}/"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.read() == b"the book"
        server.shutdown()


@pytest.fixture
def checkout(tmp_path):
    """As much of the repository as the script looks at, in a folder with a space."""
    folder = tmp_path / "my course"
    for name in ("tools/environment.sh", "requirements.txt", "tests/requirements.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    for name in ("constraints.txt", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


def fake_python(folder, suits):
    """A Python that says it is 3.9 or, suitable, only notes how it was called."""
    path = folder / "a folder" / "python"
    path.parent.mkdir()
    path.write_text(
        "#!/bin/sh\n"
        f'case "$1" in --version) echo Python {"3.12.0" if suits else "3.9.1"};;\n'
        f"-c) exit {0 if suits else 1};;\n"
        '-m) echo "$@" >> called; case "$2" in venv)\n'
        'mkdir -p .venv/bin; cp "$0" .venv/bin/python;; esac;; esac\n'
    )
    path.chmod(0o755)
    return path


def make(folder, what, python):
    return subprocess.run(
        ["sh", "tools/environment.sh", what],
        cwd=folder,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="the Makefile is not for Windows")
def test_a_python_that_is_too_old_is_named(checkout, tmp_path):
    outcome = make(checkout, "book", fake_python(tmp_path, suits=False))
    assert outcome.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in outcome.stderr
    assert "Python 3.9.1" in outcome.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.skipif(os.name == "nt", reason="the Makefile is not for Windows")
def test_the_environment_is_made_once_and_again_when_it_must(checkout, tmp_path):
    python = fake_python(tmp_path, suits=True)

    def calls(what):
        (checkout / "called").unlink(missing_ok=True)
        assert make(checkout, what, python).returncode == 0
        called = checkout / "called"
        return called.read_text().splitlines() if called.exists() else []

    first = calls("book")
    assert first[0] == "-m venv .venv"
    assert first[1].endswith("-r requirements.txt")
    assert calls("book") == []
    assert calls("test")[0].endswith("-r requirements.txt -r tests/requirements.txt")
    assert calls("test") == []
    assert calls("book") == []
    with open(checkout / "requirements.txt", "a") as requirements:
        requirements.write("another-package==1.0\n")
    assert len(calls("book")) == 1
    assert len(calls("test")) == 1
    assert calls("book") == []
