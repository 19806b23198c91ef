"""A long sweep in processes is the same sweep, wherever and whatever happens to it."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import joblib
import numpy as np
import psutil
import pytest

import nnlib
from nnlib import SGD, Adam, Dense, Dropout, Network, datasets, losses, processes, schedules, sweeps

MODELS = [{"learning_rate": rate, "seed": seed} for rate in (0.1, 0.5) for seed in (0, 1)]
MODELS.insert(1, {"learning_rate": 10.0, "l2": 1e200})  # diverges


@pytest.fixture(scope="module")
def digits():
    X, y = datasets.load_digits()
    return datasets.split(X, y, 300, 100, seed=0)


@pytest.fixture
def prepare(digits):
    """A function that prepares a small sweep; the same each time, but for what it is told."""
    (X, y), validation = digits

    def prepared(**changes):
        layers = [Dense(12, "sigmoid"), Dropout(0.1), Dense(10)]
        arguments = dict(grid=MODELS, optimizer=SGD(0.1, momentum=0.9), batch_size=50, epochs=3,
                         validation=validation) | changes  # fmt: skip
        return nnlib.sweep(Network(64, layers), X, y, **arguments)

    return prepared


def assert_same(one, other):
    assert one.diverged == other.diverged
    assert list(one.curves) == list(other.curves)
    for column, values in one.curves.items():
        np.testing.assert_array_equal(values, other.curves[column])
    for k in {*range(len(one.models))} - {*one.diverged}:
        np.testing.assert_array_equal(one.network(k).theta, other.network(k).theta)


def workers(of: int | None = None) -> list[int]:
    """The processes of joblib that a process (this one) has started, and that live."""
    found = []
    for child in psutil.Process(of).children(recursive=True):
        try:
            if "popen_loky" in " ".join(child.cmdline()) and child.status() != "zombie":
                found.append(child.pid)
        except psutil.NoSuchProcess:
            pass
    return found


def assert_no_worker_is_left(of: int | None = None):
    end = time.monotonic() + 30
    while left := workers(of):
        assert time.monotonic() < end, left
        time.sleep(0.1)


@pytest.fixture
def by_itself(monkeypatch):
    """Any work is worth a process, of which there may be two; notes how many were taken."""
    taken = []
    real = processes.train_in_processes

    def noted(blocks, until, count):
        taken.append(count)
        real(blocks, until, count)

    monkeypatch.setattr(processes, "WORK_A_PROCESS", 1)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(sweeps, "train_in_processes", noted)
    return taken


# -- the same --------------------------------------------------------------------------------


def test_processes_give_what_threads_give(prepare):
    threads = prepare(threads=2).run()
    elsewhere = prepare(threads=2, processes=2)
    next(elsewhere)  # the first epoch here, the rest elsewhere
    assert_same(elsewhere.run(), threads)
    assert list(threads.diverged) == [1]
    for one in (threads, elsewhere):  # and here they go on
        one.epochs, one.processes = 5, 0
        one.run()
    assert_same(elsewhere, threads)


def test_a_long_sweep_goes_there_by_itself_and_nothing_tells(prepare, by_itself, capfd):
    alone = prepare()
    assert alone.threads == 1 and len(alone._blocks) == 2
    alone.run()
    assert by_itself == [2]
    assert_same(prepare(processes=0).run(), alone)
    assert_same(prepare(processes=2).run(), alone)
    assert by_itself == [2, 2]
    assert capfd.readouterr() == ("", "")


def test_large_arrays_are_shared_and_can_be_changed(prepare, rng):
    # joblib puts arrays above 1 MB into files, which it opens read-only unless told otherwise.
    X, y = rng.random((400, 500)), rng.integers(0, 10, 400)
    grid = {"learning_rate": [0.1, 0.2]}

    def prepared(**where):
        network = Network(500, [Dense(300, "sigmoid"), Dense(10)])
        sweep = nnlib.sweep(network, X, y, grid, optimizer=Adam(), batch_size=200, epochs=3,
                            threads=2, validation=(X, y), sample_weight=rng.random(400) * 0 + 1,
                            **where)  # fmt: skip
        next(sweep)  # so that the optimizer has a memory
        assert max(a.nbytes for a in sweep._blocks[0].run.optimizer.memory.values()) > 1e6
        return sweep

    assert_same(prepared().run(), prepared(processes=2).run())


class PlainArraysOnly(losses.MeanSquaredError):
    """NumPy takes longer with the class of arrays that lie in files."""

    def value_and_gradient(self, output, targets, share):
        assert type(targets) is type(output) is np.ndarray
        return super().value_and_gradient(output, targets, share)


def test_large_arrays_are_plain_arrays_there(prepare, rng):
    X, T = rng.random((300, 500)), rng.random((300, 500))
    assert T.nbytes > 1e6
    nnlib.sweep(Network(500, [Dense(500)]), X, T, {"learning_rate": [0.1, 0.2]}, batch_size=150,
                epochs=1, loss=PlainArraysOnly(), threads=2, processes=2, validation=(X, T),
                ).run()  # fmt: skip


# -- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "starts, models, cores, allowed, count",
    [(9.5, 49, 4, 4, 4), (3.5, 49, 4, 4, 3), (9.5, 2, 4, 4, 2), (9.5, 49, 4, 2, 2),
     (1.9, 49, 4, 4, 1), (9.5, 49, 1, 4, 1), (9.5, 1, 4, 4, 1), (9.5, 49, 4, 1, 1)],
)  # fmt: skip
def test_a_process_for_each_start_that_the_work_is_worth(
    monkeypatch, starts, models, cores, allowed, count
):
    monkeypatch.setattr(processes, "cores", lambda: cores)
    monkeypatch.setattr(joblib, "cpu_count", lambda: allowed)
    assert processes.processes_for(starts * processes.WORK_A_PROCESS, models) == count
    monkeypatch.setattr(processes, "find_spec", lambda name: None)
    assert processes.processes_for(starts * processes.WORK_A_PROCESS, models) == 1


def test_the_work_is_that_of_all_models_and_epochs_to_do(prepare, by_itself, monkeypatch):
    sweep = prepare(grid={"learning_rate": [0.1], "batch_size": [50, 75]}, epochs=10)
    weights = 2 * 8 * (64 * 12 + 12 * 12 + 12 * 10)  # a Dropout layer is counted as if it had some
    size = {rows: weights + 2 * 8 * rows * 34 for rows in (50, 75)}
    assert sweep._work == size[50] * 6 + size[75] * 4
    monkeypatch.setattr(processes, "WORK_A_PROCESS", sweep._work * 2)
    for _ in range(7):
        next(sweep)
    sweep.run()  # three epochs are left
    assert by_itself == []
    prepare(grid=sweep.models, epochs=10).run()
    assert by_itself == [2]


def test_a_short_sweep_a_loop_and_given_threads_stay(prepare, by_itself, monkeypatch):
    for _ in prepare():
        pass
    prepare(threads=2).run()
    prepare(processes=0).run()
    prepare(processes=1).run()
    monkeypatch.setattr(processes, "WORK_A_PROCESS", 1e9)
    prepare().run()
    assert by_itself == []


class OwnLoss(losses.CrossEntropy):
    """One's own, from a module that is not of the library."""

    def value_and_gradient(self, output, targets, share):
        return super().value_and_gradient(output, targets, share)


