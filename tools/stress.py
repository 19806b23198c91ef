"""Do the tests that have a time or a process in them pass on a busy machine, every time?

    python -m tools.stress [--times N] [--busy N] [TEST ...]

Keeps the cores busy (as many endless loops as there are cores), runs the tests so many
times (50), each time in a fresh pytest, and says which failed how often. Without names:
every test file that speaks of time, threads or other processes, but for those that need a
browser (name them to include them).
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from tools.notebooks import REPOSITORY

TIMED = re.compile(
    r"\b(subprocess|threading|multiprocessing|concurrent\.futures|asyncio|distributed|"
    r"time\.(sleep|monotonic|perf_counter)|signal\.SIG\w+)\b"
)
BROWSER = re.compile(r"\b(open_page|inspector|playwright)\b")


def timed_tests(folder: Path) -> list[Path]:
    """Return the test files whose tests a slow machine might decide, in order."""
    found = []
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        hidden = "node_modules" in path.parts
        if TIMED.search(text) and not BROWSER.search(text) and not hidden:
            found.append(path)
    return found


@contextmanager
def busy(loops: int):
    """Keep so many cores busy; the loops end with this process, however it ends."""
    # A loop whose parent is gone has another parent.
    spin = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(10000))"
    started = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(loops)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
        for one in started:
            one.wait()


def failures(returncode: int, report: str) -> list[str]:
    """Return the names of the tests that failed, by pytest's report with -ra."""
    found = re.findall(r"^(?:FAILED|ERROR) (\S+)", report, re.M)
    return found or ([f"pytest ended with {returncode}"] if returncode else [])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.stress")
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--busy", type=int, default=os.cpu_count() or 1, help="endless loops")
    chosen = parser.parse_args(arguments)
    tests = chosen.tests or [str(path) for path in timed_tests(REPOSITORY / "tests")]
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "--color=no"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    failed = Counter()
    with busy(chosen.busy):
        for time in range(1, chosen.times + 1):
            done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
            bad = failures(done.returncode, done.stdout)
            failed.update(bad)
            last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
            print(f"{time} of {chosen.times}: {last}", flush=True)
            if bad:
                print(done.stdout, flush=True)
    for test, count in failed.most_common():
        print(f"{test}: failed {count} times in {chosen.times}")
    if not failed:
        print(f"No test failed in {chosen.times} runs beside {chosen.busy} busy loops.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
