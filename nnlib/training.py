"""Training: how a run is asked for.

``train`` checks everything at once and returns a `Training` to loop over; ``fit`` runs it to the
end and returns the history.

Not here: the loop itself (``loop``), checking what training is given (``arguments``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from nnlib import losses, optimizers
from nnlib.arguments import check_arguments
from nnlib.fast import keep_freed_memory, one_thread_if_small
from nnlib.history import History
from nnlib.keywords import explains_keywords
from nnlib.loop import Diverged, Step, Training
from nnlib.network import Network
from nnlib.progress import progress_bar
from nnlib.stopping import EarlyStopping

__all__ = ["Diverged", "Step", "Training", "fit", "train"]


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
    seed : int or Generator, or a list of M of them
        Where the order comes from.  A list gives each of M networks its own.
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

    A small network is trained on one thread of BLAS (see ``fast.SMALL_PRODUCT``): on a busy
    machine more of them take ten times as long.  This holds within a step; the body of your loop
    has as many threads as you have set.  On a machine of your own, where nothing else runs, set
    ``OMP_NUM_THREADS=2`` (or more) before Python starts: then it is used for small networks, too.
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
    >>> from nnlib import SGD, Dense, Network, fit
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]
    >>> network = Network(2, [Dense(8, "tanh"), Dense(2)], seed=0)
    >>> history = fit(network, X, y, epochs=500, optimizer=SGD(0.5))
    >>> network.predict(X).tolist()
    ['no', 'yes', 'yes', 'no']

    Notes
    -----
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
