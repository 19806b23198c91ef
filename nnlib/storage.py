"""Storage: a network, or a whole training, in one file that holds no code.

A file holds arrays, and a text that says what they are.  What `load` reads is checked against
that text before anything is built from it, and whatever does not fit is a ValueError.

Not here: how arrays and text are written (``npz``).
"""

from __future__ import annotations

import math
import zlib

import numpy as np

from nnlib import activations, checks, layers, losses, npz, optimizers, regularizers, schedules
from nnlib.arguments import SQUEEZED, check_batches
from nnlib.network import Network
from nnlib.npz import blaming
from nnlib.reading import Reading
from nnlib.stopping import EarlyStopping
from nnlib.training import Training, train


def save(path, what: Network | Training) -> None:
    """Write a network, or a network and its training, to one ``.npz`` file that holds no code.

    Parameters
    ----------
    path : str or Path
    what : Network or Training
        A network is read again by `load`; a training is taken up again by `resume`.

    Raises
    ------
    ValueError
        If it has a part of your own that cannot be found again by its name.
    FileNotFoundError
        If there is no such folder.
    """
    path = npz.as_path(path)
    if isinstance(what, Network):
        _check_known(what)
        npz.write(path, {"network": _described(what), "state": what.state()})
    elif isinstance(what, Training):
        _check_known(what.network)
        _check_known_training(what)
        npz.write(path, _described_training(what))
    else:
        raise TypeError(
            f"save takes a Network or a Training, got {type(what).__name__}. "
            "The order is nnlib.save(path, network)."
        )


def register(part):
    """Let files name a part of your own; use it as ``@register`` above a class.

    Parameters
    ----------
    part : subclass of Layer, Optimizer, Loss, Penalty or Schedule; or an Activation or a Loss
        It is found again by the name of the class (a loss, an activation: by its ``name``), and
        made again with the arguments that its ``config()`` gives.  Register it in the program that
        saves and in the one that loads.

    Returns
    -------
    part

    Raises
    ------
    ValueError
        If nnlib has something else of that name.
    """
    entry = part() if isinstance(part, type) and issubclass(part, losses.Loss) else part
    for kind, table in _TABLES.items():
        if isinstance(entry, kind) or (isinstance(entry, type) and issubclass(entry, kind)):
            name = entry.__name__ if isinstance(entry, type) else entry.name
            known = table.get(name)
            if known is not None and (known.__module__, type(known)) != (
                entry.__module__,
                type(entry),
            ):
                raise ValueError(f"there is a {name!r} already: {known!r}. Choose another name.")
            table[name] = entry
            return part
    raise TypeError(
        f"register takes a class of layer, optimizer, loss, penalty or schedule, or an activation, "
        f"got {part!r}."
    )


_TABLES = {
    layers.Layer: layers.LAYERS,
    optimizers.Optimizer: optimizers.OPTIMIZERS,
    losses.Loss: losses.LOSSES,
    regularizers.Penalty: regularizers.PENALTIES,
    schedules.Schedule: schedules.SCHEDULES,
    activations.Activation: activations.ACTIVATIONS,
}


def _described(network: Network) -> dict:
    """What the network is, in words and numbers."""
    reading, loss = network.reading, network.loss
    return network.config() | {
        "loss": loss and [loss.name, loss.config()],
        "reading": reading and [reading.kind, reading.border],
        "classes": network.classes,
    }


def _described_training(run: Training) -> dict:
    schedule = run.schedule
    training = {
        "loss": [run.loss.name, run.loss.config()],
        "optimizer": [type(run.optimizer).__name__, run.optimizer.config()],
        "epochs": run.epochs,
        "batch_size": run.batch_size,
        "regularizer": [
            [type(p).__name__, np.asarray(p.strength).tolist()] for p in run._penalties
        ],
        "early_stopping": run.early_stopping and run.early_stopping.config(),
        "schedule": schedule and [type(schedule).__name__, schedule.config()],
        "clip_norm": run.clip_norm,
        "shuffle": run.shuffle,
        "generators": [type(rng.bit_generator).__name__ for rng in run._rngs],
        "weighted": run._weights is not None,
        "monitored": sorted(run._monitored),
        "data": _fingerprint(run),
    }
    return {
        "network": _described(run.network),
        "state": run.network.state(),
        "training": training,
        "snapshot": run.snapshot(),
    }


def load(path) -> Network:
    """Read a network from a file written by `save`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or not one of ours.
    """
    content = npz.read(path)
    with blaming(path):
        return _network_from(content)


