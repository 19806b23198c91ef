"""Arguments: everything that `train` is given is looked at here, before anything changes.

Not here: carrying it out (``training``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnlib import checks, losses, optimizers, regularizers
from nnlib.layers import BatchNorm
from nnlib.network import Network
from nnlib.stopping import EarlyStopping
from nnlib.values import class_names

# Under a loss that takes logits these outputs cannot say what they should.
SQUEEZED = ("softmax", "sigmoid", "tanh", "relu")


class Data(NamedTuple):
    """The rows that are learnt from."""

    X: np.ndarray  # (n, d_0)
    T: np.ndarray  # (n, d_L), targets as the loss writes them
    weights: np.ndarray | None  # (n,)


@dataclass
class Settings:
    """How a network is trained: the checked arguments of `train`."""

    loss: losses.Loss
    optimizer: optimizers.Optimizer
    epochs: int
    batch_size: int
    penalties: tuple[regularizers.Penalty, ...]
    monitored: dict[str, tuple[np.ndarray, np.ndarray]]  # name -> X, T
    early_stopping: EarlyStopping | None
    schedule: Callable[[float], float] | None
    clip_norm: float | None
    shuffle: bool
    rngs: tuple[np.random.Generator, ...]
    batches: Callable[[int], Iterable] | None
    classes: tuple[str, ...] | None  # names of the classes, where the targets were names


def check_arguments(
    network, X, y, *, loss, optimizer, epochs, batch_size, regularizer, validation, monitor,
    early_stopping, schedule, clip_norm, shuffle, seed, batches, sample_weight, allow,
) -> tuple[Data, Settings]:  # fmt: skip
    """Return the arguments of `train` as data and settings, or raise."""
    if not isinstance(network, Network):
        raise TypeError(
            f"network must be a Network, got {type(network).__name__} {network!r}. "
            "The order is train(network, X, y)."
        )
    for layer in network.layers:
        if hasattr(layer, "activation"):
            layer.activation.check_trainable()
    loss = losses.get(loss)
    several = len(network) if network.lead else None
    optimizer = optimizers.get(optimizer)
    checks.check_scalar("learning_rate", optimizer.learning_rate, open_low=True, networks=several)
    _check_memory(optimizer, network)
    _check_output(network, loss, allow)
    y, classes = class_names(y, network.classes)
    X, T = _check_data(network, loss, X, y, "X", "y")
    reading = loss.reading(T, squeezed=network.squeezes_output)
    n = len(X)
    if not isinstance(monitor, Mapping | None):
        raise TypeError(
            f"monitor must be a dict of names and data, got {type(monitor).__name__}. "
            "Write for example monitor={'train': (X, y)}."
        )
    if validation is not None and "validation" in (monitor or {}):
        raise ValueError(
            "monitor holds a data set named 'validation', and validation is given too: their "
            "columns would have the same names. Give one of them another name."
        )
    monitored = dict(monitor or {}) | ({} if validation is None else {"validation": validation})
    for name, pair in monitored.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(
                f"{name} must be a pair (X, y), got {type(pair).__name__}"
                f"{f' of {len(pair)}' if isinstance(pair, (tuple, list)) else ''}. "
                f"Write {name}=(X_{name}, y_{name})."
            )
        y_name = f"y of {name}"
        targets = class_names(pair[1], classes, y_name)[0] if classes else pair[1]
        monitored[name] = _check_data(network, loss, pair[0], targets, f"X of {name}", y_name)
    if early_stopping is not None:
        _check_stopping(early_stopping, monitored, reading, several)
    if sample_weight is not None:
        sample_weight = losses.shares(sample_weight, n, network.dtype)
    if batch_size is not None and checks.check_int("batch_size", batch_size) > n:
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
    seeds = checks.as_seeds(seed) or [seed]
    if len(seeds) not in (1, several or 1):
        raise ValueError(
            f"seed must be one seed, or {several or 1}, got {len(seeds)}. "
            "One seed gives all networks the same order of rows."
        )
    if clip_norm is not None:
        clip_norm = checks.check_scalar("clip_norm", clip_norm, open_low=True)
    settings = Settings(
        loss=loss,
        optimizer=optimizer,
        epochs=checks.check_int("epochs", epochs, 0),
        batch_size=n if batch_size is None else int(batch_size),
        penalties=tuple(p.for_network(network) for p in regularizers.as_tuple(regularizer)),
        monitored=monitored,
        early_stopping=early_stopping,
        schedule=schedule,
        clip_norm=clip_norm,
        shuffle=bool(shuffle),
        rngs=tuple(checks.as_generator(s) for s in seeds),
        batches=batches,
        classes=classes,
    )
    return Data(X, T, sample_weight), settings


def _check_output(network, loss, allow) -> None:
    """Raise if the last layer does what the loss does too, or cuts its logits."""
    allowed = [allow] if isinstance(allow, str) else list(allow)
    for mistake in allowed:
        checks.check_choice("mistake to allow", mistake, [f"{name} output" for name in SQUEEZED])
    activation = getattr(network.layers[-1], "activation", None)
    name = activation.name if activation is not None else "identity"
    read_by = loss.output_activation.name
    if read_by == "identity" or name not in SQUEEZED or f"{name} output" in allowed:
        return
    if name == read_by:
        what = f"the loss {loss.name!r} applies {name} itself, and it would be applied twice"
    else:
        what = f"the loss {loss.name!r} takes logits, any numbers, and {name} cuts them"
    layer = network.layers[-1]
    cure = f"{type(layer).__name__}({network.widths[-1]})" if hasattr(layer, "W") else "identity"
    raise ValueError(
        f"the last layer has the activation {name}: {what}. Write {cure} without an activation; "
        f"network.probabilities(X) applies {read_by}. (To see what happens: "
        f"allow='{name} output'.)"
    )


def _check_data(network, loss, X, y, X_name, y_name):
    """Rows, and targets as the loss writes them."""
    X = checks.check_inputs(X, network.inputs, X_name, network.dtype)
    y = checks.check_targets(y, y_name)
    checks.check_same_length(X, y, f"{X_name} and {y_name}")
    with np.errstate(over="ignore"):
        T = loss.encode(y, network.widths[-1]).astype(network.dtype)
    return X, checks.check_finite(T, y_name)


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


def _check_stopping(stopping, monitored, reading, several):
    if not isinstance(stopping, EarlyStopping):
        raise TypeError(
            f"early_stopping must be EarlyStopping(...), got {type(stopping).__name__} "
            f"{stopping!r}. Write for example EarlyStopping(patience=10)."
        )
    if several:
        raise ValueError("early_stopping stops one network; with several, choose afterwards.")
    columns = ["loss", "cost"]
    for name in monitored:
        columns += [f"{name}_loss"] + [f"{name}_accuracy"] * (reading.kind != "numbers")
    if stopping.monitor not in columns:
        raise ValueError(
            f"early_stopping watches {stopping.monitor!r}, which this training does not measure. "
            f"There are {', '.join(columns)}; give validation=(X, y) to add validation_loss."
        )


def check_batches(batches, n: int, lead: tuple[int, ...]) -> list[np.ndarray]:
    """Return the row numbers that a function of one's own gave for an epoch, or raise."""
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
