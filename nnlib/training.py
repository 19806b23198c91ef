"""Training: data flow forwards, slopes flow back, the optimizer steps; again.

``train`` checks everything and returns an iterator; each turn of the loop is one step, so
whoever loops (a progress bar, a widget, an early stop, a test) is in charge and can leave at
any time with the network intact.  ``fit`` loops to the end.

    data -> network.forward -> loss -> network.backward -> optimizer.step -> history

Not here: what is learnt (``network``), what a step is (``optimizers``), drawing (``figures``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from nnlib import checks, losses, optimizers, regularizers
from nnlib.history import History, sign_of
from nnlib.network import Network


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


class EarlyStopping:
    """Stop when a column of the history has not got better for ``patience`` epochs.

    Parameters
    ----------
    patience : int, default 10
    monitor : str, default "validation_loss"
    min_delta : float, default 0
        By how much it must get better to count.
    restore : bool, default True
        Give the network the parameters of its best epoch back.

    Prechelt (1998): his criterion UP, with patience for strips.
    """

    def __init__(
        self,
        patience: int = 10,
        monitor: str = "validation_loss",
        min_delta: float = 0.0,
        restore: bool = True,
    ):
        self.patience = checks.whole("patience", patience)
        self.monitor = monitor
        self.min_delta = checks.number("min_delta", min_delta)
        self.restore = bool(restore)

    def config(self) -> dict:
        return dict(vars(self))


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
        self._sums = np.zeros((3, *network.lead))  # loss, cost, rows of the epoch so far
        self._best: dict | None = None

    # -- the loop ----------------------------------------------------------------------

    def __iter__(self) -> Training:
        return self

    def __next__(self) -> Step:
        if self._order and self._batch == len(self._order):
            self._end_epoch()  # an interrupt came while the epoch was being measured
        if self._reason is not None or self.epoch >= self.epochs:
            raise StopIteration
        self._open_epoch()
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # divergence is named, not warned of
                loss, cost = self._learn(self._order[self._batch])
        except Diverged as reason:
            self.stopped_because = (
                f"diverged in epoch {self.epoch + 1}, batch {self._batch + 1}: {reason}. "
                "Lower the learning rate"
            )
            raise StopIteration from None
        self._batch += 1
        self.steps += 1
        epoch_end = self._batch == len(self._order)
        step = Step(self.epoch + 1, self._batch, self.steps, loss, cost, epoch_end)
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
        """One step on these rows: the six lines that everything else is about."""
        network = self.network
        share = 1 / rows.shape[-1]
        if self._weights is not None:
            share = self._weights[rows]
            total = share.sum(axis=-1, keepdims=True)
            share = share / np.where(total > 0, total, 1)  # all 0: the batch teaches nothing
        output = network.forward(self._X[rows])
        loss, slope = self.loss.value_and_slope(output, self._T[rows], share)
        network.backward(slope)
        cost = loss
        for penalty in self._penalties:
            for W, dW in network.weights():
                cost = cost + penalty.value(W)
                penalty.add_slope(W, dW)
        if self.clip_norm is not None:
            optimizers.clip_by_norm(network.grad, self.clip_norm)
        if not network.lead and not np.isfinite(cost + network.grad @ network.grad):
            # Stop before a step that would spoil the parameters.
            raise Diverged(
                f"the cost is {cost:.3g}, the largest slope {np.abs(network.grad).max():.3g}"
            )
        self.optimizer.step(network.theta, network.grad, self._factor())
        for place, value in enumerate((loss, cost, 1.0)):
            self._sums[place] += value * rows.shape[-1]
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
        loss, cost, rows = self._sums
        row = {"loss": _plain(loss / rows), "cost": _plain(cost / rows)}
        with np.errstate(over="ignore", invalid="ignore"):
            for name, (X, T, labels) in self._watched.items():
                row |= self._measure(name, X, T, labels)
        self.history.add(**row)
        self._order, self._batch = [], 0
        self._sums = np.zeros_like(self._sums)
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
            if stopping.restore:
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
            "sums": self._sums.copy(),
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
        self._sums = snapshot["sums"].copy()
        self.history = History(snapshot["history"]).copy()
        self._best = snapshot["best"]
        self._reason = snapshot["stopped_because"]

    def keep(self, networks) -> None:
        """Go on with only these of the K networks (their numbers from 0, in order)."""
        networks = np.asarray(networks)
        self.network = self.network.take(networks)
        self.optimizer.memory = {n: a[networks] for n, a in self.optimizer.memory.items()}
        if np.ndim(self.optimizer.learning_rate):
            self.optimizer.learning_rate = self.optimizer.learning_rate[networks]
        self._penalties = tuple(p.keep(networks) for p in self._penalties)
        self._sums = self._sums[:, networks]
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
) -> Training:
    """Prepare a training; loop over what is returned to carry it out.

    Parameters
    ----------
    network : Network
        Is changed as the loop goes on.
    X : array (n, d_0)
        Rows are examples.
    y : array (n,) or (n, d_L)
        Targets: see the loss.
    loss : str or Loss, default "cross_entropy"
        "cross_entropy", "binary_cross_entropy" or "mse".
    optimizer : Optimizer, default SGD(0.1)
    epochs : int, default 100
        How often every row is seen.
    batch_size : int or None
        Rows a step; None takes all.  A last smaller batch is used, not dropped.
    regularizer : L1, L2 or list of them
    validation : tuple (X, y)
        Measured at the end of each epoch; columns "validation_..." of the history.
    monitor : dict of str -> (X, y)
        More data sets to measure, by name.
    early_stopping : EarlyStopping
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

    Returns
    -------
    Training
        An iterator over `Step`.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be: now, before anything changes.
    """
    if not isinstance(network, Network):
        raise TypeError(
            f"network must be a Network, got {type(network).__name__} {network!r}. "
            "The order is train(network, X, y)."
        )
    for layer in network.layers:
        if hasattr(layer, "activation"):
            layer.activation.check_slope()
    loss = losses.get(loss)
    several = len(network) if network.lead else None
    optimizer = optimizers.SGD() if optimizer is None else optimizer
    if not isinstance(optimizer, optimizers.Optimizer):
        raise TypeError(
            f"optimizer must be an optimizer such as SGD(0.1), got {optimizer!r}. "
            f"There are {', '.join(optimizers.OPTIMIZERS)}."
        )
    checks.number("learning_rate", optimizer.learning_rate, open_low=True, networks=several)
    _check_memory(optimizer, network)
    X, T, labels = _check_data(network, loss, X, y, "X", "y")
    n = len(X)
    if not isinstance(monitor, Mapping | None):
        raise TypeError(
            f"monitor must be a dict of names and data, got {type(monitor).__name__}. "
            "Write for example monitor={'train': (X, y)}."
        )
    watched = dict(monitor or {})
    if validation is not None:
        watched["validation"] = validation
    for name, pair in watched.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(
                f"{name} must be a pair (X, y), got {type(pair).__name__}"
                f"{f' of {len(pair)}' if isinstance(pair, (tuple, list)) else ''}. "
                f"Write {name}=(X_{name}, y_{name})."
            )
        watched[name] = _check_data(network, loss, *pair, f"X of {name}", f"y of {name}")
    if early_stopping is not None:
        _check_stopping(early_stopping, watched, several)
    if sample_weight is not None:
        losses.shares(sample_weight, n, network.dtype)  # raises if they cannot be
        sample_weight = np.asarray(sample_weight, network.dtype)
    if batch_size is not None and checks.whole("batch_size", batch_size) > n:
        raise ValueError(
            f"batch_size must be at most the number of rows, {n}, got {batch_size}. "
            "None takes all rows at once."
        )
    for name, function in (("schedule", schedule), ("batches", batches)):
        if function is not None and not callable(function):
            raise TypeError(
                f"{name} must be a function of one number, got {type(function).__name__} "
                f"{function!r}. See nnlib.schedules and the description of train."
            )
    seeds = seed if isinstance(seed, (list, tuple, np.ndarray)) else [seed]
    if len(seeds) not in (1, several or 1):
        raise ValueError(
            f"seed must be one seed, or {several or 1}, got {len(seeds)}. "
            "One seed gives all networks the same order of rows."
        )
    penalties = regularizers.as_tuple(regularizer)
    return Training(
        network,
        (X, T, sample_weight),
        loss,
        optimizer,
        checks.whole("epochs", epochs, 0),
        n if batch_size is None else int(batch_size),
        tuple(p.for_networks(network.lead, network.dtype) for p in penalties),
        watched,
        early_stopping,
        schedule,
        None if clip_norm is None else checks.number("clip_norm", clip_norm, open_low=True),
        bool(shuffle),
        tuple(checks.generator(s) for s in seeds),
        batches,
    )


def fit(network: Network, X, y, *, progress: bool | None = None, **arguments) -> History:
    """Train to the end and return the history; the arguments are those of `train`.

    Parameters
    ----------
    progress : bool or None
        Show a bar (if tqdm is installed).  None: once the training has taken two seconds.

    Notes
    -----
    Interrupting (Ctrl-C, or the notebook's stop button) ends the training and returns the
    history so far; the network keeps what it has learnt.  A training that diverges warns and
    stops before the parameters are spoilt.
    """
    run = train(network, X, y, **arguments)
    try:
        with progress_bar(run.epochs, progress) as bar:
            for step in run:
                if step.epoch_end:
                    bar.update()
                    loss = np.mean(run.history.columns["loss"][-1])
                    bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
    except KeyboardInterrupt:
        run.stopped_because = f"interrupted by hand in epoch {run.epoch + 1}"
    if "diverged" in run.stopped_because:
        import warnings

        warnings.warn(f"training {run.stopped_because}.", RuntimeWarning, stacklevel=2)
    run.history.stopped_because = run.stopped_because
    return run.history


def hits(output: np.ndarray, labels: np.ndarray, loss: losses.Loss) -> np.ndarray:
    """Whether each row is right, (n,) or (K, n); a row of several labels only if all are.

    ``labels`` is (n,) class numbers for several outputs, or (n, K) of 0 and 1 for
    binary_cross_entropy.
    """
    if labels.ndim == 1:
        return output.argmax(axis=-1) == labels
    return ((output > 0) == (labels > 0.5)).all(axis=-1)


# -- checks, and small helpers ---------------------------------------------------------------


def _check_data(network, loss, X, y, X_name, y_name):
    """Rows, encoded targets, and what accuracy is counted against (None: nothing)."""
    X = checks.inputs(X, network.inputs, X_name, network.dtype)
    y = checks.targets(y, y_name)
    checks.same_length(X, y, f"{X_name} and {y_name}")
    with np.errstate(over="ignore"):
        T = checks.finite(loss.encode(y, network.widths[-1]).astype(network.dtype), y_name)
    if loss.name == "binary_cross_entropy":
        return X, T, T
    is_classes = network.widths[-1] > 1 and (loss.name == "cross_entropy" or y.ndim == 1)
    return X, T, T.argmax(axis=-1) if is_classes else None


def _check_memory(optimizer, network):
    if optimizer.memory and optimizer.moves is not None and optimizer.moves is not network.theta:
        raise ValueError(
            f"this optimizer remembers the {' and the '.join(optimizer.memory)} of another "
            f"network's training. Make a new {type(optimizer).__name__}(...) for each network."
        )
    for name, array in optimizer.memory.items():
        if array.shape != network.theta.shape:
            raise ValueError(
                f"this optimizer remembers the {name} of a network with parameters of shape "
                f"{array.shape}, this one has {network.theta.shape}. Make a new optimizer."
            )


def _check_stopping(stopping, watched, several):
    if not isinstance(stopping, EarlyStopping):
        raise TypeError(
            f"early_stopping must be EarlyStopping(...), got {type(stopping).__name__} "
            f"{stopping!r}. Write for example EarlyStopping(patience=10)."
        )
    if several:
        raise ValueError("early_stopping stops one network; with several, choose afterwards.")
    columns = ["loss", "cost"]
    for name, (_, _, labels) in watched.items():
        columns += [f"{name}_loss"] + ([f"{name}_accuracy"] if labels is not None else [])
    if stopping.monitor not in columns:
        raise ValueError(
            f"early_stopping watches {stopping.monitor!r}, which this training does not measure. "
            f"There are {', '.join(columns)}; give validation=(X, y) to add validation_loss."
        )


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


class _NoBar:
    """Stands in for a progress bar where none is wanted."""

    def update(self) -> None: ...

    def set_postfix(self, **values) -> None: ...

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None: ...


def progress_bar(epochs: int, wanted: bool | None):
    """A bar of so many epochs, as a context; ``wanted`` None: shown after two seconds."""
    # tqdm's form for notebooks does not obey TQDM_DISABLE by itself.
    if wanted is False or (wanted is None and os.environ.get("TQDM_DISABLE", "") not in ("", "0")):
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(total=epochs, unit="epoch", leave=False, delay=0 if wanted else 2)
