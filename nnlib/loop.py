"""The loop: one turn is one step of training, and whoever loops is in charge.

    rows -> network.forward -> loss -> network.backward -> optimizer.step -> history

A progress bar, a widget, an early stop or a test drives it from outside, and can leave at any
time with the network intact.  `Training._learn` is the heart of it, and of this course.

Not here: checking what the loop is given (``training``), what is learnt (``network``), what a
step is (``optimizers``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnlib import checks, losses, optimizers
from nnlib.history import History, sign_of
from nnlib.network import Network


def _keep_freed_memory() -> None:
    """Let the C library keep the memory that one step frees and the next one asks for.

    glibc gives freed memory back to the system above a limit, and each step then gets it anew, page
    by page.  The limit rises with the largest block ever freed (M_MMAP_THRESHOLD in mallopt(3)),
    here one of 32 MB that is never touched: a grid of 49 networks takes a third less time on one
    core, one network on the digits a quarter.  With other C libraries this does nothing.
    """
    np.empty(4_000_000)


_keep_freed_memory()


class Step(NamedTuple):
    """One step of training, as the loop sees it.  For K networks the numbers are (K,)."""

    epoch: int  # from 1
    batch: int  # from 1, within the epoch
    steps: int  # since the start
    loss: float | np.ndarray  # of this batch, before the step
    cost: float | np.ndarray  # with the penalties
    epoch_end: bool  # the history has a new row


class Diverged(ArithmeticError):
    """A step would leave the range of floating-point numbers."""


class Training:
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

    def __init__(self, network, data, loss, optimizer, epochs, batch_size, penalties, watched,
                 early_stopping, schedule, clip_norm, shuffle, rngs, batches):  # fmt: skip
        self.network: Network = network
        self.loss: losses.Loss = loss
        self.optimizer: optimizers.Optimizer = optimizer
        self.epochs: int = epochs
        self.batch_size: int = batch_size
        self.early_stopping = early_stopping
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.history = History()
        self._reason: str | None = None
        self.steps = 0
        self._X, self._T, self._weights = data
        self._penalties = penalties
        self._watched = watched
        self._rngs = rngs
        self._batches = batches
        self._order: list[np.ndarray] = []  # the epoch's batches: arrays of row numbers
        self._batch = 0  # how many of them are done
        self._seen: list[tuple] = []  # loss, cost and rows of each of them
        self._best: dict | None = None

    # -- the loop ----------------------------------------------------------------------

    def __iter__(self) -> Training:
        return self

    def __next__(self) -> Step:
        if self._order and self._batch == len(self._order):
            self._end_epoch()  # an interrupt came while the epoch was being measured
        epoch = self.epoch + 1
        if self._reason is not None or epoch > self.epochs:
            raise StopIteration
        self._open_epoch()
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # divergence is named, not warned of
                loss, cost = self._learn(self._order[self._batch])
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

    def coming_batches(self) -> list[np.ndarray]:
        """The row numbers of each batch left in this epoch (of the next one, if none is)."""
        if self.epoch >= self.epochs:
            return []
        self._open_epoch()
        return self._order[self._batch :]

    def _open_epoch(self) -> None:
        if not self._order:
            self._order = self._draw_epoch()

    def _learn(self, rows: np.ndarray):
        """One step on these rows: the lines that everything else is about."""
        network = self.network
        share = 1 / rows.shape[-1]
        if self._weights is not None:
            share = self._weights[rows]
            total = share.sum(axis=-1, keepdims=True)
            share = share / np.where(total > 0, total, 1)  # all 0: only the penalties count
        X, T = self._X.take(rows, axis=0), self._T.take(rows, axis=0)  # X[rows]: 5 % of a step more
        output = network.forward(X)
        loss, slope = self.loss.value_and_slope(output, T, share)
        network.backward(slope)
        cost = loss
        for penalty in self._penalties:
            cost = cost + penalty.charge(network.theta, network.grad)
        if self.clip_norm is not None:
            optimizers.clip_by_norm(network.grad, self.clip_norm)
        if not network.lead and not np.isfinite(cost + network.grad @ network.grad):
            # Stop before a step that would spoil the parameters.
            raise Diverged(
                f"the cost is {cost:.3g}, the largest slope {np.abs(network.grad).max():.3g}"
            )
        self.optimizer.step(network.theta, network.grad, self._factor())
        self._seen.append((loss, cost, rows.shape[-1]))
        return loss, cost

    def _factor(self) -> float:
        if self.schedule is None:
            return 1.0
        factor = self.schedule(self.epoch + self._batch / len(self._order))
        return checks.number("the schedule's factor", factor)

    def _draw_epoch(self) -> list[np.ndarray]:
        """The epoch's batches: every row once, the last batch possibly smaller."""
        if self._batches is not None:
            return _check_batches(self._batches(self.epoch), len(self._X), self.network.lead)
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
            for name, (X, T, labels) in self._watched.items():
                row |= self._measure(name, X, T, labels)
        self.history.add(**row)
        self._order, self._seen, self._batch = [], [], 0
        if self.early_stopping is not None:
            self._consider_stopping()

    def _measure(self, name, X, T, labels) -> dict:
        output = self.network.evaluate(X)
        row = {f"{name}_loss": _plain(self.loss.value_and_slope(output, T, 1 / len(X))[0])}
        if labels is not None:
            right = hits(output, labels, self.loss)
            row[f"{name}_accuracy"] = _plain(right.mean(axis=-1))
        return row

    def _consider_stopping(self) -> None:
        stopping = self.early_stopping
        value = sign_of(stopping.monitor) * self.history.columns[stopping.monitor][-1]
        value = np.inf if np.isnan(value) else value
        if self._best is None or value < self._best["value"] - stopping.min_delta:
            state = self.network.state() if stopping.restore else None
            self._best = {"value": value, "epoch": self.epoch, "network": state}
        elif self.epoch - self._best["epoch"] >= stopping.patience:
            self.stopped_because = (
                f"{stopping.monitor} has not got better for {stopping.patience} epochs; "
                f"its best was epoch {self._best['epoch']}"
            )
            self.restore_best()

    def restore_best(self) -> None:
        """Give the network back what it was in its best epoch, where early stopping kept that."""
        if self._best is not None and self._best["network"] is not None:
            self.network.set_state(self._best["network"])

    # -- leaving and coming back -------------------------------------------------------------

    def snapshot(self) -> dict:
        """A copy of everything that the next steps depend on: see `restore`."""
        return {
            "network": self.network.state(),
            "memory": {name: a.copy() for name, a in self.optimizer.memory.items()},
            "optimizer_steps": self.optimizer.steps,
            "learning_rate": np.copy(self.optimizer.learning_rate).tolist(),
            "rngs": [rng.bit_generator.state for rng in self._rngs],
            "order": list(self._order),
            "batch": self._batch,
            "steps": self.steps,
            "seen": list(self._seen),
            "history": self.history.copy().columns,
            "best": self._best,
            "stopped_because": self._reason,
        }

    def restore(self, snapshot: dict) -> None:
        """Go back to a `snapshot`: what follows is, bit for bit, what followed then."""
        self.network.set_state(snapshot["network"])
        self.optimizer.memory = {name: a.copy() for name, a in snapshot["memory"].items()}
        self.optimizer.steps = snapshot["optimizer_steps"]
        self.optimizer.learning_rate = snapshot["learning_rate"]
        for rng, state in zip(self._rngs, snapshot["rngs"], strict=True):
            rng.bit_generator.state = state
        self._order = list(snapshot["order"])
        self._batch = snapshot["batch"]
        self.steps = snapshot["steps"]
        self._seen = [tuple(row) for row in snapshot["seen"]]
        self.history = History(snapshot["history"]).copy()
        self._best = snapshot["best"]
        self._reason = snapshot["stopped_because"]

    def keep(self, networks) -> None:
        """Go on with only these of the K networks (their numbers from 0, in order)."""
        if not self.network.lead:
            raise TypeError("this is the training of a single network: there are none to drop.")
        networks = np.asarray(networks)
        self.network = self.network.take(networks)
        self.optimizer.memory = {n: a[networks] for n, a in self.optimizer.memory.items()}
        if np.ndim(self.optimizer.learning_rate):
            self.optimizer.learning_rate = self.optimizer.learning_rate[networks]
        self._penalties = tuple(p.keep(networks, self.network) for p in self._penalties)
        self._seen = [(loss[networks], cost[networks], rows) for loss, cost, rows in self._seen]
        self._order = [rows if rows.ndim == 1 else rows[networks] for rows in self._order]
        if len(self._rngs) > 1:
            self._rngs = tuple(self._rngs[k] for k in networks)
        for column in self.history.columns.values():
            column[:] = [row[networks] for row in column]

    def save(self, path) -> None:
        """Write network and training to one ``.npz`` file: see `nnlib.resume`."""
        from nnlib.storage import save_training

        save_training(path, self)

    def __repr__(self) -> str:
        losses_seen = self.history.columns.get("loss", [])
        seen = f", loss {np.mean(losses_seen[-1]):.4g}" if losses_seen else ""
        batch = f", batch {self._batch} of {len(self._order)}" if self._order else ""
        ending = self.stopped_because or "it trains as you loop over it: for step in run: ..."
        return f"<Training: epoch {self.epoch} of {self.epochs} done{batch}{seen}; {ending}>"