def resume(path, X, y, *, validation=None, monitor=None, sample_weight=None) -> Training:
    """Take up a training where `save` left it, on the same data.

    Continuing gives, bit for bit, what never stopping would have given.

    Parameters
    ----------
    path : str or Path
    X, y, validation, monitor, sample_weight
        The data of `train`: they are not in the file.

    Raises
    ------
    ValueError
        If the file holds no training, or the data are not those it was trained on.
    """
    content = npz.read(path)
    if "training" not in content:
        raise ValueError(f"{path} holds a network, but no training. Use nnlib.load(path).")
    with blaming(path):
        saved = dict(content["training"])
        kind, config = saved.pop("optimizer")
        optimizer = optimizers.OPTIMIZERS[kind](**config)
        name, settings = saved.pop("loss")
        loss = _loss_named(name, settings)
        penalties = [regularizers.PENALTIES[name](s) for name, s in saved.pop("regularizer")]
        schedule, stopping = saved.pop("schedule"), saved.pop("early_stopping")
        schedule = schedule and schedules.SCHEDULES[schedule[0]](**schedule[1])
        stopping = stopping and EarlyStopping(**stopping)
        generators = saved.pop("generators")
        if len(generators) > len(content["network"]["generators"]):
            raise ValueError(f"{len(generators)} random generators")
        rngs = [checks.generator_by_name(name) for name in generators]
        fingerprint, weighted = saved.pop("data"), saved.pop("weighted")
        network = _network_from(content)
        _check_settings(saved)
        batch_size = saved.pop("batch_size")  # set below: too few rows would not be accepted
    watched = set(monitor or ()) | ({"validation"} if validation is not None else set())
    if sorted(watched) != (expected := saved.pop("monitored")):
        raise ValueError(
            f"the training monitored {', '.join(expected) or 'no data set'}, got "
            f"{', '.join(sorted(watched)) or 'none'}. Give the same validation and monitor."
        )
    if weighted != (sample_weight is not None):
        raise ValueError(
            f"the training had {'its' if weighted else 'no'} sample_weight, got "
            f"{'one' if sample_weight is not None else 'none'}. Give what it began with."
        )
    run = train(
        network,
        X,
        y,
        validation=validation,
        monitor=monitor,
        sample_weight=sample_weight,
        loss=loss,
        optimizer=optimizer,
        regularizer=penalties,
        schedule=schedule,
        early_stopping=stopping,
        seed=rngs,
        allow=[f"{name} output" for name in SQUEEZED],  # it was allowed when it began
        **saved,
    )
    if _fingerprint(run) != fingerprint:
        raise ValueError(
            "these are not the data this training was saved with: rows, columns or values differ. "
            "Give the same X, y, validation and so on, their rows in the same order."
        )
    with blaming(path):
        run.batch_size = checks.check_int("batch_size", batch_size)
        _check_snapshot(run, content["snapshot"])
        run.restore(content["snapshot"])
    return run


def _network_from(content: dict) -> Network:
    described = content["network"]
    _check_size(described, content["state"]["theta"])
    network = Network.from_config(described)
    network.set_state(_sound_state(network, content["state"]))
    if described["loss"] is not None:
        network.loss = _loss_named(*described["loss"])
        network.reading = Reading(*described["reading"])
        network.classes = described["classes"] and tuple(map(str, described["classes"]))
    return network


def _loss_named(name: str, settings: dict) -> losses.Loss:
    loss = losses.get(name)
    return type(loss)(**settings) if settings else loss


def _check_known(network: Network) -> None:
    """Raise if the network has a layer or activation that `load` could not find by its name."""
    for layer in network.layers:
        activation = getattr(layer, "activation", activations.identity)
        if (
            not _is_known(layer, layers.LAYERS)
            or activations.ACTIVATIONS.get(activation.name) is not activation
        ):
            raise ValueError(
                f"{layer!r} is of your own making, and a file holds no code. Name it with "
                "nnlib.register, or save the numbers alone: numpy.save(path, network.theta)."
            )
    if network.loss is not None and not _is_known_loss(network.loss):
        raise ValueError(
            f"the network was trained with a loss of your own, {network.loss.name!r}, and a file "
            "holds no code. Name it with nnlib.register, or set network.loss = None."
        )
    kinds = {type(rng.bit_generator).__name__ for rng in network.rngs}
    if not kinds <= set(checks.GENERATORS):
        raise ValueError(
            f"the network draws from {', '.join(kinds)}, got from another library: a file that "
            f"holds no code can hold {', '.join(checks.GENERATORS)}. Seed it with a whole number."
        )


def _check_known_training(run: Training) -> None:
    """Raise if `resume` could not make every part of the training again by its name."""
    schedule, stopping = run.schedule, run.early_stopping
    kinds = {type(rng.bit_generator).__name__ for rng in run._rngs}
    known = {
        "a loss": _is_known_loss(run.loss),
        "a penalty": all(_is_known(p, regularizers.PENALTIES) for p in run._penalties),
        "an optimizer": _is_known(run.optimizer, optimizers.OPTIMIZERS),
        "a schedule": schedule is None or _is_known(schedule, schedules.SCHEDULES),
        "an early stopping": stopping is None or type(stopping) is EarlyStopping,
        "a random generator": kinds <= set(checks.GENERATORS),
        "a function for its batches": run._batches is None,
    }
    own = ", ".join(what for what, is_known in known.items() if not is_known)
    if own:
        raise ValueError(
            f"this training has {own} of your own, and a file holds no code. Name classes with "
            "nnlib.register, or save the network alone: nnlib.save(path, run.network)."
        )
    if any(rng is other for rng in run._rngs for other in run.network.rngs):
        raise ValueError(
            "the network and its training share one random generator, and would have two after "
            "they are read again. Give each a seed of its own, or save the network alone."
        )


