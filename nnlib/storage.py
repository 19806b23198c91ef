"""Storage: a network, or a whole training, in one ``.npz`` file that holds no code.

The file holds arrays, and one text in JSON that says what they are.  Nothing in it is ever
executed (pickles are refused).  It is written beside its place first and then moved there, so
that a crash leaves either the old file or the new one, never half of one.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nnlib import activations, checks, layers, losses, optimizers, regularizers, schedules
from nnlib.arguments import SQUEEZED
from nnlib.network import Network
from nnlib.reading import Reading
from nnlib.stopping import EarlyStopping
from nnlib.training import Training, train

FORMAT = "nnlib 2"


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
    path = _as_path(path)
    if isinstance(what, Network):
        _check_known(what)
        _write(path, {"network": _described(what), "state": what.state()})
    elif isinstance(what, Training):
        _check_known(what.network)
        _check_known_training(what)
        _write(path, _described_training(what))
    else:
        raise TypeError(
            f"save takes a Network or a Training, got {type(what).__name__}. "
            "The order is nnlib.save(path, network)."
        )


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
    content = _read(path)
    with _blaming(path):
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
    content = _read(path)
    if "training" not in content:
        raise ValueError(f"{path} holds a network, but no training. Use nnlib.load(path).")
    with _blaming(path):
        saved = dict(content["training"])
        kind, config = saved.pop("optimizer")
        optimizer = optimizers.OPTIMIZERS[kind](**config)
        name, settings = saved.pop("loss")
        loss = _loss_named(name, settings)
        penalties = [regularizers.PENALTIES[name](s) for name, s in saved.pop("regularizer")]
        schedule, stopping = saved.pop("schedule"), saved.pop("early_stopping")
        schedule = schedule and schedules.SCHEDULES[schedule[0]](**schedule[1])
        stopping = stopping and EarlyStopping(**stopping)
        rngs = [checks.generator_by_name(name) for name in saved.pop("generators")]
        fingerprint, weighted = saved.pop("data"), saved.pop("weighted")
        network = _network_from(content)
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
    run.batch_size = batch_size
    run.restore(content["snapshot"])
    return run


def _network_from(content: dict) -> Network:
    described = content["network"]
    network = Network.from_config(described)
    network.set_state(content["state"])
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
                f"{layer!r} is of your own making, and a file that holds no code cannot hold it. "
                "Save the numbers alone, numpy.save(path, network.theta), and build it anew."
            )
    if network.loss is not None and not _is_known_loss(network.loss):
        raise ValueError(
            f"the network was trained with a loss of your own, {network.loss.name!r}, and a file "
            "that holds no code cannot hold it. Set network.loss = None to save it without."
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
            f"this training has {own} of your own, and a file that holds no code cannot hold it. "
            "Use nnlib's, or save the network alone: nnlib.save(path, run.network)."
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


# -- one nested dict <-> arrays and JSON ---------------------------------------------------------


def _write(path, content: dict) -> None:
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps({"format": FORMAT, "content": _take_out(content, arrays)})
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {path.parent}: make it first, with "
            f"Path({str(path.parent)!r}).mkdir(parents=True)."
        )
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, header=np.array(text), **arrays)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _as_path(path) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"path must be the name of a file, got {type(path).__name__}. "
            "Write for example nnlib.save('network.npz', network)."
        )
    return Path(path)


def _read(path) -> dict:
    path = _as_path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"no file {path}: save a network first, with nnlib.save(path, network)."
        )
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as inside:
            arrays = {name: inside[name] for name in inside.files}
        header = json.loads(str(arrays.pop("header")))
        found = header["format"]
    except PermissionError:
        raise
    except Exception as error:  # a damaged zip file can fail in a dozen ways
        raise _damaged(path, error) from None
    if found != FORMAT:
        raise ValueError(
            f"{path} has format {found!r}, expected {FORMAT!r}. "
            "Read it with the version of nnlib that wrote it."
        )
    with _blaming(path):
        return _put_back(header["content"], arrays)


@contextmanager
def _blaming(path) -> Iterator[None]:
    """What cannot be built from a file is the file's fault."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise _damaged(path, error) from None


def _damaged(path, error: Exception) -> ValueError:
    return ValueError(
        f"{path} is damaged, or was not written by nnlib "
        f"({type(error).__name__}: {error}). Save it again with nnlib.save(path, network)."
    )


def _take_out(value, arrays):
    """Replace every array by a reference to its place in ``arrays``."""
    if isinstance(value, np.ndarray):
        arrays[f"a{len(arrays)}"] = value
        return {"array": f"a{len(arrays) - 1}"}
    if isinstance(value, dict):
        return {"dict": {k: _take_out(v, arrays) for k, v in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_take_out(v, arrays) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def _put_back(value, arrays):
    if isinstance(value, list):
        return [_put_back(v, arrays) for v in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    return {k: _put_back(v, arrays) for k, v in value["dict"].items()}
