"""Storage: a network, or a whole training, in one ``.npz`` file that holds no code.

The file holds arrays, and one text in JSON that says what they are.  Nothing in it is ever
executed (pickles are refused).  It is written beside its place first and then moved there, so
that a crash leaves either the old file or the new one, never half of one.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

import numpy as np

from nnlib import activations, layers, losses, optimizers, regularizers, schedules
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
    if losses.LOSSES.get(run.loss.name) is not run.loss or any(
        regularizers.PENALTIES.get(type(p).__name__) is not type(p) for p in run._penalties
    ):
        raise ValueError(
            "this training has a loss or a penalty of your own, and a file that holds no code "
            "cannot hold it. Save the network alone: run.network.save(path)."
        )
    schedule = run.schedule
    known = schedules.SCHEDULES.get(type(schedule).__name__)
    if schedule is not None and type(schedule) is not known:
        raise ValueError(
            "this training has a schedule of your own, and a file that holds no code cannot hold "
            "it. Use one from nnlib.schedules, or save the network alone."
        )
    if run._batches is not None:
        raise ValueError(
            "this training was handed its batches by a function, which a file that holds no code "
            "cannot hold. Save the network alone: run.network.save(path)."
        )
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
    saved = dict(content["training"])
    kind, config = saved.pop("optimizer")
    schedule, stopping = saved.pop("schedule"), saved.pop("early_stopping")
    kinds = saved.pop("generators")
    fingerprint, weighted = saved.pop("data"), saved.pop("weighted")
    batch_size = saved.pop("batch_size")  # set below: with too few rows it would not be accepted
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
        optimizer=optimizers.OPTIMIZERS[kind](**config),
        regularizer=[regularizers.PENALTIES[n](s) for n, s in saved.pop("regularizer")],
        schedule=schedule and schedules.SCHEDULES[schedule[0]](**schedule[1]),
        early_stopping=stopping and EarlyStopping(**stopping),
        seed=[np.random.Generator(getattr(np.random, k)(0)) for k in kinds],
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
            layers.LAYERS.get(type(layer).__name__) is not type(layer)
            or activations.ACTIVATIONS.get(activation.name) is not activation
        ):
            raise ValueError(
                f"{layer!r} is of your own making, and a file that holds no code cannot hold it. "
                "Save the numbers alone, numpy.save(path, network.theta), and build it anew."
            )


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
        raise ValueError(
            f"{path} is damaged, or was not written by nnlib "
            f"({type(error).__name__}: {error}). Save it again with network.save(path)."
        ) from None
    if found != FORMAT:
        raise ValueError(
            f"{path} has format {found!r}, expected {FORMAT!r}. "
            "Read it with the version of nnlib that wrote it."
        )
    return _put_back(header["content"], arrays)


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
