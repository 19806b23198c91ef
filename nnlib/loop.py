"""Loop: the iterator that trains.  One turn of it is one step, and whoever loops is in charge.

    rows -> network.forward -> loss -> network.backward -> optimizer.step -> history

A progress bar, a widget, an early stop or a test drives it from outside, and can leave at any time
with the network intact.  `Training._learn` holds the lines that this course is about.

Not here: making a run (``training``), what is learnt (``network``), what a step is
(``optimizers``), leaving a run and coming back to it (``snapshots``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnlib import checks, optimizers
from nnlib.arguments import Data, Settings, check_batches
from nnlib.fast import backward_of, loss_function_of, one_thread_if_small
from nnlib.history import History
from nnlib.network import Network
from nnlib.snapshots import Snapshots
from nnlib.stopping import Best


class Step(NamedTuple):
    """One step of training, as the loop sees it.  For M networks the numbers are (M,)."""

    epoch: int  # from 1
    batch: int  # from 1, within the epoch
    steps: int  # since the start
    loss: float | np.ndarray  # of this batch, before the step
    cost: float | np.ndarray  # with the penalties
    epoch_end: bool  # the history has a new row


class Diverged(ArithmeticError):
    """A step would leave the range of floating-point numbers."""


class Training(Snapshots):
    """The iterator that `train` returns.

    Attributes
    ----------
    network, optimizer, history
        What is trained, by whom, and what was written down.  ``optimizer.learning_rate`` may
        be changed between two steps.
    epochs : int
        When to stop; may be raised to go on.
    steps : int
        Steps done.
    stopped_because : str or None
        Why the loop ended, in words.
    """

    def __init__(self, network: Network, data: Data, settings: Settings):
        self.network = network
        self.loss = settings.loss
        self.optimizer = settings.optimizer
        self.epochs = settings.epochs
        self.batch_size = settings.batch_size
        self.early_stopping = settings.early_stopping
        self.schedule = settings.schedule
        self.clip_norm = settings.clip_norm
        self.shuffle = settings.shuffle
        self.history = History()
        self.steps = 0
        self._X, self._T, self._weights = data
        self._monitored: dict[str, tuple] = settings.monitored
        self._penalties = settings.penalties
        self._rngs = settings.rngs
        self._batches = settings.batches
        self._loss_and_gradient = loss_function_of(self.loss)
        self._backward = backward_of(network)
        self._reason: str | None = None
        self._order: list[np.ndarray] = []  # the epoch's batches: arrays of row numbers
        self._batch = 0  # how many of them are done
        self._seen: list[tuple] = []  # loss, cost and rows of each of them
        self._best: Best | None = None

    # -- the loop ----------------------------------------------------------------------

    def __iter__(self) -> Training:
        return self

    def __next__(self) -> Step:
        if self._order and self._batch == len(self._order):
            self._end_epoch()  # an interrupt came while the epoch was being measured
        epoch = self.epoch + 1
        if self._reason is not None or epoch > self.epochs:
            raise StopIteration
        self._begin_epoch()
        rows = self._order[self._batch]
        with one_thread_if_small(self.network, rows.shape[-1]):  # the body of the loop has them all
            return self._take_step(epoch, rows)

    def _take_step(self, epoch: int, rows: np.ndarray) -> Step:
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # divergence is named, not warned of
                loss, cost = self._learn(rows)
        except Diverged as reason:
            cure = "Lower the learning rate" if self.steps else "Scale the inputs"
            self.stopped_because = (
                f"diverged in epoch {epoch}, batch {self._batch + 1}: {reason}. {cure}"
            )
            raise StopIteration from None
        self._batch += 1
        self.steps += 1
        epoch_end = self._batch == len(self._order)
        step = Step(epoch, self._batch, self.steps, loss, cost, epoch_end)
        if epoch_end:
            self._end_epoch()
        return step

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.history.epochs

    @property
    def stopped_because(self) -> str | None:
        """Why the loop has ended, in words (None: it has not)."""
        if self._reason is None and self.epoch >= self.epochs:
            return f"all {self.epochs} epochs are done"  # until `epochs` is raised
        return self._reason

    @stopped_because.setter
    def stopped_because(self, reason: str | None) -> None:
        self._reason = reason

    def remaining_batches(self) -> list[np.ndarray]:
        """The row numbers of each batch left in this epoch (of the next one, if none is)."""
        if self.epoch >= self.epochs:
            return []
        self._begin_epoch()
        return self._order[self._batch :]

    def _begin_epoch(self) -> None:
        if not self._order:
            self._order = self._draw_epoch()

    def _learn(self, rows: np.ndarray):
        """One step on these rows: the lines that everything else is about."""
        network, share = self.network, self._shares(rows)
        X, T = self._X.take(rows, axis=0), self._T.take(rows, axis=0)  # X[rows]: 5 % of a step more
        output = network._forward(X, training=True)
        loss, gradient = self._loss_and_gradient(output, T, share)
        self._backward(network, gradient)  # network.backward(gradient), its sums as products
        cost = loss
        for penalty in self._penalties:
            cost = cost + penalty.value(network.theta)
            penalty.add_gradient(network.theta, network.grad)
        if self.clip_norm is not None:
            optimizers.clip_by_norm(network.grad, self.clip_norm)
        self._check_finite(cost)
        self.optimizer.step(network.theta, network.grad, self._factor(), network.decayed)
        self._seen.append((loss, cost, rows.shape[-1]))
        return loss, cost

    def _shares(self, rows: np.ndarray):
        """Each row's part of the batch's mean: 1/B, or its weight over the batch's weights."""
        if self._weights is None:
            return 1 / rows.shape[-1]
        weights = self._weights[rows]
        total = weights.sum(axis=-1, keepdims=True)
        return weights / np.where(total > 0, total, 1)  # all 0: only the penalties count

    def _check_finite(self, cost) -> None:
        """Stop before a step that would spoil the parameters of a single network."""
        grad = self.network.grad
        if not self.network.lead and not np.isfinite(cost + grad @ grad):
            raise Diverged(
                f"the cost is {cost:.3g}, the largest derivative {np.abs(grad).max():.3g}"
            )

    def _factor(self) -> float:
        if self.schedule is None:
            return 1.0
        factor = self.schedule(self.epoch + self._batch / len(self._order))
        return checks.check_scalar("the schedule's factor", factor)

    def _draw_epoch(self) -> list[np.ndarray]:
        """The epoch's batches: every row once, the last batch possibly smaller."""
        if self._batches is not None:
            return check_batches(self._batches(self.epoch), len(self._X), self.network.lead)
        n = len(self._X)
        if not self.shuffle:
            order = np.arange(n)
        elif len(self._rngs) == 1:
            order = self._rngs[0].permutation(n)
        else:  # each network has an order of its own
            order = np.stack([rng.permutation(n) for rng in self._rngs])
        return [order[..., i : i + self.batch_size] for i in range(0, n, self.batch_size)]

    def _end_epoch(self) -> None:
        loss, cost, rows = (np.array(column, float) for column in zip(*self._seen, strict=True))
        with np.errstate(over="ignore", invalid="ignore"):
            means = {"loss": rows @ loss / rows.sum(), "cost": rows @ cost / rows.sum()}
            row = {name: _plain(mean) for name, mean in means.items()}
            for name, (X, T) in self._monitored.items():
                row |= self._measure(name, X, T)
        self.history.add(**row)
        self._order, self._seen, self._batch = [], [], 0
        if self.early_stopping is not None:
            self._consider_stopping()

    def _measure(self, name, X, T) -> dict:
        output = self.network._apply(X)
        row = {f"{name}_loss": _plain(self._loss_and_gradient(output, T, 1 / len(X))[0])}
        right = self.network.reading.correct(output, T)
        if right is not None:
            row[f"{name}_accuracy"] = _plain(right.mean(axis=-1))
        return row

    def _consider_stopping(self) -> None:
        stopping = self.early_stopping
        value = stopping.value(self.history)
        if self._best is None or stopping.better(value, self._best.value):
            state = self.network.state() if stopping.restore else None
            self._best = Best(value, self.epoch, state)
        elif self.epoch - self._best.epoch >= stopping.patience:
            self.stopped_because = (
                f"{stopping.monitor} has not got better for {stopping.patience} epochs; "
                f"its best was epoch {self._best.epoch}"
            )
            self.restore_best()

    def restore_best(self) -> None:
        """Give the network back what it was in its best epoch, where early stopping kept that."""
        if self._best is not None and self._best.network is not None:
            self.network.set_state(self._best.network)

    def __repr__(self) -> str:
        losses_seen = self.history.columns.get("loss", [])
        seen = f", loss {np.mean(losses_seen[-1]):.4g}" if losses_seen else ""
        batch = f", batch {self._batch} of {len(self._order)}" if self._order else ""
        ending = self.stopped_because or "it trains as you loop over it: for step in run: ..."
        return f"<Training: epoch {self.epoch} of {self.epochs} done{batch}{seen}; {ending}>"


def _plain(value: np.ndarray):
    return float(value) if np.ndim(value) == 0 else value
