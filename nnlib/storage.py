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
from nnlib.loop import Training
from nnlib.network import Network
from nnlib.stopping import EarlyStopping
from nnlib.training import train

FORMAT = "nnlib 1"


def save_network(path, network: Network) -> None:
    """Write a network; see `Network.save`."""
    _check_known(network)
    _write(path, {"network": network.config(), "state": network.state()})


def save_training(path, run: Training) -> None:
    """Write a network and its training; see `Training.save`."""
    _check_known(run.network)
    _check_known_training(run)
    schedule = run.schedule
    training = {
        "loss": run.loss.name,
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
        "watched": sorted(run._watched),
        "data": _fingerprint(run),
    }
    _write(path, {
        "network": run.network.config(),
        "state": run.network.state(),
        "training": training,
        "snapshot": run.snapshot(),
    })  # fmt: skip


def load(path) -> Network:
    """Read a network from a file written by `Network.save` or `Training.save`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or not one of ours.
    """
    content = _read(path)
    with _blaming(path):
        network = Network.from_config(content["network"])
        network.set_state(content["state"])
    return network


def resume(path, X, y, *, validation=None, monitor=None, sample_weight=None) -> Training:
    """Take up a training where `Training.save` left it, on the same data.

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
        penalties = [regularizers.PENALTIES[name](s) for name, s in saved.pop("regularizer")]
        schedule, stopping = saved.pop("schedule"), saved.pop("early_stopping")
        schedule = schedule and schedules.SCHEDULES[schedule[0]](**schedule[1])
        stopping = stopping and EarlyStopping(**stopping)
        rngs = [checks.generator_named(name) for name in saved.pop("generators")]
        fingerprint, weighted = saved.pop("data"), saved.pop("weighted")
        batch_size = saved.pop("batch_size")  # set below: too few rows would not be accepted
    watched = set(monitor or ()) | ({"validation"} if validation is not None else set())
    if sorted(watched) != (expected := saved.pop("watched")):
        raise ValueError(
            f"the training watched {', '.join(expected) or 'no data set'}, got "
            f"{', '.join(sorted(watched)) or 'none'}. Give the same validation and monitor."
        )
    if weighted != (sample_weight is not None):
        raise ValueError(
            f"the training had {'its' if weighted else 'no'} sample_weight, got "
            f"{'one' if sample_weight is not None else 'none'}. Give what it began with."
        )
    run = train(
        load(path),
        X,
        y,
        validation=validation,
        monitor=monitor,
        sample_weight=sample_weight,
        optimizer=optimizer,
        regularizer=penalties,
        schedule=schedule,
        early_stopping=stopping,
        seed=rngs,
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
    kinds = {type(rng.bit_generator).__name__ for rng in network.rngs}
    if not kinds <= set(checks.GENERATORS):
        raise ValueError(
            f"the network draws from {', '.join(kinds)}, got from another library: a file that "
            f"holds no code can hold {', '.join(checks.GENERATORS)}. Seed it with a whole number."
        )


def _check_known_training(run: Training) -> None:
    """Raise if `resume` could not make every part of the training again by its name."""
    schedule, stopping, loss = run.schedule, run.early_stopping, losses.LOSSES.get(run.loss.name)
    kinds = {type(rng.bit_generator).__name__ for rng in run._rngs}
    known = {
        "a loss": loss is not None and loss.value_and_slope is run.loss.value_and_slope,
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
            "Use nnlib's, or save the network alone: run.network.save(path)."
        )
    if any(rng is other for rng in run._rngs for other in run.network.rngs):
        raise ValueError(
            "the network and its training share one random generator, and would have two after "
            "they are read again. Give each a seed of its own, or save the network alone."
        )


def _is_known(part, table: dict) -> bool:
    return table.get(type(part).__name__) is type(part)


def _fingerprint(run: Training) -> list:
    """Enough to notice other data: shape and checksum of each array, in a fixed order."""
    data = [run._X, run._T, *([] if run._weights is None else [run._weights])]
    data += [array for name in sorted(run._watched) for array in run._watched[name][:2]]
    return [[list(array.shape), zlib.crc32(np.ascontiguousarray(array))] for array in data]


# -- one nested dict <-> arrays and JSON ---------------------------------------------------------


def _write(path, content: dict) -> None:
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps({"format": FORMAT, "content": _take_out(content, arrays)})
    path = Path(path)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, header=np.array(text), **arrays)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(path) -> dict:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}: save a network first, with network.save(path).")
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
        f"({type(error).__name__}: {error}). Save it again with network.save(path)."
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
