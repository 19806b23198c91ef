"""Two builds into one folder, at once: the second waits for the first."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from tools import build
from tools.notebooks import REPOSITORY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Makefile is not for Windows")

HOLD = """
import sys, time
from pathlib import Path
from tools.build import alone_in
with alone_in(Path(sys.argv[1])):
    print("holds it", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that builds into the folder."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "_build")]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "holds it\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_waits_and_a_killed_one_lets_go(other, tmp_path, monkeypatch, capsys):
    begun = threading.Event()
    page = tmp_path / "_build" / "html" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("of the other")
    monkeypatch.setattr("jupyter_book.cli.main.main", lambda *_, **more: begun.set())
    second = threading.Thread(target=build.main, args=(tmp_path,))
    second.start()
    assert not begun.wait(2) and page.exists()  # what the other has made is not removed
    assert "Waiting for another build" in capsys.readouterr().out
    other.send_signal(signal.SIGKILL)
    second.join(timeout=60)
    assert begun.is_set() and not page.exists()


def test_alone_it_does_not_wait_and_lets_go(tmp_path, monkeypatch, capsys):
    def fail(*_, **more):
        raise SystemExit(1)  # as jupyter-book ends, when a page has a fault

    monkeypatch.setattr("jupyter_book.cli.main.main", fail)
    for _ in range(2):
        with pytest.raises(SystemExit):
            build.main(tmp_path)
    assert capsys.readouterr().out == ""