def _is_known_loss(loss: losses.Loss) -> bool:
    known = losses.LOSSES.get(loss.name)
    return type(known) is type(loss) and "value_and_gradient" not in vars(loss)


def _is_known(part, table: dict) -> bool:
    return table.get(type(part).__name__) is type(part)


def _fingerprint(run: Training) -> list:
    """Enough to notice other data: shape and checksum of each array, in a fixed order."""
    data = [run._X, run._T, *([] if run._weights is None else [run._weights])]
    data += [array for name in sorted(run._monitored) for array in run._monitored[name][:2]]
    return [[list(array.shape), zlib.crc32(np.ascontiguousarray(array))] for array in data]


def _sound_state(network: Network, state: dict) -> dict:
    """The state of a file, if it is one of this network; else raise ValueError."""
    several = bool(network.lead)
    _check_array("theta", state["theta"], network.theta, several)
    for layer, saved in zip(network.layers, state["statistics"], strict=True):
        if set(saved) != set(layer.statistics):
            raise ValueError(f"statistics {sorted(saved)} of {layer!r}")
        for name, values in saved.items():
            _check_array(name, values, layer.statistics[name], several)
    return state


def _check_array(name: str, found, like: np.ndarray, may_have_diverged: bool) -> None:
    if not isinstance(found, np.ndarray) or (found.shape, found.dtype) != (like.shape, like.dtype):
        raise ValueError(f"{name} is not an array {like.shape} of {like.dtype}")
    if not (may_have_diverged or np.isfinite(found).all()):
        raise ValueError(f"{name} holds values that are not finite")


def _check_size(described: dict, theta) -> None:
    """Raise unless the described network has as many numbers as the file; nothing is allocated."""
    several, generators = described["networks"], described["generators"]
    networks = 1 if several is None else checks.check_int("networks", several)
    if not isinstance(generators, list) or len(generators) != networks:
        raise ValueError(f"{networks} networks, but not as many random generators")
    width, size = checks.check_int("inputs", described["inputs"]), 0
    for kind, config in described["layers"]:
        layer = layers.from_config(kind, config)
        size += sum(math.prod(shape) for shape in layer.shapes(width).values())
        width = layer.width_out(width)
    lead = () if several is None else (networks,)
    if not isinstance(theta, np.ndarray) or theta.shape != (*lead, size):
        raise ValueError(f"{size} parameters are described, and others are in the file")


def _check_settings(saved: dict) -> None:
    """Raise unless these are settings as `save` writes them."""
    if set(saved) != {"epochs", "batch_size", "clip_norm", "shuffle", "monitored"}:
        raise ValueError(f"settings {sorted(saved)}")
    checks.check_int("epochs", saved["epochs"], 0)
    if saved["clip_norm"] is not None:
        checks.check_scalar("clip_norm", saved["clip_norm"], open_low=True)
    if type(saved["shuffle"]) is not bool:
        raise ValueError(f"shuffle is {saved['shuffle']!r}")
    if not all(isinstance(name, str) for name in saved["monitored"]):
        raise ValueError("names that are no text")


def _check_snapshot(run: Training, snapshot: dict) -> None:
    """Raise unless a snapshot of this training can be taken up."""
    several = bool(run.network.lead)
    _sound_state(run.network, snapshot["network"])
    if snapshot["best"] is not None and snapshot["best"]["network"] is not None:
        _sound_state(run.network, snapshot["best"]["network"])
    if snapshot["memory"] and set(snapshot["memory"]) != set(run.optimizer.remembers):
        raise ValueError(f"the optimizer's memory holds {sorted(snapshot['memory'])}")
    for name, values in snapshot["memory"].items():
        _check_array(name, values, run.network.theta, several)
    if snapshot["order"]:
        order = np.concatenate(
            check_batches(snapshot["order"], len(run._X), run.network.lead), axis=-1
        )
        if not (np.sort(order, axis=-1) == np.arange(len(run._X))).all():
            raise ValueError("the order does not hold every row once")
    entries = [entry for column in snapshot["history"].values() for entry in column]
    entries += [entry for loss, cost, _ in snapshot["seen"] for entry in (loss, cost)]
    for entry in map(np.asarray, entries):
        if entry.shape != run.network.lead or entry.dtype not in (np.float64, np.float32):
            raise ValueError(f"an entry of the history is {entry.dtype} of shape {entry.shape}")
    if len(snapshot["seen"]) != snapshot["batch"] and snapshot["order"]:
        raise ValueError("not as many losses as batches")
    for name in ("batch", "steps", "optimizer_steps"):
        checks.check_int(name, snapshot[name], 0)
    if snapshot["batch"] > len(snapshot["order"]):
        raise ValueError(f"{snapshot['batch']} batches done of {len(snapshot['order'])}")
