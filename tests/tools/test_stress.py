"""Tests on a busy machine: which are chosen, and how a flake is told."""

from tools import stress
from tools.notebooks import REPOSITORY

FLAKY = """
from pathlib import Path
import time

def test_every_second_time():
    marks = Path(__file__).with_name("marks")
    marks.write_text((marks.read_text() if marks.exists() else "") + "x")
    assert len(marks.read_text()) % 2

def test_sound():
    time.sleep(0.01)
"""


def test_a_flake_is_counted(tmp_path, capsys):
    path = tmp_path / "test_flaky.py"
    path.write_text(FLAKY)
    assert stress.main([str(path), "--times", "2", "--busy", "1"]) == 1
    told = capsys.readouterr().out
    assert "test_every_second_time: failed 1 times in 2" in told
    assert "test_sound: failed" not in told


def test_files_with_a_time_or_a_process_are_chosen_and_others_not(tmp_path):
    for name, text in {"timed": "import time\ntime.sleep(1)", "plain": "assert True",
                       "page": "import subprocess\ndef test(open_page): pass"}.items():  # fmt: skip
        (tmp_path / f"test_{name}.py").write_text(text)
    assert [path.name for path in stress.timed_tests(tmp_path)] == ["test_timed.py"]
    chosen = [path.name for path in stress.timed_tests(REPOSITORY / "tests")]
    assert {"test_dask.py", "test_live.py", "test_session.py"} <= set(chosen)


def test_a_pytest_that_ends_without_a_report_counts_as_a_failure():
    assert stress.failures(4, "ERROR: file or directory not found: x\n")
    assert stress.failures(0, "9 passed in 1 s\n") == []