def hits(output: np.ndarray, labels: np.ndarray, loss: losses.Loss) -> np.ndarray:
    """Whether each row is right, (n,) or (K, n); a row of several labels only if all are.

    ``labels`` is (n,) class numbers for several outputs, or (n, K) of 0 and 1 for
    binary_cross_entropy.
    """
    if labels.ndim == 1:
        return output.argmax(axis=-1) == labels
    return ((output > 0) == (labels > 0.5)).all(axis=-1)


def _check_batches(batches, n: int, lead: tuple[int, ...]) -> list[np.ndarray]:
    batches = [np.asarray(rows) for rows in batches]
    for rows in batches:
        fits = rows.shape[:-1] in ((), lead) and rows.size > 0 and rows.dtype.kind in "iu"
        if not fits or rows.ndim == 0 or rows.min() < 0 or rows.max() >= n:
            raise ValueError(
                f"batches must yield arrays (n,) of row numbers from 0 to {n - 1}, got "
                f"{type(rows).__name__} of shape {rows.shape}, dtype {rows.dtype}: {rows!r:.60}. "
                "The function takes the epoch (from 0) and gives its batches."
            )
    if not batches:
        raise ValueError("batches yielded nothing for this epoch: give at least one batch.")
    return batches


def _plain(value: np.ndarray):
    return float(value) if np.ndim(value) == 0 else value