class OwnDense(Dense):
    """A layer of one's own."""


def test_known_parts_may_leave():
    for loss in ("cross_entropy", losses.get("mse")):
        layers = [Dense(3, "relu"), nnlib.BatchNorm("tanh"), Dropout(0.1), Dense(3)]
        network = Network(2, layers, loss=loss)
        for optimizer in (SGD(momentum=0.9), Adam()):
            for schedule in (None, schedules.StepDecay(), schedules.ExponentialDecay()):
                assert processes.may_leave(network, optimizer, loss, schedule)


def test_what_is_ones_own_stays(prepare, by_itself, monkeypatch):
    own = {
        "loss": lambda: prepare(loss=OwnLoss()),
        "lambda": lambda: prepare(schedule=lambda epochs: 1.0),
        "lock": lambda: prepare(schedule=WithLock()),
    }
    for make in own.values():
        sweep = make()
        assert len(sweep._blocks) == 1  # not even laid out for several
        sweep.run()
    assert not processes.may_leave(Network(2, [OwnDense(2)]))
    assert processes.may_leave(Network(2, [Dense(2)]))
    monkeypatch.setattr(Dense, "forward", lambda layer, *arguments: None)
    assert not processes.may_leave(Network(2, [Dense(2)]))
    assert by_itself == []


def test_one_of_several_workers_stays():
    assert processes._is_first_process()
    seen = []
    thread = threading.Thread(target=lambda: seen.append(processes._is_first_process()))
    thread.start()
    thread.join()
    seen += joblib.Parallel(2)(joblib.delayed(processes._is_first_process)() for _ in range(2))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        seen.append(executor.submit(processes._is_first_process).result())
    assert seen == [False] * 4


# -- what goes wrong -------------------------------------------------------------------------


class WithLock:
    """A schedule that cannot be sent anywhere."""

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, epochs):
        return 1.0


