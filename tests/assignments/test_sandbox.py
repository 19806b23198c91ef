"""The walls around student code, both kinds, and what is done where there are none."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from assignments._engine import grading, sandbox
from nncheck import examine
from tests.assignments import zoo

KINDS = ["bubblewrap", "unshare"]
PROGRAM = {"bubblewrap": "bwrap", "unshare": "unshare"}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    """One sandbox; skipped where it is not installed or the kernel does not allow it."""
    if not sys.platform.startswith("linux") or shutil.which(PROGRAM[request.param]) is None:
        pytest.skip(f"{PROGRAM[request.param]} is not installed here")
    chosen = sandbox.Sandbox(request.param)
    reason = sandbox.tried(chosen)
    if reason and reason.startswith("does not start"):
        pytest.skip(f"{request.param} {reason}")
    assert reason is None
    return chosen


def answer(kind, source, *args):
    """What a function f in a sandbox answers."""
    step = {"do": "call", "name": "f", "args": list(args)}
    with kind.start(1) as worker:
        worker.ask("load", 30, entry={"cell": 1, "source": source, "whole": True})
        return worker.ask("run", 30, steps=[step])["outcomes"][0]


def test_no_capability_and_no_way_back(kind):
    status = answer(kind, "def f(): return open('/proc/self/status').read()")["value"]["v"]
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(lines[name], 16) == 0, name
    assert lines["NoNewPrivs"].strip() == "1"
    if os.geteuid() == 0:
        assert int(lines["Uid"].split()[0]) > 60_000


def test_sees_only_its_own_processes(kind):
    found = answer(kind, "import os\ndef f(): return [p for p in os.listdir('/proc')"
                   " if p.isdigit()]")["value"]["v"]
    assert 1 <= len(found) <= 4


def test_environment_is_clean(kind, monkeypatch):
    monkeypatch.setenv("A_SECRET", "42")
    found = answer(kind, "import os\ndef f(): return sorted(os.environ)")["value"]["v"]
    assert {"t": "plain", "v": "A_SECRET"} not in found


def test_packages_of_the_machine_are_covered(kind):
    """The course itself may be installed beside the interpreter."""
    source = ("import glob, sys\ndef f():\n    return [p for base in (sys.base_prefix, '/usr', "
              "'/usr/local')\n            for k in ('site', 'dist')\n            "
              "for p in glob.glob(f'{base}/lib*/python*/{k}-packages/*')]")
    assert answer(kind, source)["value"]["v"] == []


def test_private_tmp_is_gone_afterwards(kind):
    source = ("import os\ndef f():\n    n = len(os.listdir('/tmp'))\n"
              "    open('/tmp/mine', 'w').write('x')\n    return n")
    assert answer(kind, source)["value"]["v"] == 0
    assert answer(kind, source)["value"]["v"] == 0


def test_what_is_left_behind_ends_with_the_worker(kind):
    mark = f"left-behind-{os.getpid()}-{kind.name}"
    source = ("import os, sys, time\ndef f():\n    if os.fork() == 0:\n        os.setsid()\n"
              f"        os.execv(sys.executable, ['{mark}', '-c', 'import time; time.sleep(99)'])\n"
              "    time.sleep(0.3)\n    return 1")
    assert answer(kind, source)["value"]["v"] == 1
    for _ in range(50):
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        if mark not in listed:
            return
        time.sleep(0.1)
    raise AssertionError("a process outlived its worker")


def test_the_same_grades_behind_either(kind, questions, relu):
    limits = examine.Limits(call=2.0, total=6.0)
    wanted = {a.name: a for a in zoo.zoo(relu)}
    for name in ("perfect", "untouched", "os._exit in a function", "forged replies",
                 "reads the grader's files", "endless loop in a function", "a fork bomb"):
        result = grading.grade(questions, wanted[name].data, kind, 1, limits)
        if wanted[name].points is not None:
            assert result["points"] == wanted[name].points, (name, result)


def test_without_walls_it_refuses(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.choose.cache_clear()
    try:
        with pytest.raises(sandbox.NoSandbox, match="apt install bubblewrap.*--unsafe"):
            sandbox.choose()
        assert sandbox.choose(unsafe=True).name == "none"
    finally:
        sandbox.choose.cache_clear()


def test_a_wall_with_a_hole_is_not_taken(monkeypatch):
    """The trial can fail: without walls it finds what is open."""
    reason = sandbox.tried(sandbox.Sandbox("none"))
    assert "does not hold" in reason and "reads the grader's files" in reason
