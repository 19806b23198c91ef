"""Storage: a network, or a whole training, in one ``.npz`` file that holds no code.

The file holds arrays, and one text in JSON that says what they are.  Nothing in it is ever
executed (pickles are refused).  It is written beside its place first and then moved there, so
that a crash leaves either the old file or the new one, never half of one.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from nnlib import optimizers, regularizers, schedules
from nnlib.network import Network
from nnlib.training import EarlyStopping, Training, train

FORMAT = "nnlib 1"


def save_network(path, network: Network) -> None:
    """Write a network; see `Network.save`."""
    _write(path, {"network": network.config(), "state": network.state()})


def save_training(path, run: Training) -> None:
    """Write a network and its training; see `Training.save`."""
    schedule = run.schedule
    if schedule is not None and not isinstance(schedule, schedules.Schedule):
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
        "regularizer": [[type(p).__name__, np.asarray(p.strength).tolist()] for p in run._penalties],
        "early_stopping": run.early_stopping and run.early_stopping.config(),
        "schedule": schedule and [type(schedule).__name__, schedule.config()],
        "clip_norm": run.clip_norm,
        "shuffle": run.shuffle,
        "generators": [type(rng.bit_generator).__name__ for rng in run._rngs],
        "weighted": run._weights is not None,
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
    if weighted != (sample_weight is not None):
        raise ValueError("sample_weight must be given exactly if it was given when training began.")
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
            "Give the same X and y, in the same order."
        )
    run.restore(content["snapshot"])
    return run


def _fingerprint(run: Training) -> list:
    """Enough to notice other data: shapes, and two sums that depend on the order."""
    way = np.linspace(1, 2, len(run._X))
    return [list(run._X.shape), list(run._T.shape),
            float(way @ run._X.sum(axis=1, dtype=float)), float(way @ run._T @ np.arange(run._T.shape[1]))]  # fmt: skip


# -- one nested dict <-> arrays and JSON ---------------------------------------------------------


def _write(path, content: dict) -> None:
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps({"format": FORMAT, "content": _take_out(content, arrays)})
    path = Path(path)
    handle, beside = tempfile.mkstemp(dir=path.parent or ".", prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, header=np.array(text), **arrays)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _read(path) -> dict:
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"no file {path}: save a network first, with network.save(path).")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop("header")))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged, or was not written by nnlib ({error}).") from None
    if header.get("format") != FORMAT:
        raise ValueError(f"{path} has format {header.get('format')!r}, expected {FORMAT!r}.")
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


