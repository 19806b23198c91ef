"""The benchmarks measure what they say: turns, ratios, the same work for each contender."""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import measure, report, tasks, worker

RESULTS = json.loads((Path(report.__file__).parent / "results.json").read_text())


def test_every_part_of_the_tests_is_timed(monkeypatch):
    done = SimpleNamespace(returncode=0)
    monkeypatch.setattr(measure.subprocess, "run", lambda call, **more: done)
    clock = itertools.count()
    monkeypatch.setattr(measure.time, "perf_counter", lambda: next(clock))
    seconds = measure.commands()
    root = Path(measure.__file__).parent.parent
    places = [root / name for name in seconds if name.startswith(("tests", "chapters"))]
    for path in (*root.glob("tests/**/test_*.py"), *root.glob("chapters/*.ipynb")):
        assert sum(path.is_relative_to(place) for place in places) == 1, path
    assert seconds["build of the book"] == 1 and seconds["all tests"] == len(places)


def test_contenders_take_turns_and_the_first_does_not_count():
    order = []
    seconds = measure.interleaved({k: lambda k=k: order.append(k) for k in "ab"}, repeats=3)
    assert order == list("abababab")
    assert {name: len(turns) for name, turns in seconds.items()} == {"a": 3, "b": 3}


def test_a_ratio_is_the_median_of_the_turns():
    seconds = {"slow": [2.0, 9.0, 4.0], "fast": [1.0, 1.0, 2.0]}
    found = measure.ratio(seconds, "slow", "fast")
    assert found == {"median": 2.0, "min": 2.0, "max": 9.0}
    assert measure.ratio(seconds, "PyTorch eager", "fast") is None


def test_exponents_of_growth():
    turns = {str(n): [3e-6 * n**1.5] for n in (10, 100, 1000, 10000)}
    assert report.exponents({"growth": {"rows": turns}})["rows"] == pytest.approx(1.5)


def test_a_verdict_is_that_of_the_numbers():
    for row in report.ratios(RESULTS):
        within = row["median"] <= row["target"] if row["below"] else row["median"] >= row["target"]
        assert row["reached"] is within and row["min"] <= row["median"] <= row["max"]
    assert RESULTS["derived"]["ratios"] == report.ratios(RESULTS)


def test_the_table_tells_what_was_left_out():
    assert "left out" not in report.text(RESULTS)
    without = copy.deepcopy(RESULTS)
    for turns in without["grid"].values():
        for name in [name for name in turns if "PyTorch" in name]:
            del turns[name]
    assert "PyTorch is not installed: its rows are left out." in report.text(without)


def test_the_page_is_what_the_results_say():
    here = Path(report.__file__).parent
    kernels = json.loads(path.read_text()) if (path := here / "kernels.json").exists() else None
    assert (here / "README.md").read_text(encoding="utf-8") == report.page(RESULTS, kernels)


def test_a_kernel_that_the_processor_lacks_is_refused():
    with pytest.raises(SystemExit, match="cannot run Bulldozer9"):
        benchmarks.with_kernel("Bulldozer9", 1, 1, [1])


def test_each_kernel_has_its_table(monkeypatch):
    asked = []

    def measured(task, threads, settings, **more):
        asked.append((task, threads, settings["OPENBLAS_CORETYPE"]))
        return {"machine": {"products": "openblas, for Haswell"}, **{
            part: RESULTS[part]["1"] for part in ("grid", "one_network", "estimators")
        }}[task]  # fmt: skip

    monkeypatch.setattr(measure, "in_own_process", measured)
    found = benchmarks.with_kernel("Haswell", 3, 25, [1])
    assert asked == [(task, 1, "Haswell") for task in
                     ("machine", "grid", "one_network", "estimators")]  # fmt: skip
    page = report.page(RESULTS, {"Haswell": found})
    assert page.count("| 49 networks | nnlib float32 | floor float32 | 1 |") == 2
    assert "## One session, kernels for Haswell" in page


def test_the_floor_of_a_fit_has_its_products_and_gathers_every_batch(monkeypatch):
    steps, X = [], tasks.digits(np.float32)[0]
    real = tasks.bare_step
    monkeypatch.setattr(tasks, "bare_step", lambda *given: steps.append(given) or real(*given))
    tasks.floor_of_fit(X, [64, 100, 10], epochs=1)
    assert steps == [([64, 100, 10], 200)]
    assert list(tasks.estimators("digits", 1)) == ["nnlib", "floor", "scikit-learn"]


