"""Do the chapters say the same on other processors?  A table: notebook x arithmetic.

    python -m tools.portable [NOTEBOOK ...] [--only NAME ...] [--resume] [--list]

Each notebook is run once under each arithmetic, and what it puts out is compared with
what is committed, as `make test` does; so are the unit tests (their row's wiggles are
only those that they make themselves). An arithmetic is a kernel of OpenBLAS (each sums
in its own order), with the instructions that NumPy may use and the number of threads,
or a wiggle of the last bits (`nnlib.wiggle`). What this processor cannot run is said,
and not tried. A wiggle is one throw; what rarely changes is caught by its nearness to a
border (`tests/notebooks/borders.py`, `nncourse/borders.py`). Measured on the two old
heatmaps of the chapter on hyperparameters, under the kernels that they were made with
(Haswell): compared by their pictures, no wiggle of 59 and 11 caught them; so, 15 of 15
and 10 of 12 do. All of it takes about seven times as long as the chapters' tests, so each
verdict is kept as it comes, with pytest's report: `_build/portable/Haswell/04_forward.txt`,
and `_build/portable/table.md` of all that are kept. With ``--resume`` those are not run again.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools.notebooks import REPOSITORY, chapters

UNIT_TESTS = REPOSITORY / "tests" / "unit"
KEPT = REPOSITORY / "_build" / "portable"
GOOD = ("ok", "no data")
# What NumPy is told to do without, so that it works like a processor of 2008.
OLD_NUMPY = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
ASK = """
import threadpoolctl, numpy
from numpy._core._multiarray_umath import __cpu_features__ as can
blas = {one["architecture"] for one in threadpoolctl.threadpool_info()
        if one["internal_api"] == "openblas"}
print(*sorted(blas), can.get("X86_V3", can.get("AVX2", False)))
"""


@dataclass(frozen=True)
class Arithmetic:
    """One way in which a processor might calculate."""

    name: str
    kernel: str = ""  # of OpenBLAS; empty: the one that it chooses here
    old_numpy: bool = False
    threads: int = 1
    wiggle: str = "off"
    environment: dict = field(init=False, compare=False)

    def __post_init__(self):
        more = {"NNLIB_WIGGLE": self.wiggle, "NNLIB_TEST_THREADS": str(self.threads)}
        if self.kernel:
            more["OPENBLAS_CORETYPE"] = self.kernel
        if self.old_numpy:
            more["NPY_DISABLE_CPU_FEATURES"] = OLD_NUMPY
        object.__setattr__(self, "environment", more)

    def missing(self) -> str | None:
        """Say why this processor cannot calculate so, or return None if it can."""
        answer = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ASK],
            env=environment_with(self),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if answer.returncode:
            return answer.stderr.strip().splitlines()[-1]
        *kernels, modern = answer.stdout.split()
        if self.kernel and kernels != [self.kernel]:
            return f"OpenBLAS runs {' and '.join(kernels) or 'nothing'} instead"
        if self.old_numpy and modern == "True":
            return "NumPy keeps its newer instructions"
        return None


ARITHMETICS = (
    Arithmetic("Nehalem", "Nehalem", old_numpy=True),
    Arithmetic("Sandybridge", "Sandybridge", old_numpy=True, threads=2),
    Arithmetic("Haswell", "Haswell"),
    Arithmetic("Zen", "Zen"),
    Arithmetic("SkylakeX", "SkylakeX"),
    Arithmetic("2 threads", threads=2),
    Arithmetic("wiggle 1", wiggle="1"),
    Arithmetic("wiggle 2", wiggle="2"),
    Arithmetic("wiggle 3", wiggle="3"),
)


def environment_with(arithmetic: Arithmetic) -> dict[str, str]:
    """Return this process's environment, calculating like `arithmetic`."""
    ours = {"NNLIB_WIGGLE", "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | arithmetic.environment


def verdict(notebook: Path, arithmetic: Arithmetic) -> tuple[str, str]:
    """Run a notebook; return "ok", or the cells that differ, and pytest's report."""
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "--color=no"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", str(notebook)]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment_with(arithmetic),
        capture_output=True,
        text=True,
    )
    return summary(done.returncode, done.stdout), done.stdout + done.stderr


