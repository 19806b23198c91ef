"""Blocks: models that train together, as one `Network` with a leading axis.

A block is at most as large as a core's cache, and blocks are trained side by side: on threads
(NumPy lets go of the interpreter in its products), or wherever an executor puts them.  A model
that diverges is trained no further.

Not here: what the models are, and what becomes of their curves (``sweeps``); processes of our own
(``processes``).
"""

from __future__ import annotations

import itertools
import math
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nnlib import checks
from nnlib.fast import ONE_THREAD
from nnlib.network import Network
from nnlib.training import Training

if TYPE_CHECKING:
    from concurrent.futures import Executor

# Parameters and activations of a block should stay in a core's cache while it trains.
BLOCK_BYTES = 4_000_000

# Threads take turns at Python's interpreter.  The more there are, the longer each must compute
# between its turns: k of them pay from k² times these bytes on, all models together.  (Two threads
# took twice as long as one for 4 networks 64-50-10, a little longer for 12, two thirds for 49.)
THREAD_BYTES = 300_000


class Block:
    """Models of one shape that train together."""

    def __init__(self, numbers: list[int], run: Training):
        self.alive = np.array(numbers)
        self.run = run
        self.rows: list[tuple[np.ndarray, dict]] = []
        self.diverged: dict[int, tuple[int, str]] = {}
        self.told_to_stop = False

    def train(self, until: int) -> None:
        """Train until so many epochs are done, or all models have diverged."""
        while len(self.rows) < until and self.alive.size and not self.told_to_stop:
            self.train_epoch()

    def train_epoch(self) -> None:
        for step in self.run:
            if step.epoch_end:
                break
        row = {name: column[-1] for name, column in self.run.history.columns.items()}
        self.rows.append((self.alive, row))
        with np.errstate(over="ignore", invalid="ignore"):  # what is looked for is no surprise
            healthy = np.isfinite(row["cost"] + self.run.network.theta.sum(axis=-1))
        if not healthy.all():
            for model in self.alive[~healthy]:
                self.diverged[int(model)] = (step.epoch, "its cost is no longer a finite number")
            self.alive = self.alive[healthy]
            if self.alive.size:
                self.run.keep(np.flatnonzero(healthy))

    def update_from(self, alive, rows, diverged, snapshot) -> None:
        """Become what a copy of this block has become elsewhere (see `train_alone`)."""
        if 0 < alive.size < self.alive.size:
            self.run.keep(np.flatnonzero(np.isin(self.alive, alive)))
        self.alive, self.rows, self.diverged = alive, rows, diverged
        if alive.size:
            self.run.restore(snapshot)


def train_in_threads(blocks: list[Block], until: int, threads: int) -> None:
    """Train all blocks until so many epochs are done, ``threads`` of them side by side."""
    working = [block for block in blocks if block.alive.size]
    if threads == 1 or len(working) < 2:
        for block in working:
            block.train(until)
        return
    from concurrent.futures import ThreadPoolExecutor  # a tenth of the time of `import nnlib`

    with ONE_THREAD, ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(lambda block: block.train(until), working))
        except BaseException:  # Ctrl-C reaches only this thread: the others are told
            for block in working:
                block.told_to_stop = True
            pool.shutdown()  # waits for them
            for block in working:
                block.told_to_stop = False
            raise


def train_in_executor(blocks: list[Block], until: int, executor: Executor) -> None:
    """Train all blocks until so many epochs are done, where the executor puts them."""
    working = [block for block in blocks if block.alive.size]
    trained = executor.map(train_alone, working, [until] * len(working))
    for block, news in zip(working, trained, strict=True):
        block.update_from(*news)


def train_alone(block: Block, until: int) -> tuple:
    """Train a copy of a block in another process; only what has changed is sent back."""
    with ONE_THREAD:
        block.train(until)
    return block.alive, block.rows, block.diverged, block.run.snapshot()


def size_of(network: Network, model: Mapping, rows_a_step: int) -> int:
    """Bytes of one model's weights and activations, gradients included."""
    rows_a_step = model.get("batch_size", rows_a_step)
    widths = [network.inputs, *(model.get("hidden") or network.widths[1:-1]), network.widths[-1]]
    weights = sum(a * b for a, b in itertools.pairwise(widths))
    return 2 * (weights + rows_a_step * sum(widths[1:])) * network.dtype.itemsize


def assign_to_blocks(models, sizes, threads, block_size) -> list[list[int]]:
    """Models for each block: of one shape, a block for each thread, none above the cache."""
    groups: dict[tuple, list[int]] = {}
    for number, model in enumerate(models):
        shape = (model.get("hidden"), model.get("batch_size"))
        groups.setdefault(shape, []).append(number)
    parts = []
    for numbers in groups.values():
        fits = max(1, BLOCK_BYTES // sizes[numbers[0]])
        most = fits if block_size is None else checks.check_int("block_size", block_size)
        share = -(-len(models) // threads)  # a block for each thread, if the cache allows
        count = -(-len(numbers) // min(most, share))
        if len({models[k].get("seed", 0) for k in numbers}) == 1:
            # In turn, as cards are dealt: neighbours in a grid diverge together, and so they leave
            # each block the same work.
            parts += [numbers[first::count] for first in range(count)]
        else:  # neighbours share a seed, and thus the order of the rows, which saves copies
            parts += [part.tolist() for part in np.array_split(numbers, count)]
    return parts


def threads_for(size: int) -> int:
    """How many threads pay for models of so many bytes."""
    return max(1, min(cores(), math.isqrt(size // THREAD_BYTES)))


def cores() -> int:
    if sys.platform == "emscripten":  # the browser's Python has no threads
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