def test_contenders_are_left_out_by_a_word():
    contenders = dict.fromkeys(["floor float32", "floor float64", "scikit-learn adam"])
    assert list(worker.left(contenders, ["float64", "adam"])) == ["floor float32"]


def test_the_plain_loop_has_the_products_of_a_training(monkeypatch):
    seen = {}
    monkeypatch.setattr(tasks.np, "matmul", lambda a, b: seen.setdefault(a.shape, 0) or a @ b)
    X, y = tasks.digits()
    tasks.plain_loop(X, y, 0.01, 0.0, epochs=1)
    assert set(seen) == {(100, 64), (100, 50), (100, 10), (50, 100), (64, 100)}


def test_the_floor_is_the_products_of_a_step(monkeypatch):
    step = tasks.bare_step([64, 50, 10], 100, networks=3)
    shapes = []
    real = np.matmul
    monkeypatch.setattr(tasks.np, "matmul", lambda a, b, out: shapes.append(real(a, b).shape))
    step()
    assert shapes == [(3, 100, 50), (3, 100, 10), (3, 50, 10), (3, 100, 50), (3, 64, 50)]


def test_every_contender_of_the_grid_runs():
    contenders = tasks.grid(1, epochs=1)
    for name in ("nnlib float32", "nnlib float64", "floor float32", "plain loop (lecture notes)"):
        contenders[name]()
    assert not any("processes" in name for name in contenders)
    assert "nnlib float32, processes" in tasks.grid(2, epochs=1)


def test_side_by_side_differ_in_threads_alone(monkeypatch):
    made = []
    real = tasks.nnlib.sweep
    keep = made.append
    monkeypatch.setattr(tasks.nnlib, "sweep", lambda *a, **k: keep(real(*a, **k)) or made[-1])
    for train in tasks.side_by_side(models=4, epochs=1).values():
        train()
    assert [run.threads for run in made] == [1, 2] and made[0].models == made[1].models
    assert [run.epoch for run in made] == [1, 1]


@pytest.mark.parametrize("loader", [False, True])
def test_pytorch_takes_every_row_once_an_epoch(monkeypatch, loader):
    torch = pytest.importorskip("torch", reason="PyTorch is needed by the benchmark alone")
    sizes = []
    real = torch.nn.CrossEntropyLoss.forward
    monkeypatch.setattr(
        torch.nn.CrossEntropyLoss,
        "forward",
        lambda self, out, labels: sizes.append(len(labels)) or real(self, out, labels),
    )
    X, y = tasks.digits()
    tasks.torch_loop(X, y, [64, 50, 10], 0.1, 0.0, epochs=2, loader=loader)
    assert sizes == 2 * [*[100] * 14, 37]


@pytest.mark.parametrize(
    "architecture, flags, expected",
    [
        ("Haswell", "avx2 avx512f avx512bw avx512cd avx512dq avx512vl", "SkylakeX"),
        ("Haswell", "avx2 avx512f", None),  # not all that those kernels use
        ("SkylakeX", "avx2 avx512f avx512bw avx512cd avx512dq avx512vl", None),
    ],
)
def test_kernels_are_unused_where_the_processor_can_do_more(
    monkeypatch, tmp_path, architecture, flags, expected
):
    info = tmp_path / "cpuinfo"
    info.write_text(f"flags\t\t: fpu {flags}\n")
    monkeypatch.setattr(measure, "Path", lambda place: info)
    library = {"internal_api": "openblas", "version": "0", "architecture": architecture}
    monkeypatch.setattr(measure, "blas", lambda: library)
    assert measure.unused_kernels() == expected


def test_another_machine_may_have_no_newer_kernels():
    without = {name: found for name, found in RESULTS.items() if name != "newer_kernels"}
    assert report.ratios({}) == [] and "OPENBLAS_CORETYPE" not in report.text(without)


def test_settings_take_turns(monkeypatch):
    calls = []

    def run(task, threads, setting, repeats, **options):
        calls.append((task, threads, setting.get("SPEED"), repeats, options))
        return {"ours": [float(len(calls))]}

    monkeypatch.setattr(measure, "in_own_process", run)
    settings = {"plain": {}, "fast": {"SPEED": "2"}}
    found = measure.alternating(settings, 2, "grid_alone", 1, epochs=3)
    assert found == {"plain": {"ours": [1.0, 3.0]}, "fast": {"ours": [2.0, 4.0]}}
    assert [call[2] for call in calls] == [None, "2", None, "2"]
    assert all(call == ("grid_alone", 1, call[2], 1, {"epochs": 3}) for call in calls)
