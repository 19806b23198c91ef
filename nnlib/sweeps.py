"""Sweep: many networks of one kind trained at once, to compare their hyperparameters.

M networks are one `Network` with a leading axis, and training them is `train`.  Here a grid is
laid out as blocks of such networks, and what they write down is gathered.  A model that diverges
is marked, and is trained no further.

Not here: which models train together, and where (``blocks``); how a network learns; how to choose a
winner honestly (see the chapter on hyperparameters); searches beyond one
machine (scikit-learn's, over ``estimators``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnlib import checks, losses, optimizers, regularizers
from nnlib.blocks import (
    Block,
    assign_to_blocks,
    size_of,
    threads_for,
    train_in_executor,
    train_in_threads,
)
from nnlib.history import sign_of
from nnlib.keywords import explains_keywords
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.processes import check_joblib, may_leave, processes_for, train_in_processes
from nnlib.training import train

if TYPE_CHECKING:
    from concurrent.futures import Executor

HYPERPARAMETERS = ("learning_rate", "l2", "l1", "seed", "batch_size", "hidden")


class SweepEpoch(NamedTuple):
    """One epoch of all models, as the loop sees it."""

    epoch: int  # from 1
    values: dict[str, np.ndarray]  # column -> (M,), one a model; NaN: it has diverged
    diverged: tuple[int, ...]  # models that diverged in this epoch


class Sweep:
    """The iterator that `sweep` returns: one turn is one epoch of every model.

    Attributes
    ----------
    models : list of dict
        The hyperparameters of each model.
    curves : dict of str -> array (M, epochs done), for M models
        "loss", "cost", "validation_loss", ...: NaN from the epoch in which a model diverged.
    diverged : dict of int -> (epoch, reason)
        Models that left the range of floating-point numbers.
    epoch, epochs : int
        Done, and to do; ``epochs`` may be raised to go on.
    """

    def __init__(self, models, blocks, epochs, threads, processes=None, work=0.0):
        self.models: list[dict] = models
        self.threads: int = threads
        self.processes: int | None = processes
        self._work: float = work  # of an epoch (see `processes_for`); 0: it stays in this process
        self.diverged: dict[int, tuple[int, str]] = {}
        self._blocks: list[Block] = blocks
        self._columns: dict[str, list[np.ndarray]] = {}
        self.epochs = epochs

    # -- the loop ----------------------------------------------------------------------

    def __iter__(self) -> Sweep:
        return self

    def __next__(self) -> SweepEpoch:
        if self.epoch >= self.epochs:
            raise StopIteration
        train_in_threads(self._blocks, self.epoch + 1, self.threads)
        return self._gather(self.epoch)

    def run(self, executor: Executor | None = None) -> Sweep:
        """Train to the end, without waiting for one another after every epoch.

        A long sweep is trained in processes (see ``processes`` of `sweep`).  After Ctrl-C it can
        be run again.  What its threads have done is kept, what its processes have done is lost.

        Parameters
        ----------
        executor : concurrent.futures.Executor, optional
            Where the blocks are trained instead: ``client.get_executor()`` of a Dask client uses
            its machines.  The results are the same.
        """
        first = self.epoch
        if executor is None:
            self._train_here()
        else:
            train_in_executor(self._blocks, self.epochs, executor)
        for epoch in range(first, self.epochs):
            self._gather(epoch)
        return self

    def _train_here(self) -> None:
        """Train to the end on this machine, in threads or processes."""
        processes = self.processes
        if processes is None:
            work = self._work * (self.epochs - self.epoch)
            processes = processes_for(work, len(self._blocks))
        if processes > 1 and sum(block.alive.size > 0 for block in self._blocks) > 1:
            try:
                train_in_processes(self._blocks, self.epochs, processes)
                return
            except Exception:
                if self.processes is not None:
                    raise
                # It went there by itself: if it cannot be done there (no memory, a process was
                # killed), threads can; and if training has a fault, they will raise it.
        train_in_threads(self._blocks, self.epochs, self.threads)

    def _gather(self, epoch: int) -> SweepEpoch:
        """Collect one epoch's rows of all blocks, and the models that diverged in it."""
        names = dict.fromkeys(
            name for block in self._blocks for row in block.rows[:1] for name in row[1]
        )
        values = {name: np.full(len(self.models), np.nan) for name in names}
        lost = []
        for block in self._blocks:
            if epoch < len(block.rows):
                models, row = block.rows[epoch]
                for name, column in row.items():
                    values[name][models] = column
            for model, (when, reason) in block.diverged.items():
                if when == epoch + 1:
                    self.diverged[model] = (when, reason)
                    lost.append(model)
        for name, column in values.items():
            column[lost] = np.nan
            self._columns.setdefault(name, []).append(column)
        return SweepEpoch(epoch + 1, values, tuple(sorted(lost)))

    # -- results -----------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(next(iter(self._columns.values()), []))

    @property
    def epochs(self) -> int:
        """Epochs to do."""
        return self._epochs

    @epochs.setter
    def epochs(self, epochs: int) -> None:
        self._epochs = checks.check_int("epochs", epochs)
        for block in self._blocks:
            block.run.epochs = self._epochs

    @property
    def curves(self) -> dict[str, np.ndarray]:
        return {name: np.stack(column, axis=1) for name, column in self._columns.items()}

    def best(self, column: str = "validation_accuracy") -> int:
        """Number of the model with the best last value: largest for an accuracy, else smallest."""
        values = self._last(column) * sign_of(column)
        if np.isnan(values).all():
            raise ValueError("every model has diverged: lower the learning rates.")
        return int(np.nanargmin(values))

    def network(self, model: int) -> Network:
        """Model number ``model`` as an ordinary `Network` of its own."""
        if model in self.diverged:
            epoch, reason = self.diverged[model]
            raise ValueError(f"model {model} diverged in epoch {epoch}: {reason}.")
        for block in self._blocks:
            place = np.flatnonzero(block.alive == model)
            if place.size:
                return block.run.network[int(place[0])]
        raise IndexError(f"there are {len(self.models)} models, got number {model}.")

    def to_frame(self):
        """One row a model: its hyperparameters, its last values, and whether it diverged."""
        import pandas as pd

        frame = pd.DataFrame(self.models)
        for name in self._columns:
            frame[name] = self._last(name)
        frame["diverged_in_epoch"] = [self.diverged.get(k, (None,))[0] for k in range(len(frame))]
        return frame.rename_axis("model")

    def grid(self, column: str, rows: str = "learning_rate", columns: str = "l2") -> np.ndarray:
        """The last values of a column as a table, one hyperparameter down, one across.

        NaN stands for a model that diverged.  Where several models share a cell (more
        hyperparameters, or seeds) their mean is shown, and NaN if one of them diverged.
        """
        cells = self.to_frame().groupby([rows, columns])[column]
        return cells.apply(lambda shared: shared.mean(skipna=False)).unstack().to_numpy()

    def _last(self, column: str) -> np.ndarray:
        if column not in self._columns:
            raise KeyError(
                f"no column {column!r}. Columns: {', '.join(self._columns) or 'none yet'}."
            )
        return self._columns[column][-1]

    def __repr__(self) -> str:
        ending = "" if self.epoch else "; it trains as you loop over it, or all at once with .run()"
        return (
            f"<Sweep: {len(self.models)} models in {len(self._blocks)} blocks, epoch {self.epoch} "
            f"of {self.epochs} done, {len(self.diverged)} diverged{ending}>"
        )


