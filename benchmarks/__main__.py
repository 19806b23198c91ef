"""Measure everything, write ``results.json`` and a plot (in ``_build``), print the table."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

from benchmarks import measure, report

HERE = Path(__file__).resolve().parent
MEASURED = HERE.parent / "_build" / "measured.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender (5)")
    parser.add_argument("--epochs", type=int, default=100, help="epochs of the 49 networks (100)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--commands", action="store_true", help="time the build and the tests")
    parser.add_argument("--show", action="store_true", help="only print the table of results.json")
    options = parser.parse_args()
    path = HERE / "results.json"
    if not options.show:
        results = measure_all(options.repeats, options.epochs, options.threads)
        old = json.loads(path.read_text()) if path.exists() else {}
        kept = {name: old[name] for name in ("commands", "widgets") if name in old}
        if options.commands:
            kept["commands"] = measure.commands()
        if MEASURED.exists():  # written by the browser tests
            kept["widgets"] = json.loads(MEASURED.read_text())
        results["derived"] = {  # what the book's page shows
            "ratios": report.ratios(results),
            "ratios_newer_kernels": report.ratios(results.get("newer_kernels", {})),
            "exponents": report.exponents(results),
            "import_ms": report.import_milliseconds(results),
        }
        path.write_text(json.dumps(kept | results, indent=1) + "\n")
        report.plot(results, HERE.parent / "_build" / "benchmark.png")
    print(report.text(json.loads(path.read_text())))


def measure_all(repeats: int, epochs: int, threads: list[int]) -> dict:
    def each(task: str, turns: int = repeats, cores: list[int] = threads, **more) -> dict:
        print(f"measuring {task} ...", flush=True)
        return {str(t): measure.in_own_process(task, t, repeats=turns, **more) for t in cores}

    short = 2 * repeats - 1  # a short turn is easily disturbed, so there are more of them

    def against_peers(epochs: int, **more) -> dict:
        fits = {"digits": 40, "mnist": 8}
        return {
            "one_network": each("one_network", turns=short, epochs=12, **more),
            "estimators": each("estimators", turns=short, epochs=fits, **more),
            "grid": each("grid", epochs=epochs, **more),
        }

    results: dict = {"machine": measure.machine(), "epochs": epochs, "repeats": repeats}
    results["imports"] = {m: measure.import_seconds(m) for m in ("numpy", "nnlib")}
    results |= against_peers(epochs)
    results["anatomy"] = measure.in_own_process("anatomy", 1, repeats=3 * repeats)
    results["growth"] = measure.in_own_process("growth", 1, repeats=repeats)
    results["side_by_side"] = measure.in_own_process("side_by_side", 2, epochs=20, repeats=repeats)
    if platform.libc_ver()[0] == "glibc":
        results["freed_memory"] = measure.freed_memory(epochs // 5, repeats)
    results["memory"] = {
        name: measure.in_own_process("memory", max(threads), contender=name, epochs=2)
        for name in results["grid"][str(max(threads))]
        if "processes" not in name  # it would count only one of them
    }
    newer = measure.unused_kernels()
    if newer:
        setting = {"OPENBLAS_CORETYPE": newer}
        found = against_peers(epochs // 2, cores=threads[-1:], settings=setting)
        results["newer_kernels"] = {"name": newer, "epochs": epochs // 2} | found
    return results


if __name__ == "__main__":
    main()
