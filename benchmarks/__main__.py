"""Measure everything, write ``results.json`` and a plot (in ``_build``), print the table."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path

from benchmarks import measure, report, tasks

HERE = Path(__file__).resolve().parent
KERNELS = HERE / "kernels.json"
MEASURED = HERE.parent / "_build" / "measured.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender (5)")
    parser.add_argument("--epochs", type=int, default=100, help="epochs of the 49 networks (100)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="measure these again, keep others"
    )
    parser.add_argument("--commands", action="store_true", help="time the build and the tests")
    parser.add_argument(
        "--figures", action="store_true", help="only measure the interactives (two minutes)"
    )
    parser.add_argument(
        "--kernels", nargs="*", metavar="NAME",
        help="only measure with one OpenBLAS kernel after the other (Haswell SkylakeX)",
    )  # fmt: skip
    parser.add_argument("--show", action="store_true", help="only print the table of results.json")
    parser.add_argument("--page", action="store_true", help="only write README.md again")
    options = parser.parse_args()
    path = HERE / "results.json"
    if options.page:
        write_page(json.loads(path.read_text()))
        return
    if options.figures:
        from benchmarks import figures

        figures.run(MEASURED)
        return
    if options.kernels is not None:
        found = {
            name: with_kernel(name, options.repeats, options.epochs // 4, options.threads)
            for name in options.kernels or ("Haswell", "SkylakeX")
        }
        KERNELS.write_text(json.dumps(found, indent=1) + "\n")
        write_page(json.loads(path.read_text()))
        return
    if not options.show:
        parts = what_to_measure(options.repeats, options.epochs, options.threads)
        if unknown := set(options.only or ()) - set(parts):
            parser.error(f"no part {', '.join(unknown)}: there are {', '.join(parts)}")
        results = json.loads(path.read_text()) if path.exists() else {}
        if not options.only:
            results = {name: results[name] for name in ("commands", "widgets") if name in results}
        results |= {"machine": measure.machine(), "epochs": options.epochs}
        for part in options.only or parts:
            print(f"measuring {part} ...", flush=True)
            results[part] = parts[part]()
        if options.commands:
            results["commands"] = measure.commands()
        if MEASURED.exists():  # written by the browser tests
            results["widgets"] = json.loads(MEASURED.read_text())
        results["derived"] = {  # what the book's page shows
            "ratios": report.ratios(results),
            "ratios_newer_kernels": report.ratios(results.get("newer_kernels", {})),
            "exponents": report.exponents(results),
            "import_ms": report.import_milliseconds(results),
        }
        path.write_text(json.dumps(results, indent=1) + "\n")
        write_page(results)
        report.plot(results, HERE.parent / "_build" / "benchmark.png")
    print(report.text(json.loads(path.read_text())))


def write_page(results: dict) -> None:
    kernels = json.loads(KERNELS.read_text()) if KERNELS.exists() else None
    (HERE / "README.md").write_text(report.page(results, kernels), encoding="utf-8")


def with_kernel(name: str, repeats: int, epochs: int, threads: list[int]) -> dict:
    """The rows against peers and floors, with one kernel of OpenBLAS."""
    setting = {"OPENBLAS_CORETYPE": name}
    machine = measure.in_own_process("machine", 1, setting)
    if not machine["products"].endswith(f"for {name}"):
        raise SystemExit(f"This processor cannot run {name}: OpenBLAS has {machine['products']}.")
    found = {"machine": machine, "epochs": epochs, "grid": {}, "one_network": {}, "estimators": {}}
    without = ("float64", "adam", "DataLoader")
    for number in threads:
        print(f"measuring {name}, threads {number} ...", flush=True)
        for task, more in (
            ("grid", {"epochs": epochs, "without": without}),
            ("one_network", {"epochs": 12, "without": without}),
            ("estimators", {"epochs": {"digits": 40, "mnist": 8}}),
        ):
            found[task][str(number)] = measure.in_own_process(
                task, number, setting, repeats=repeats, **more
            )
    return found


def what_to_measure(repeats: int, epochs: int, threads: list[int]) -> dict[str, Callable]:
    """Each part of the results, and the function that measures it."""
    short = 2 * repeats - 1  # a short turn is easily disturbed, so there are more of them

    def alone(task: str, cores: int, turns: int = repeats, **more):
        return lambda: measure.in_own_process(task, cores, repeats=turns, **more)

    def against_peers(epochs: int, cores: list[int], **more) -> dict[str, Callable]:
        def each(task: str, turns: int, **settings):
            return lambda: {str(t): alone(task, t, turns, **settings, **more)() for t in cores}

        return {
            "one_network": each("one_network", short, epochs=12),
            "estimators": each("estimators", short, epochs={"digits": 40, "mnist": 8}),
            "grid": each("grid", repeats, epochs=epochs),
        }

    def memory() -> dict:
        return {
            name: measure.in_own_process("memory", max(threads), contender=name, epochs=2)
            for name in tasks.grid(max(threads), 1)
            if "processes" not in name  # it would count only one of them
        }

    def newer_kernels(name: str) -> dict:
        setting = {"OPENBLAS_CORETYPE": name}
        peers = against_peers(epochs // 2, threads[-1:], settings=setting)
        in_turn = measure.alternating(
            {"as chosen": {}, name: setting}, repeats, "one_shape", threads[-1],
            shape="784-300-75-10", epochs=12,
        )  # fmt: skip
        found = {part: run() for part, run in peers.items()}
        return {"name": name, "epochs": epochs // 2, "in_turn": in_turn} | found

    parts = {
        "imports": lambda: measure.import_seconds("numpy", "nnlib"),
        **against_peers(epochs, threads),
        "anatomy": alone("anatomy", 1, 3 * repeats),
        "growth": alone("growth", 1),
        "side_by_side": alone("side_by_side", 2, epochs=20),
        "memory": memory,
        "doctor_cost": alone("doctor_cost", 1, short),
    }
    if platform.libc_ver()[0] == "glibc":
        parts["freed_memory"] = lambda: measure.freed_memory(epochs // 5, repeats)
    if newer := measure.unused_kernels():
        parts["newer_kernels"] = lambda: newer_kernels(newer)
    return parts


if __name__ == "__main__":
    main()
