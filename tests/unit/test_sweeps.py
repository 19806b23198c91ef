"""A sweep is the same networks trained alone, only together and faster."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import sys
import time
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import nnlib
from nnlib import L1, L2, SGD, Adam, Dense, Dropout, Network, blocks, datasets, fast, fit

RATES = [1e-3, 0.1, 1.0]
STRENGTHS = [0.0, 1e-3]


@pytest.fixture(scope="module")
def digits():
    X, y = datasets.load_digits()
    return datasets.split(X, y, 300, 100, seed=0)


def network(**arguments):
    return Network(64, [Dense(12, "sigmoid"), Dense(10)], **arguments)


def same_alone(model, template_layers, data, *, batch_size, epochs, make=SGD, dtype=float):
    """The network of these hyperparameters, trained alone, with its history."""
    (X, y), validation = data
    alone = Network(64, template_layers(), seed=model.get("seed", 0), dtype=dtype)
    penalties = [L1(model.get("l1", 0.0)), L2(model.get("l2", 0.0))]
    history = fit(
        alone, X, y, optimizer=make(model["learning_rate"]), regularizer=penalties,
        batch_size=model.get("batch_size", batch_size), epochs=epochs, seed=model.get("seed", 0),
        validation=validation, progress=False,
    )  # fmt: skip
    return alone, history


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_each_model_equals_the_network_trained_alone(digits, threads, dtype):
    (X, y), validation = digits
    grid = {"learning_rate": RATES, "l2": STRENGTHS, "l1": [1e-4], "seed": [0, 5]}
    sweep = nnlib.sweep(
        network(dtype=dtype), X, y, grid, batch_size=64, epochs=3, validation=validation,
        threads=threads,
    ).run()  # fmt: skip
    tolerance = 1e-12 if dtype is np.float64 else 2e-5
    for k, model in enumerate(sweep.models):
        alone, history = same_alone(
            model, lambda: [Dense(12, "sigmoid"), Dense(10)], digits,
            batch_size=64, epochs=3, dtype=dtype,
        )  # fmt: skip
        assert sweep.network(k).theta == pytest.approx(alone.theta, abs=tolerance)
        for column in ("loss", "cost", "validation_loss", "validation_accuracy"):
            assert sweep.curves[column][k] == pytest.approx(history[column], abs=10 * tolerance)


def test_widths_and_batch_sizes_form_groups(digits):
    (X, y), validation = digits
    grid = {"hidden": [(5,), 9], "batch_size": [50, 100], "learning_rate": [0.5], "seed": [1, 2]}
    sweep = nnlib.sweep(network(), X, y, grid, epochs=2, validation=validation, threads=2).run()
    assert len(sweep.models) == 8
    for k, model in enumerate(sweep.models):
        width = model["hidden"][0]
        assert sweep.network(k).widths == (64, width, 10)
        alone, _ = same_alone(
            model, lambda width=width: [Dense(width, "sigmoid"), Dense(10)], digits,
            batch_size=None, epochs=2,
        )  # fmt: skip
        assert sweep.network(k).theta == pytest.approx(alone.theta, abs=1e-12)


def test_dropout_and_adam_in_a_sweep(digits):
    (X, y), validation = digits

    def layers():
        return [Dense(12, "relu"), Dropout(0.3), Dense(10)]

    sweep = nnlib.sweep(
        Network(64, layers()), X, y, {"learning_rate": [0.001, 0.01], "seed": [3, 4]},
        optimizer=Adam(), batch_size=100, epochs=2, validation=validation,
    ).run()  # fmt: skip
    for k, model in enumerate(sweep.models):
        alone, _ = same_alone(model, layers, digits, batch_size=100, epochs=2, make=Adam)
        assert sweep.network(k).theta == pytest.approx(alone.theta, abs=1e-12)


def test_live_epochs_and_one_run_give_the_same(digits):
    (X, y), validation = digits
    arguments = dict(batch_size=50, epochs=4, validation=validation, threads=2)
    grid = {"learning_rate": [*RATES, 1e200], "l2": STRENGTHS}
    at_once = nnlib.sweep(network(), X, y, grid, **arguments).run()
    live = nnlib.sweep(network(), X, y, grid, **arguments)
    for turn in live:  # no block trains ahead of what is shown
        assert turn.epoch == live.epoch == max(len(block.rows) for block in live._blocks)
    assert live.epoch == 4
    for column, values in at_once.curves.items():
        np.testing.assert_array_equal(values, live.curves[column])
    assert at_once.diverged == live.diverged


def test_leaving_a_live_sweep_and_running_on(digits):
    (X, y), _ = digits
    grid = {"learning_rate": RATES}
    whole = nnlib.sweep(network(), X, y, grid, batch_size=50, epochs=4).run()
    parts = nnlib.sweep(network(), X, y, grid, batch_size=50, epochs=4)
    next(parts)
    parts.run()
    np.testing.assert_array_equal(whole.curves["loss"], parts.curves["loss"])


def test_blocks_in_processes_give_what_threads_give(digits):
    (X, y), validation = digits
    models = [{"learning_rate": rate, "l2": l2} for rate in (*RATES, 1e200) for l2 in STRENGTHS]
    arguments = dict(optimizer=SGD(0.1, momentum=0.9), batch_size=50, epochs=5,
                     validation=validation, threads=2)  # fmt: skip
    threads = nnlib.sweep(network(), X, y, models, **arguments).run()
    processes = nnlib.sweep(network(), X, y, models, **arguments)
    next(processes)  # the first epoch here, three elsewhere, the last here again
    processes.epochs = 4
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert processes.run(executor) is processes
    processes.epochs = 5
    assert next(processes).epoch == 5
    assert processes.diverged == threads.diverged and 7 in threads.diverged
    for column, values in threads.curves.items():
        np.testing.assert_array_equal(values, processes.curves[column])
    for k in range(6):
        np.testing.assert_array_equal(threads.network(k).theta, processes.network(k).theta)


class Elsewhere(ThreadPoolExecutor):
    """What it is given crosses a border, as into another process."""

    def map(self, work, blocks, until):
        return super().map(work, pickle.loads(pickle.dumps(blocks)), until)


@pytest.mark.parametrize("healthy", [0, 1, 2])
def test_a_model_that_diverges_elsewhere_leaves_the_others_here(digits, healthy):
    (X, y), _ = digits
    models = [{"learning_rate": rate} for rate in (0.5, 0.1)[:healthy]]
    models.insert(1, {"learning_rate": 10.0, "l2": 1e6})
    lost = models.index({"learning_rate": 10.0, "l2": 1e6})
    arguments = dict(batch_size=50, epochs=12, threads=1)
    here = nnlib.sweep(network(), X, y, models, **arguments).run()
    there = nnlib.sweep(network(), X, y, models, **arguments)
    with Elsewhere(1) as executor:
        there.run(executor)
    assert here.diverged == there.diverged and list(there.diverged) == [lost]
    there.epochs = here.epochs = 13  # and here they go on
    for k in {*range(len(models))} - {lost}:
        np.testing.assert_array_equal(here.run().network(k).theta, there.run().network(k).theta)


def test_a_diverged_model_is_marked_and_leaves_the_others_alone(digits):
    (X, y), validation = digits
    models = [{"learning_rate": 0.5}, {"learning_rate": 10.0, "l2": 1e6}, {"learning_rate": 0.1}]
    with np.errstate(all="raise", under="ignore"):
        sweep = nnlib.sweep(
            network(), X, y, models, batch_size=50, epochs=12, validation=validation, threads=1
        )
        epochs = list(sweep)
    assert list(sweep.diverged) == [1]
    when, reason = sweep.diverged[1]
    assert epochs[when - 1].diverged == (1,) and "finite" in reason
    assert np.isnan(sweep.curves["validation_loss"][1, when:]).all()
    with pytest.raises(ValueError, match="model 1 diverged in epoch"):
        sweep.network(1)
    healthy = nnlib.sweep(
        network(), X, y, [models[0], models[2]], batch_size=50, epochs=12, validation=validation
    ).run()
    assert sweep.network(0).theta == pytest.approx(healthy.network(0).theta, abs=1e-12)
    assert sweep.network(2).theta == pytest.approx(healthy.network(1).theta, abs=1e-12)
    assert sweep.best() in (0, 2)
    assert sweep.to_frame()["diverged_in_epoch"].tolist()[1] == when


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_models_on_their_way_to_infinity_are_named_without_a_warning(digits, dtype):
    # Of so many rates, some end an epoch with finite weights, or losses, whose sum is not.
    (X, y), _ = digits
    models = {"learning_rate": np.geomspace(1, 10, 60), "l2": [1e3]}
    with np.errstate(all="raise", under="ignore"):
        sweep = nnlib.sweep(network(dtype=dtype), X, y, models, batch_size=50, epochs=12, threads=1)
        sweep.run()
    assert len(sweep.diverged) == 60


def test_all_diverged(digits):
    (X, y), validation = digits
    sweep = nnlib.sweep(
        network(), X, y, [{"learning_rate": 10.0, "l2": 1e200}], epochs=5, validation=validation
    ).run()
    assert len(sweep.diverged) == 1 and sweep.epoch == 5
    with pytest.raises(ValueError, match="every model has diverged"):
        sweep.best("validation_loss")


def test_float32_is_kept_everywhere(digits):
    (X, y), validation = digits
    sweep = nnlib.sweep(
        network(dtype=np.float32), X, y, {"learning_rate": RATES, "l2": STRENGTHS},
        optimizer=SGD(momentum=0.9), batch_size=64, epochs=1, validation=validation,
    ).run()  # fmt: skip
    seen = 0
    for block in sweep._blocks:
        run = block.run
        arrays = [
            run.network.theta,
            run.network.grad,
            run._X,
            run._T,
            *run.optimizer.memory.values(),
        ]
        arrays += [record.input for record in run.network.trace]
        arrays += [record.output for record in run.network.trace]
        arrays += [p.strengths for p in run._penalties]
        for array in arrays:
            assert array.dtype == np.float32
            seen += 1
    assert seen > 8


def test_memory_does_not_grow_with_the_epochs(digits):
    (X, y), validation = digits
    sweep = nnlib.sweep(
        network(), X, y, {"learning_rate": RATES}, batch_size=100, epochs=60, threads=1,
        validation=validation,
    )  # fmt: skip
    tracemalloc.start()
    for _ in range(10):
        next(sweep)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(40):
        next(sweep)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Only the curves grow: a few small arrays an epoch, where one batch's activations are 28 kB.
    assert (after - before) / 40 < 2_000


def test_results_as_table(digits):
    (X, y), validation = digits
    sweep = nnlib.sweep(
        network(), X, y, {"l2": STRENGTHS, "learning_rate": RATES}, batch_size=100, epochs=2,
        validation=validation,
    ).run()  # fmt: skip
    table = sweep.grid("validation_accuracy")
    assert table.shape == (3, 2)
    frame = sweep.to_frame()
    for _, row in frame.iterrows():
        place = RATES.index(row["learning_rate"]), STRENGTHS.index(row["l2"])
        assert table[place] == row["validation_accuracy"]
    assert sweep.best("loss") == frame["loss"].idxmin()
    assert sweep.best() == frame["validation_accuracy"].idxmax()
    assert "6 models" in repr(sweep) and "epoch 2 of 2" in repr(sweep)


def test_the_template_is_not_touched(digits):
    (X, y), _ = digits
    template = network(seed=7)
    before = template.theta.copy()
    nnlib.sweep(template, X, y, {"learning_rate": [0.5]}, epochs=1).run()
    np.testing.assert_array_equal(template.theta, before)


@pytest.mark.parametrize(
    ("grid", "error", "message"),
    [
        ({"learning_rat": [1]}, ValueError, "Did you mean 'learning_rate'"),
        ({"learning_rate": [0.0]}, ValueError, "above 0"),
        ({"l2": [-1]}, ValueError, "at least 0"),
        ({"seed": [-1]}, ValueError, "at least 0"),
        ({"l2": 0.1}, TypeError, "must be a list"),
        ({"seed": [1.5]}, TypeError, "whole number"),
        ({"hidden": [(4, 4)]}, ValueError, "hidden Dense layer"),
        ({"batch_size": [10_000]}, ValueError, "at most the number of rows"),
        ([], ValueError, "the grid is empty"),
    ],
)
def test_a_grid_that_cannot_be(digits, grid, error, message):
    (X, y), _ = digits
    with pytest.raises(error, match=message):
        nnlib.sweep(network(), X, y, grid, epochs=1)


def test_arguments_that_have_no_place_here(digits):
    (X, y), _ = digits
    with pytest.raises(TypeError, match="hyperparameters of the grid"):
        nnlib.sweep(network(), X, y, {"l2": [0]}, regularizer=L2(1))
    with pytest.raises(TypeError, match="must be a Network"):
        nnlib.sweep([Dense(3)], X, y, {"l2": [0]})
    with pytest.raises(IndexError, match="1 models"):
        nnlib.sweep(network(), X, y, {"l2": [0]}, epochs=1).run().network(3)


def test_one_thread_where_there_are_none(monkeypatch):
    monkeypatch.setattr(blocks.sys, "platform", "emscripten")
    assert blocks.cores() == 1


def test_without_threadpoolctl(digits, monkeypatch):
    (X, y), _ = digits
    monkeypatch.setitem(__import__("sys").modules, "threadpoolctl", None)
    fast.blas_libraries.cache_clear()
    sweep = nnlib.sweep(network(), X, y, {"learning_rate": RATES}, epochs=1, threads=2).run()
    assert sweep.epoch == 1
    fast.blas_libraries.cache_clear()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("models", [1, 3, 49, 400])
def test_every_model_is_in_one_block_that_fits_the_cache(models, threads):
    size = blocks.size_of(network(dtype=np.float32), {"l2": 0.0}, 100)
    parts = blocks.assign_to_blocks([{"l2": 0.0}] * models, [size] * models, threads, None)
    assert sorted(k for part in parts for k in part) == list(range(models))
    assert len(parts) >= min(models, threads)
    numbers = 2 * (64 * 12 + 12 * 10) + 2 * 100 * (12 + 10)  # weights and gradients, activations
    assert max(map(len, parts)) * numbers * 4 <= blocks.BLOCK_BYTES


def test_neighbours_in_a_grid_are_dealt_to_different_blocks():
    models = [{"learning_rate": rate, "seed": 3} for rate in np.logspace(-5, 1, 7)]
    assert blocks.assign_to_blocks(models, [1000] * 7, 2, None) == [[0, 2, 4, 6], [1, 3, 5]]
    for k, model in enumerate(models):
        model["seed"] = k // 4  # networks of one seed share their rows: they stay together
    assert blocks.assign_to_blocks(models, [1000] * 7, 2, None) == [[0, 1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    "cores, models, threads",
    [(2, 4, 1), (2, 49, 2), (8, 4, 1), (8, 49, 3), (8, 400, 8), (1, 400, 1)],
)
def test_threads_are_as_many_as_the_models_keep_busy(monkeypatch, digits, cores, models, threads):
    (X, y), _ = digits
    monkeypatch.setattr(blocks, "cores", lambda: cores)
    template = Network(64, [Dense(50, "sigmoid"), Dense(10)], dtype=np.float32)
    grid = {"l2": np.linspace(0, 0.1, models).tolist()}
    assert nnlib.sweep(template, X, y, grid, batch_size=100).threads == threads
    assert nnlib.sweep(template, X, y, grid, batch_size=100, threads=5).threads == 5  # if asked for
    small, large = ({"hidden": (h,), "batch_size": n} for h, n in ((5, 10), (50, 100)))
    assert blocks.size_of(template, large, 1) == 2 * 4 * (74 * 50 + 100 * 60)
    assert blocks.size_of(template, small, 1) == 2 * 4 * (74 * 5 + 10 * 15)


def test_a_model_lost_in_the_last_epoch_has_no_last_value(digits):
    (X, y), validation = digits
    models = [{"learning_rate": 10.0, "l2": 1e200, "seed": 1}, {"learning_rate": 10.0, "seed": 2}]
    run = nnlib.sweep(network(), X, y, models, epochs=10, validation=validation)
    for step in run:
        if step.diverged:
            break
    assert step.diverged == (0,)
    for name, values in step.values.items():
        assert np.isnan(values[0]) and np.isfinite(values[1]), name
        assert np.isnan(run.curves[name][0, -1])
    assert run.best() == 1
    # Two seeds share a cell of the table: what one of them lost is not the other's.
    frame = run.to_frame().assign(l2=0.0)
    run.to_frame = lambda: frame
    assert np.isnan(run.grid("validation_accuracy")).all()


def test_more_epochs_may_be_asked_for(digits):
    (X, y), validation = digits
    grid = {"learning_rate": RATES}
    whole = nnlib.sweep(network(), X, y, grid, epochs=5, validation=validation).run()
    raised = nnlib.sweep(network(), X, y, grid, epochs=2, validation=validation).run()
    raised.epochs = 5
    raised.run()
    for name, curves in whole.curves.items():
        np.testing.assert_array_equal(raised.curves[name], curves)


def test_blocks_share_one_copy_of_the_rows(digits):
    (X, y), validation = digits
    run = nnlib.sweep(
        network(dtype=np.float32), X, y, {"learning_rate": RATES}, epochs=1, block_size=1,
        validation=validation, monitor={"train": (X, y)},
    )  # fmt: skip
    first, *others = [block.run for block in run._blocks]
    for other in others:
        assert np.shares_memory(first._X, other._X)
        for name in ("validation", "train"):
            assert np.shares_memory(first._monitored[name][0], other._monitored[name][0])


def test_a_sweep_weighs_its_rows_as_fit_does(digits):
    (X, y), _ = digits
    settings = {"epochs": 2, "batch_size": 64, "sample_weight": np.linspace(0, 3, len(X))}
    sweep = nnlib.sweep(network(), X, y, {"learning_rate": RATES[:2]}, **settings).run()
    for k, rate in enumerate(RATES[:2]):
        alone = network(seed=0)
        fit(alone, X, y, optimizer=SGD(rate), seed=0, progress=False, **settings)
        assert sweep.network(k).theta == pytest.approx(alone.theta, abs=1e-12)


@pytest.mark.parametrize(
    "platform, usable, counted, expected",
    [("linux", {0, 2, 5}, 8, 3), ("win32", None, 8, 8), ("win32", None, None, 1),
     ("emscripten", {0, 1}, 2, 1)],
)  # fmt: skip
def test_the_cores_that_may_be_used_are_counted(platform, usable, counted, expected, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    if usable is None:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: usable, raising=False)
    assert blocks.cores() == expected


def test_an_interrupt_stops_every_thread_and_the_sweep_can_go_on(digits, monkeypatch):
    (X, y), _ = digits
    grid = {"learning_rate": RATES}
    whole = nnlib.sweep(network(), X, y, grid, epochs=200, threads=2).run()
    run = nnlib.sweep(network(), X, y, grid, epochs=200, threads=2)
    real = blocks.Block.train_epoch

    def slowly(block):  # all of it would take four seconds
        time.sleep(0.02)
        real(block)

    class Interrupted(ThreadPoolExecutor):
        def map(self, work, blocks):
            super().map(work, blocks)
            while not all(block.rows for block in blocks):
                time.sleep(0.001)
            raise KeyboardInterrupt

    monkeypatch.setattr(blocks.Block, "train_epoch", slowly)
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert all(len(block.rows) < 200 for block in run._blocks) and run.epoch == 0
    monkeypatch.undo()
    run.threads = 1  # however it goes on
    run.run()
    np.testing.assert_array_equal(run.curves["loss"], whole.curves["loss"])


def test_a_sweep_is_picklable(digits):
    (X, y), _ = digits
    run = nnlib.sweep(network(), X, y, {"learning_rate": RATES}, epochs=1, threads=2)
    copied = pickle.loads(pickle.dumps(run))
    np.testing.assert_array_equal(copied.run().curves["loss"], run.run().curves["loss"])


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"batch_size": "100"}, TypeError, "batch_size must be a whole number, got str"),
        ({"batch_size": 10.5}, TypeError, "batch_size must be a whole number, got float"),
        ({"batch_size": -500}, ValueError, "batch_size must be at least 1, got -500"),
        ({"optimizer": "adam"}, TypeError, "optimizer must be an optimizer such as SGD"),
        ({"optimizer": Adam}, TypeError, "optimizer must be an optimizer such as SGD"),
        ({"X": 3}, ValueError, "X must have two axes"),
        ({"validation": 3}, TypeError, "validation must be a pair"),
    ],
)
def test_arguments_that_cannot_be(digits, change, error, message):
    (X, y), _ = digits
    arguments = {"X": X, "y": y, "grid": {"l2": [0]}, "epochs": 1} | change
    with pytest.raises(error, match=message):
        nnlib.sweep(network(), **arguments)


def test_infinite_parameters_under_a_finite_cost_are_a_divergence():
    X, y = np.ones((2, 1)), np.array([3.0, 3.0])
    sweep = nnlib.sweep(
        Network(1, [Dense(1)], dtype=np.float32), X, y, {"learning_rate": [0.1, 3e38]},
        loss="mse", epochs=1,
    ).run()  # fmt: skip
    assert np.isfinite(sweep.curves["cost"][0, 0])
    assert list(sweep.diverged) == [1]


def test_one_thread_needs_no_pool(digits, monkeypatch):
    (X, y), _ = digits
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", None)
    sweep = nnlib.sweep(
        network(), X[:20], y[:20], {"l2": [0, 0.1]}, epochs=1, threads=1, block_size=1
    ).run()
    assert len(sweep._blocks) == 2