@explains_keywords
def sweep(
    network: Network,
    X,
    y,
    grid: Mapping[str, Sequence] | Sequence[Mapping],
    *,
    optimizer: optimizers.Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    threads: int | None = None,
    processes: int | None = None,
    block_size: int | None = None,
    loss: str | losses.Loss = "cross_entropy",
    validation: tuple | None = None,
    monitor: Mapping[str, tuple] | None = None,
    schedule: Callable[[float], float] | None = None,
    clip_norm: float | None = None,
    shuffle: bool = True,
    sample_weight=None,
    allow: str | Iterable[str] = (),
) -> Sweep:
    """Prepare the training of many networks; loop over what is returned, or call its ``run()``.

    Each model ends as the same network trained alone would, with the same seed, to rounding.

    Parameters
    ----------
    network : Network
        Describes the models: layers, activations, initializers, dtype.  Its own numbers are
        neither used nor changed.
    X, y : arrays (n, d_0) and (n,) or (n, d_L)
    grid : dict of str -> list, or list of dict
        A dict makes every combination; a list names the models one by one.  Hyperparameters:
        "learning_rate"; "l2", "l1" (strengths); "seed" (weights and order of the rows, default
        0); "batch_size"; "hidden" (widths of the hidden Dense layers, a tuple).
    optimizer : Optimizer, default SGD
        Its settings serve for all; "learning_rate" in the grid replaces its own.
    epochs, batch_size : as for `nnlib.train`
    threads : int, optional
        Blocks trained side by side; default: the cores there are, or fewer if the models are too
        small to keep them busy.  For `Sweep.run` in an executor, the number of its workers.
    processes : int, optional
        Processes in which `Sweep.run` trains the blocks; 0: none, it stays in threads.  Default:
        none if ``threads`` are given; else a sweep of more than some seconds chooses by itself
        (see Notes).  Needs joblib, which comes with scikit-learn.
    block_size : int, optional
        Most models in a block; default: what a core's cache holds, and a block for each thread.
    loss, validation, monitor, schedule, clip_norm, shuffle, sample_weight, allow
        As for `nnlib.train`.

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError, TypeError
        If an argument does not make sense: now, before anything is trained.
    ImportError
        If ``processes`` are asked for, and there is no joblib.

    Notes
    -----
    Threads take turns at Python's interpreter; processes do not, but take a moment to start.
    So a sweep takes a process for each ``processes.WORK_A_PROCESS`` that there is to do, if there
    are cores and models for two.  The models are laid out in the same blocks whichever is chosen,
    so the results are the same, bit for bit.  It stays in threads where somebody might notice: with
    a layer, loss or schedule of your own (which may print, or count), and in a thread or a process
    that is itself one of several workers.  A loop over the sweep always trains in threads.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}.")
    models = _list_models(grid)
    X, validation, monitor = _in_type_of(network, X, validation, monitor)
    rows = len(X) if batch_size is None else checks.check_int("batch_size", batch_size)
    sizes = [size_of(network, model, rows) for model in models]
    optimizer, epochs = optimizers.get(optimizer), checks.check_int("epochs", epochs)
    if processes is not None and checks.check_int("processes", processes, 0) > 1:
        check_joblib()
    if threads is None:
        threads = workers = threads_for(sum(sizes))
        steps = [-(-len(X) // model.get("batch_size", rows)) for model in models]
        work = float(sum(size * count for size, count in zip(sizes, steps, strict=True)))
        count = processes_for(work * epochs, len(models))
        if 1 < count >= threads and may_leave(network, optimizer, loss, schedule):
            workers = count
        else:
            work = 0.0
        workers = max(workers, processes or 0)
    else:
        threads = workers = checks.check_int("threads", threads)
        work = 0.0  # told to train in threads

    def new_block(numbers: list[int]) -> Block:
        chosen = [models[k] for k in numbers]
        seeds = [model.get("seed", 0) for model in chosen]
        one_seed = len(set(seeds)) == 1
        settings = optimizer.config()
        settings["learning_rate"] = np.array(
            [model.get("learning_rate", settings["learning_rate"]) for model in chosen]
        )
        penalties = [
            kind([model.get(name, 0.0) for model in chosen])
            for name, kind in (("l1", regularizers.L1), ("l2", regularizers.L2))
            if any(model.get(name) for model in chosen)
        ]
        run = train(
            _networks(network, chosen[0].get("hidden"), seeds),
            X,
            y,
            optimizer=type(optimizer)(**settings),
            regularizer=penalties,
            seed=seeds[0] if one_seed else seeds,
            epochs=epochs,
            batch_size=chosen[0].get("batch_size", batch_size),
            loss=loss,
            validation=validation,
            monitor=monitor,
            schedule=schedule,
            clip_norm=clip_norm,
            shuffle=shuffle,
            sample_weight=sample_weight,
            allow=allow,
        )
        return Block(numbers, run)

    blocks = [new_block(part) for part in assign_to_blocks(models, sizes, workers, block_size)]
    return Sweep(models, blocks, epochs, threads, processes, work)


def _list_models(grid) -> list[dict]:
    if isinstance(grid, Mapping):
        for name, values in grid.items():
            if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
                raise TypeError(f"grid[{name!r}] must be a list of values, got {values!r}.")
        grid = [
            dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
        ]
    models = [dict(model) for model in grid]
    if not models:
        raise ValueError("the grid is empty: give at least one model, such as {'l2': [0, 0.01]}.")
    for model in models:
        for name, value in model.items():
            checks.check_choice("hyperparameter of the grid", name, HYPERPARAMETERS)
            if name == "learning_rate":
                checks.check_scalar(name, value, open_low=True)
            elif name in ("l1", "l2"):
                checks.check_scalar(name, value)
            elif name == "seed":
                checks.check_int(name, value, 0)
            elif name == "batch_size":
                checks.check_int(name, value)
            else:
                model[name] = tuple(
                    checks.check_int("hidden width", w) for w in np.atleast_1d(value).tolist()
                )
    return models


def _in_type_of(network: Network, X, validation, monitor) -> tuple:
    """The rows in the network's type, converted once: otherwise each block would hold a copy."""

    def converted(pair, name):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            return pair  # `train` says what is wrong
        rows = checks.check_inputs(pair[0], network.inputs, f"X of {name}", network.dtype)
        return rows, pair[1]

    if validation is not None:
        validation = converted(validation, "validation")
    if isinstance(monitor, Mapping):
        monitor = {name: converted(pair, name) for name, pair in monitor.items()}
    return checks.check_inputs(X, network.inputs, dtype=network.dtype), validation, monitor


def _networks(template: Network, hidden, seeds) -> Network:
    """The networks of one block: each as ``Network(..., seed=its seed)`` alone would start."""
    layers = template.unbound_layers()
    if hidden is not None:
        dense = [layer for layer in layers[:-1] if isinstance(layer, Dense)]
        if len(dense) != len(hidden):
            raise ValueError(
                f"hidden must name the width of each hidden Dense layer ({len(dense)}), "
                f"got {hidden}."
            )
        for layer, width in zip(dense, hidden, strict=True):
            layer.width = width
    distinct = list(dict.fromkeys(seeds))
    started = Network(template.inputs, layers, seed=distinct, dtype=template.dtype)
    return started.take([distinct.index(seed) for seed in seeds])
