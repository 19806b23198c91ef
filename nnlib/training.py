"""Training: the door to the loop.

``train`` looks at every argument once, before anything changes, and returns the loop
(``loop.Training``) to be driven from outside; ``fit`` drives it to the end.

Not here: the loop itself (``loop``), drawing (the course's ``nncourse.figures``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from nnlib import checks, losses, optimizers, regularizers
from nnlib.history import History
from nnlib.layers import BatchNorm
from nnlib.loop import Training
from nnlib.network import Network
from nnlib.progress import progress_bar
from nnlib.stopping import EarlyStopping


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
    optimizer = optimizers.get(optimizer)
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
        sample_weight = losses.shares(sample_weight, n, network.dtype)
    if batch_size is not None and checks.whole("batch_size", batch_size) > n:
        raise ValueError(
            f"batch_size must be at most the number of rows, {n}, got {batch_size}. "
            "None takes all rows at once."
        )
    if (batch_size or n) == 1 and any(isinstance(layer, BatchNorm) for layer in network.layers):
        raise ValueError(
            "BatchNorm compares the rows of a batch, got batches of one row: nothing would be left "
            "of it but 0. Give a batch_size of at least 2."
        )
    for name, function in (("schedule", schedule), ("batches", batches)):
        if function is not None and not callable(function):
            raise TypeError(
                f"{name} must be a function of one number, got {type(function).__name__} "
                f"{function!r}. See nnlib.schedules and the description of train."
            )
    seeds = seed if isinstance(seed, (list, tuple, np.ndarray)) and np.ndim(seed) else [seed]
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
        tuple(p.for_network(network) for p in penalties),
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
    history so far; the network keeps what it has learnt.  The training of one network that
    diverges warns and stops before the parameters are spoilt; of several, those that diverge go on
    as NaN, and the others are not disturbed.
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
    diverged = "diverged" in run.stopped_because
    if run.epoch == run.epochs or diverged:
        run.restore_best()
    if diverged:
        warnings.warn(f"training {run.stopped_because}.", RuntimeWarning, stacklevel=2)
    run.history.stopped_because = run.stopped_because
    return run.history


# -- what cannot be ------------------------------------------------------------------------------


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
