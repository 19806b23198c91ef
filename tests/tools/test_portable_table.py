"""`make portable` keeps every verdict as it comes, and goes on where it was stopped."""

import pytest

from tools import portable


@pytest.fixture
def runs(monkeypatch):
    """Nothing is run: each notebook differs in cell 3 under Nehalem; the runs are listed."""
    done = []

    def verdict(notebook, arithmetic):
        done.append((notebook.stem, arithmetic.name))
        if len(done) == 3:
            raise KeyboardInterrupt
        return ("cell 3" if arithmetic.name == "Nehalem" else "ok"), "pytest's report"

    monkeypatch.setattr(portable, "verdict", verdict)
    monkeypatch.setattr(portable.Arithmetic, "missing", lambda self: None)
    return done


COMMAND = ["a.ipynb", "b.ipynb", "--only", "Haswell", "Nehalem"]


def test_what_was_run_is_kept_when_it_is_stopped_and_not_run_again(runs, tmp_path, capsys):
    command = [*COMMAND, "--kept", str(tmp_path)]
    with pytest.raises(KeyboardInterrupt):
        portable.main(command)
    assert (tmp_path / "table.md").read_text().splitlines()[2:] == ["| a | ok |", "| b | ok |"]
    assert portable.main([*command, "--resume"]) == 1
    asked = [("a", "Haswell"), ("b", "Haswell"), ("a", "Nehalem")]
    assert runs == [*asked, ("a", "Nehalem"), ("b", "Nehalem")]
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert lines[0] == "| notebook | Nehalem | Haswell |"
    assert lines[2:] == ["| a | cell 3 | ok |", "| b | cell 3 | ok |"]
    assert (tmp_path / "Nehalem" / "b.txt").read_text() == "cell 3\npytest's report"
    assert "a under Nehalem: cell 3" in capsys.readouterr().out


def test_without_resume_all_is_run_anew(runs, tmp_path):
    runs += [()] * 3
    for _ in range(2):
        portable.main(["a.ipynb", "--only", "Haswell", "--kept", str(tmp_path)])
    assert runs[3:] == [("a", "Haswell")] * 2


def test_a_run_that_pytest_did_not_finish_is_no_verdict(tmp_path):
    portable.keep(tmp_path, "a", "wiggle 1", "pytest: -9", "")
    assert portable.kept_verdict(tmp_path, "a", "wiggle 1") is None
    assert portable.kept_verdict(tmp_path, "b", "wiggle 1") is None
