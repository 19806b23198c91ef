"""How it is measured: interleaved, several times, threads pinned alike, each figure a median.

Contenders take turns (A B C, A B C, ...), so that a machine that slows down slows all of them;
ratios are taken turn by turn and their median reported.  Every thread count has a process of its
own, because NumPy reads the number of threads when it is first imported.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def interleaved(contenders, repeats: int) -> dict[str, list[float]]:
    """Seconds of each contender in each turn, after one turn that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(repeats + 1):
        for name, work in contenders.items():
            start = time.perf_counter()
            work()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def ratio(seconds: dict[str, list[float]], slow: str, fast: str) -> dict[str, float] | None:
    """Median, least and greatest of slow/fast turn by turn; None where one was left out."""
    if slow not in seconds or fast not in seconds:
        return None
    turns = [a / b for a, b in zip(seconds[slow], seconds[fast], strict=True)]
    return {"median": statistics.median(turns), "min": min(turns), "max": max(turns)}


def in_own_process(task: str, threads: int, settings: dict | None = None, **options) -> dict:
    """Run ``python -m benchmarks.worker TASK`` with that many cores and BLAS threads.

    ``settings`` are further variables of its environment.
    """
    environment = {
        **os.environ,
        **dict.fromkeys(THREAD_SETTINGS, str(threads)),
        "TQDM_DISABLE": "1",
        **(settings or {}),
    }
    call = [sys.executable, "-m", "benchmarks.worker", task, str(threads), json.dumps(options)]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, cwd=_root())
    if done.returncode:
        raise RuntimeError(f"{task} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def alternating(
    settings: dict[str, dict], repeats: int, task: str, threads: int, **options
) -> dict[str, dict[str, list[float]]]:
    """Seconds of each contender under each setting of the environment, the settings in turn."""
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in settings}
    for _ in range(repeats):
        for name, setting in settings.items():
            found = in_own_process(task, threads, setting, repeats=1, **options)
            for contender, turns in found.items():
                seconds[name].setdefault(contender, []).extend(turns)
    return seconds


def freed_memory(epochs: int, repeats: int) -> dict[str, list[float]]:
    """Seconds of the grid on one core, with freed memory kept and with it handed back.

    Handed back: glibc's limits stay where they start, and `nnlib` cannot raise them.
    """
    start = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
    settings = {"kept": {}, "handed back": start}
    found = alternating(settings, repeats, "grid_alone", 1, epochs=epochs)
    return {name: turns["nnlib float32"] for name, turns in found.items()}


def pin(threads: int) -> None:
    """Keep this process on its first cores (where the system can)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def peak_memory() -> float:
    """Greatest memory this process has used, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def import_seconds(*modules: str, repeats: int = 15) -> dict[str, list[float]]:
    """Seconds to start Python and import each of the modules, in turn."""

    def start(module: str):
        call = [sys.executable, "-c", f"import {module}"]
        return lambda: subprocess.run(call, check=True, cwd=_root())

    return interleaved({module: start(module) for module in modules}, repeats)


def commands() -> dict[str, float]:
    """Seconds to build the book, and for each part of ``make test``.

    The parts are the chapters' notebooks, each run from a fresh kernel, and the folders of tests.
    """
    calls = {"build of the book": [sys.executable, "-m", "tools.build"]}
    notebooks = sorted((_root() / "chapters").glob("*.ipynb"))
    folders = sorted(path.parent for path in (_root() / "tests").glob("*/__init__.py"))
    for place in (str(path.relative_to(_root())) for path in (*notebooks, *folders)):
        calls[place] = [sys.executable, "-m", "pytest", "-q", place]
    seconds = {}
    for name, call in calls.items():
        start = time.perf_counter()
        done = subprocess.run(call, capture_output=True, text=True, cwd=_root())
        if done.returncode:
            raise RuntimeError(f"{name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        seconds[name] = time.perf_counter() - start
    parts = [value for name, value in seconds.items() if name.startswith(("chapters", "tests"))]
    return seconds | {"all tests": sum(parts)}


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    import numpy

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines()
                 if line.startswith("model name")]  # fmt: skip
        model = names[0] if names else model
    library = blas()
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "products": "{internal_api} {version}, for {architecture}".format(**library),
    }


def blas() -> dict[str, str]:
    """The library that computes NumPy's products, and the processor it computes them for."""
    import numpy  # noqa: F401 (it brings the library)
    from threadpoolctl import threadpool_info

    unknown = dict.fromkeys(("internal_api", "version", "architecture"), "unknown")
    libraries = [unknown | each for each in threadpool_info() if each["user_api"] == "blas"]
    return (libraries or [unknown])[0]


def unused_kernels() -> str | None:
    """The kernels that OpenBLAS has for this processor and does not choose by itself.

    It goes by the processor's number, and takes one that is newer than itself for an old one: AMD's
    fifth Zen for a Haswell of 2013, for example (OpenBLAS issue 6029).  None: it chose well, or
    nothing is known.
    """
    info = Path("/proc/cpuinfo")
    known = set(info.read_text().split()) if info.exists() else set()
    wide = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= known
    old = blas()["internal_api"] == "openblas" and blas()["architecture"] in ("Haswell", "Zen")
    return "SkylakeX" if wide and old else None


def _root() -> Path:
    return Path(__file__).resolve().parent.parent
