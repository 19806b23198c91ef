"""Training: one turn of a loop is one step, and whoever loops is in charge.

    rows -> network.forward -> loss -> network.backward -> optimizer.step -> history

``train`` returns a `Training` to loop over.  A progress bar, a widget, an early stop or a test
drives it from outside, and can leave at any time with the network intact; ``fit`` runs it to the
end.  `Training._learn` holds the lines that this course is about.

Not here: checking what training is given (``arguments``), what is learnt (``network``), what a
step is (``optimizers``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from nnlib import checks, losses, optimizers
from nnlib.arguments import Data, Settings, check_arguments, check_batches
from nnlib.fast import keep_freed_memory, one_thread_if_small, rule_of
from nnlib.history import History, sign_of
from nnlib.keywords import explains_keywords
from nnlib.network import Network
from nnlib.progress import progress_bar
from nnlib.stopping import EarlyStopping


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
        self._rule = rule_of(self.loss, len(network.rngs))
        self._reason: str | None = None
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
        self._begin_epoch()
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
        network = self.network
        share = 1 / rows.shape[-1]
        if self._weights is not None:
            share = self._weights[rows]
            total = share.sum(axis=-1, keepdims=True)
            share = share / np.where(total > 0, total, 1)  # all 0: only the penalties count
        X, T = self._X.take(rows, axis=0), self._T.take(rows, axis=0)  # X[rows]: 5 % of a step more
        output = network._forward(X, training=True)
        loss, gradient = self._rule(output, T, share)
        network.backward(gradient)
        cost = loss
        for penalty in self._penalties:
            cost = cost + penalty.value(network.theta)
            penalty.add_gradient(network.theta, network.grad)
        if self.clip_norm is not None:
            optimizers.clip_by_norm(network.grad, self.clip_norm)
        if not network.lead and not np.isfinite(cost + network.grad @ network.grad):
            # Stop before a step that would spoil the parameters.
            raise Diverged(
                f"the cost is {cost:.3g}, the largest derivative {np.abs(network.grad).max():.3g}"
            )
        self.optimizer.step(network.theta, network.grad, self._factor(), network.decayed)
        self._seen.append((loss, cost, rows.shape[-1]))
        return loss, cost

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
        row = {f"{name}_loss": _plain(self._rule(output, T, 1 / len(X))[0])}
        right = self.network.reading.correct(output, T)
        if right is not None:
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

    def __repr__(self) -> str:
        losses_seen = self.history.columns.get("loss", [])
        seen = f", loss {np.mean(losses_seen[-1]):.4g}" if losses_seen else ""
        batch = f", batch {self._batch} of {len(self._order)}" if self._order else ""
        ending = self.stopped_because or "it trains as you loop over it: for step in run: ..."
        return f"<Training: epoch {self.epoch} of {self.epochs} done{batch}{seen}; {ending}>"


def _plain(value: np.ndarray):
    return float(value) if np.ndim(value) == 0 else value


@explains_keywords
def train(
    network: Network,
    X,
    y,
    *,
    loss: str | losses.Loss = "cross_entropy",
    optimizer: optimizers.Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    regularizer=None,
    validation: tuple | None = None,
    monitor: Mapping[str, tuple] | None = None,
    early_stopping: EarlyStopping | None = None,
    schedule: Callable[[float], float] | None = None,
    clip_norm: float | None = None,
    shuffle: bool = True,
    seed=0,
    batches: Callable[[int], Iterable] | None = None,
    sample_weight=None,
    allow: str | Iterable[str] = (),
) -> Training:
    """Prepare a run; each turn of a loop over what is returned is one step.

    Parameters
    ----------
    network : Network
        Is changed as the loop goes on.
    X : array (n, d_0)
        Rows are examples.
    y : array (n,) or (n, d_L)
        Targets: see the loss.  Names of classes (text) are numbered in alphabetical order, and
        `Network.predict` gives them back.
    loss : str or Loss, default "cross_entropy"
        "cross_entropy", "binary_cross_entropy" or "mse".  The network remembers it.
    optimizer : Optimizer, default SGD(0.1)
        The rule of the step, and its learning rate.
    epochs : int, default 100
        How often every row is seen.
    batch_size : int or None
        Rows a step; None takes all.  A last smaller batch is used, not dropped.
    regularizer : L1, L2 or list of them
        Penalties on the weights, added to the cost.
    validation : tuple (X, y)
        Measured at the end of each epoch; columns "validation_..." of the history.
    monitor : dict of str -> (X, y)
        More data sets to measure, by name.
    early_stopping : EarlyStopping
        Ends the run when a column of the history no longer gets better.
    schedule : function
        Epochs done (float) -> factor of the learning rate: see ``schedules``.
    clip_norm : float
        Greatest length of the gradient.
    shuffle : bool, default True
        A new order each epoch.
    seed : int or Generator, or a list of K of them
        Where the order comes from.  A list gives each of K networks its own.
    batches : function
        Epoch (from 0) -> the batches, as arrays of row numbers, in place of ``batch_size``,
        ``shuffle`` and ``seed``: to follow the order of a published run.
    sample_weight : array (n,)
        Weight of each row in the mean.
    allow : str or list of str
        Names a mistake that is meant: "softmax output" (or sigmoid, tanh, relu) lets the last
        layer have that activation under a loss that takes logits.

    Returns
    -------
    Training
        An iterator over `Step`.

    Raises
    ------
    ValueError, TypeError
        If an argument does not make sense: now, before anything changes.

    Notes
    -----
    The defaults, plain gradient descent on all rows at once, are the simplest there are, not the
    best: most tasks go faster with ``batch_size=32`` and ``optimizer=Adam()``.
    """
    data, settings = check_arguments(
        network, X, y,
        loss=loss, optimizer=optimizer, epochs=epochs, batch_size=batch_size,
        regularizer=regularizer, validation=validation, monitor=monitor,
        early_stopping=early_stopping, schedule=schedule, clip_norm=clip_norm,
        shuffle=shuffle, seed=seed, batches=batches, sample_weight=sample_weight,
        allow=allow,
    )  # fmt: skip
    keep_freed_memory()
    run = Training(network, data, settings)
    network.learn_reading(settings.loss, data.T, settings.classes)
    return run


@explains_keywords
def fit(
    network: Network,
    X,
    y,
    *,
    loss: str | losses.Loss = "cross_entropy",
    optimizer: optimizers.Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    regularizer=None,
    validation: tuple | None = None,
    monitor: Mapping[str, tuple] | None = None,
    early_stopping: EarlyStopping | None = None,
    schedule: Callable[[float], float] | None = None,
    clip_norm: float | None = None,
    shuffle: bool = True,
    seed=0,
    batches: Callable[[int], Iterable] | None = None,
    sample_weight=None,
    allow: str | Iterable[str] = (),
    progress: bool | None = None,
) -> History:
    """Train to the end and return the history; the arguments are those of `train`.

    Parameters
    ----------
    progress : bool or None
        Show a bar (if tqdm is installed).  None: once it has taken two seconds.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]
    >>> network = Network(2, [Dense(8, "tanh"), Dense(2)], seed=0)
    >>> history = fit(network, X, y, epochs=500, optimizer=SGD(0.5))
    >>> network.predict(X).tolist()
    ['no', 'yes', 'yes', 'no']

    Notes
    -----
    A small network is trained on one thread of BLAS (see ``fast.SMALL_PRODUCT``): on a busy
    machine more of them take ten times as long.

    Interrupting (Ctrl-C, or the notebook's stop button) ends the run and returns the
    history so far; the network keeps what it has learnt.  A run of one network that
    diverges warns and stops before the parameters are spoilt; of several, those that diverge go on
    as NaN, and the others are not disturbed.
    """
    run = train(
        network, X, y,
        loss=loss, optimizer=optimizer, epochs=epochs, batch_size=batch_size,
        regularizer=regularizer, validation=validation, monitor=monitor,
        early_stopping=early_stopping, schedule=schedule, clip_norm=clip_norm,
        shuffle=shuffle, seed=seed, batches=batches, sample_weight=sample_weight,
        allow=allow,
    )  # fmt: skip
    try:
        limit = one_thread_if_small(network, run.batch_size)
        with limit, progress_bar(run.epochs, progress) as bar:
            for step in run:
                if step.epoch_end:
                    bar.update()
                    loss = np.mean(run.history.columns["loss"][-1])
                    bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
    except KeyboardInterrupt:
        run.stopped_because = f"interrupted by hand in epoch {run.epoch + 1}"
    diverged = "diverged" in run.stopped_because
    if run.epoch == run.epochs or diverged:
        run.restore_best()
    if diverged:
        warnings.warn(f"training {run.stopped_because}.", RuntimeWarning, stacklevel=2)
    run.history.stopped_because = run.stopped_because
    return run.history
