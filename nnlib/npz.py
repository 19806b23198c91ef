"""A nested dict of arrays, numbers and texts in one ``.npz`` file, and back.

The file holds the arrays as they are, and one text in JSON that says where they belong.  Nothing
in it is ever executed (pickles are refused), and nothing is read that claims to be larger than it
is.  It is written beside its place first and then moved there, so that a crash leaves either the
old file or the new one, never half of one.

Not here: what the arrays mean (``storage``).
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

FORMAT = "nnlib 2"


def as_path(path) -> Path:
    """Return ``path`` as a Path, else raise."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"path must be the name of a file, got {type(path).__name__}. "
            "Write for example nnlib.save('network.npz', network)."
        )
    return Path(path)


def write(path: Path, content: dict) -> None:
    """Write the content to the file."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {path.parent}: make it first, with "
            f"Path({str(path.parent)!r}).mkdir(parents=True)."
        )
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps({"format": FORMAT, "content": _take_out(content, arrays)})
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, header=np.array(text), **arrays)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read(path) -> dict:
    """Read what `write` has written; ValueError for any other file."""
    path = as_path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"no file {path}: save a network first, with nnlib.save(path, network)."
        )
    with blaming(path):
        with path.open("rb") as file, zipfile.ZipFile(file) as inside:
            arrays = {
                entry.filename.removesuffix(".npy"): _array(inside, entry)
                for entry in inside.infolist()
            }
        header = json.loads(str(arrays.pop("header")))
        found = header["format"]
    if found != FORMAT:
        raise ValueError(
            f"{path} has format {found!r}, expected {FORMAT!r}. "
            "Read it with the version of nnlib that wrote it."
        )
    with blaming(path):
        return _put_back(header["content"], arrays)


def _array(inside: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """One array of the file, whose size is checked before room is made for it."""
    # We write without compression; with it, two megabytes could unfold to two gigabytes.
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise ValueError(f"{entry.filename} is compressed")
    with inside.open(entry) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{entry.filename} has version {version}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != entry.file_size - file.tell():
            raise ValueError(f"{entry.filename} is not as large as it says")
    with inside.open(entry) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


@contextmanager
def blaming(path) -> Iterator[None]:
    """Whatever cannot be built from a file is the file's fault."""
    try:
        yield
    except PermissionError:
        raise
    except Exception as error:  # a damaged file can fail in a dozen ways
        raise ValueError(
            f"{path} is damaged, or was not written by nnlib "
            f"({type(error).__name__}: {error}). Save it again with nnlib.save(path, network)."
        ) from None


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