def only_elsewhere(here, do):
    """A schedule that does something in other processes, and 1 in this one."""
    return lambda epochs: 1.0 if os.getpid() == here else do()


def test_what_cannot_be_sent_is_told_with_the_cure(prepare):
    with pytest.raises(TypeError, match=r"process: TypeError: cannot pickle.*lock.*processes=0"):
        prepare(schedule=WithLock(), threads=2, processes=2).run()
    assert_no_worker_is_left()


def test_ones_own_parts_are_sent_if_asked_for(prepare):
    there = prepare(loss=OwnLoss(), threads=2, processes=2).run()
    assert_same(there, prepare(loss=OwnLoss(), threads=2).run())


@pytest.mark.parametrize(
    "fault, error",
    [(lambda: 1 / 0, ZeroDivisionError),
     (lambda: os.kill(os.getpid(), signal.SIGKILL), RuntimeError)],
)  # fmt: skip
def test_a_fault_elsewhere_is_told_and_leaves_no_process(prepare, fault, error):
    sweep = prepare(schedule=only_elsewhere(os.getpid(), fault), threads=2, processes=2)
    with pytest.raises(error):
        sweep.run()
    assert_no_worker_is_left()
    assert sweep.epoch == 0
    sweep.processes = 0  # here it can be done
    assert_same(sweep.run(), prepare(threads=2).run())


def test_where_there_can_be_no_process_threads_do_it(prepare, by_itself, monkeypatch):
    class Broken:
        def __init__(self, *arguments, **more):
            pass

        def __call__(self, calls):
            raise OSError("no space left on device")

    expected = prepare(processes=0).run()
    monkeypatch.setattr(joblib, "Parallel", Broken)
    assert_same(prepare().run(), expected)
    assert by_itself == [2]
    with pytest.raises(OSError, match="no space left"):
        prepare(processes=2).run()


def test_without_joblib(prepare, by_itself, monkeypatch):
    monkeypatch.setattr(processes, "find_spec", lambda name: None)
    prepare().run()
    prepare(processes=0).run()
    assert by_itself == []
    with pytest.raises(ImportError, match=r"pip install scikit-learn.*processes=0"):
        prepare(processes=2)


@pytest.mark.parametrize(
    "count, error, message",
    [(-1, ValueError, "at least 0"), (2.5, TypeError, "whole number"), (True, TypeError, "whole")],
)
def test_numbers_of_processes_that_cannot_be(prepare, count, error, message):
    with pytest.raises(error, match=message):
        prepare(processes=count)


def test_a_sweep_in_processes_is_picklable(prepare):
    sweep = pickle.loads(pickle.dumps(prepare(threads=2, processes=2)))
    assert_same(sweep.run(), prepare(threads=2).run())


# -- Ctrl-C, and a program that is not guarded ------------------------------------------------

PROGRAM = textwrap.dedent("""
    print("the program starts", flush=True)
    import signal
    import numpy as np
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
    from nnlib import Dense, Network, datasets, processes, sweep
    X, y = datasets.load_digits()
    def prepared(epochs, **more):
        template = Network(64, [Dense(12, "sigmoid"), Dense(10)])
        return sweep(template, X, y, {"learning_rate": [0.1, 0.5]}, batch_size=50, epochs=epochs,
                     **more)
    run = prepared(1_000_000, processes=2)
    try:
        run.run()
    except KeyboardInterrupt:
        print("interrupted in epoch", run.epoch, flush=True)
    input()
    run.epochs = 2
    same = prepared(2, threads=2).run()
    print("goes on:", np.array_equal(run.run().curves["loss"], same.curves["loss"]), flush=True)
""")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("whom", ["the program", "all its processes"])
def test_ctrl_c_in_a_program_without_guard(tmp_path, whom):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    program = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert program.stdout.readline() == "the program starts\n"
        end = time.monotonic() + 120
        while sum(_seconds_of(pid) for pid in workers(program.pid)) < 3:  # they have work
            assert program.poll() is None and time.monotonic() < end
            time.sleep(0.1)
        if whom == "the program":
            program.send_signal(signal.SIGINT)
        else:  # as a terminal does
            os.killpg(program.pid, signal.SIGINT)
        deaf = threading.Timer(120, program.kill)  # then the line is empty
        deaf.start()
        assert program.stdout.readline() == "interrupted in epoch 0\n"
        deaf.cancel()
        assert_no_worker_is_left(program.pid)
        out, errors = program.communicate("\n", timeout=120)
    finally:
        program.kill()
    assert (out, errors) == ("goes on: True\n", "")
    assert program.returncode == 0


def _seconds_of(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system