def summary(returncode: int, report: str) -> str:
    """Say in a few words how a notebook's tests ended."""
    cells = re.findall(r"^(?:FAILED|ERROR) .*::Cell (\d+)", report, re.M)
    if cells:
        return "cell " + ",".join(sorted(set(cells), key=int))
    if tests := re.findall(r"^(?:FAILED|ERROR) \S+\.py::", report, re.M):
        return f"{len(tests)} tests"
    if returncode:
        return f"pytest: {returncode}"
    return "ok" if re.search(r"^\d+ passed", report, re.M) else "no data"


def place(folder: Path, row: str, column: str) -> Path:
    """Return where the verdict on a notebook (row) under an arithmetic (column) is kept."""
    return folder / column.replace(" ", "-") / f"{row}.txt"


def kept_verdict(folder: Path, row: str, column: str) -> str | None:
    """Return the verdict of an earlier run; None if there is none, or pytest was stopped."""
    path = place(folder, row, column)
    if not path.exists():
        return None
    how = path.read_text(encoding="utf-8").partition("\n")[0]
    return None if how.startswith("pytest:") else how


def keep(folder: Path, row: str, column: str, how: str, report: str) -> None:
    """Write a verdict with its report, and the table of all that are kept, anew."""
    path = place(folder, row, column)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{how}\n{report}", encoding="utf-8")
    names = [one.name for one in ARITHMETICS]
    rows = sorted({path.stem for path in folder.glob("*/*.txt")})
    verdicts = {(row, name): kept_verdict(folder, row, name) for row in rows for name in names}
    columns = [name for name in names if any(verdicts[row, name] for row in rows)]
    (folder / "table.md").write_text(table(verdicts, rows, columns) + "\n", encoding="utf-8")


def table(verdicts: dict[tuple[str, str], str | None], rows, columns) -> str:
    """Set the verdicts, by (row, column), as a table in Markdown."""
    lines = [["notebook", *columns], ["---"] * (1 + len(columns))]
    lines += [[row, *(verdicts.get((row, one)) or "" for one in columns)] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.portable")
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--only", nargs="+", metavar="ARITHMETIC")
    parser.add_argument("--list", action="store_true", help="say what can be run here")
    parser.add_argument("--resume", action="store_true", help="run only what has no verdict yet")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of the verdicts")
    chosen = parser.parse_args(arguments)
    known = {one.name: one for one in ARITHMETICS}
    for name in set(chosen.only or []) - set(known):
        parser.error(f"no arithmetic {name!r}; there are {', '.join(known)}")
    wanted = [known[name] for name in chosen.only or known]
    reasons = {one.name: one.missing() for one in wanted}
    for name, reason in reasons.items():
        print(f"{name}: {f'cannot be run here: {reason}' if reason else 'ready'}")
    if chosen.list:
        return 0
    wanted = [one for one in wanted if not reasons[one.name]]
    notebooks = [path.resolve() for path in chosen.notebooks] or [*chapters(), UNIT_TESTS]
    verdicts = {}
    for one in wanted:
        for notebook in notebooks:
            if notebook.suffix != ".ipynb" and one.wiggle != "off":
                continue
            here = (notebook.stem, one.name)
            if chosen.resume and (how := kept_verdict(chosen.kept, *here)):
                verdicts[here] = how
                continue
            began = time.monotonic()
            verdicts[here], report = verdict(notebook, one)
            keep(chosen.kept, *here, verdicts[here], report)
            seconds = time.monotonic() - began
            print(f"{' under '.join(here)}: {verdicts[here]} ({seconds:.0f} s)", flush=True)
            if verdicts[here] not in GOOD:
                print(report, flush=True)
    rows = [notebook.stem for notebook in notebooks]
    print("\n" + table(verdicts, rows, [one.name for one in wanted]))
    return 1 if set(verdicts.values()) - set(GOOD) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
