"""`load` and `resume` refuse any file that is not sound, with ValueError, before they make room."""

import copy
import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

import nnlib
from nnlib import Adam, BatchNorm, Dense, Network

pytestmark = pytest.mark.filterwarnings("error")

X, Y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The bytes of a training, and its header and arrays."""
    path = tmp_path_factory.mktemp("sound") / "run.npz"
    network = Network(3, [Dense(4), BatchNorm("tanh"), Dense(2)], seed=[0, 1])
    run = nnlib.train(network, X, Y, optimizer=Adam(0.01), epochs=2, batch_size=5, seed=[2, 3])
    for _ in range(6):
        next(run)
    nnlib.save(path, run)
    with np.load(path) as inside:
        arrays = {name: inside[name] for name in inside.files}
    return path.read_bytes(), json.loads(str(arrays.pop("header"))), arrays


def refused_or_sound(path, content) -> bool:
    """Whether the file is refused, by ValueError and nothing else; True: it is."""
    path.write_bytes(content)
    refused = False
    for read in (nnlib.load, lambda path: nnlib.resume(path, X, Y)):
        try:
            found = read(path)
        except ValueError:
            refused = True
        else:
            network = found if isinstance(found, Network) else found.network
            network(X)
    return refused


def packed(header, arrays, **options) -> bytes:
    file = io.BytesIO()
    save = np.savez_compressed if options.get("compressed") else np.savez
    save(file, header=np.array(json.dumps(header)), **arrays)
    return file.getvalue()


def test_random_bytes_and_cuts_are_refused(sound, tmp_path):
    raw, rng = sound[0], np.random.default_rng(1)
    assert not refused_or_sound(tmp_path / "file", raw)
    refused = 0
    for _ in range(150):
        changed = bytearray(raw)
        match rng.integers(3):
            case 0:  # some bytes
                for place in rng.integers(0, len(raw), rng.integers(1, 8)):
                    changed[place] = rng.integers(256)
            case 1:  # a piece is missing
                start = rng.integers(len(raw))
                del changed[start : start + rng.integers(1, 500)]
            case 2:  # a piece is there twice
                start = rng.integers(len(raw))
                changed[start:start] = changed[start : start + 64]
        refused += refused_or_sound(tmp_path / "file", bytes(changed))
    assert refused > 100
    for length in (0, 1, 10, len(raw) // 2, len(raw) - 1):
        assert refused_or_sound(tmp_path / "file", raw[:length])


HOSTILE = [-1, 0, 3, 10**18, 2.5, 1e308, None, True, "test", "", [], [[]], {}, {"array": "a0"},
           {"array": "a99"}, {"dict": {}}, {"dict": 3}, [1] * 50]  # fmt: skip


def nodes(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, (dict, list)):
        for key, entry in entries:
            yield from nodes(entry, (*path, key)) if isinstance(entry, (dict, list)) else [
                (*path, key)
            ]


def test_a_header_that_says_anything_else_is_refused_or_sound(sound, tmp_path):
    _, header, arrays = sound
    places = [path for path in nodes(header) if path]
    rng, refused = np.random.default_rng(2), 0
    for number in rng.permutation(len(places))[:250]:
        changed = copy.deepcopy(header)
        *way, last = places[number]
        inside = changed
        for key in way:
            inside = inside[key]
        inside[last] = HOSTILE[rng.integers(len(HOSTILE))]
        refused += refused_or_sound(tmp_path / "file", packed(changed, arrays))
    assert refused > 150


def test_arrays_that_do_not_fit_are_refused(sound, tmp_path):
    _, header, arrays = sound
    for name, array in arrays.items():
        for wrong in (array.astype(complex), array.astype(np.float16), array.ravel()[:-1],
                      np.array(1.0), array[..., None]):  # fmt: skip
            if wrong.dtype == array.dtype and wrong.shape == array.shape:
                continue
            content = packed(header, arrays | {name: wrong})
            path = tmp_path / "file"
            path.write_bytes(content)
            with pytest.raises(ValueError):
                nnlib.resume(path, X, Y)
                raise AssertionError(f"{name} as {wrong.dtype} {wrong.shape} was taken")


@pytest.mark.parametrize(
    "rename",
    [{"mean": "velocity"}, {"mean": "velocity", "mean_square": "mean"}, {"mean": None}],
    ids=["one name", "both names", "one is missing"],
)
def test_a_memory_that_the_optimizer_does_not_have_is_refused(rename, sound, tmp_path):
    _, header, arrays = sound
    changed = copy.deepcopy(header)
    memory = changed["content"]["dict"]["snapshot"]["dict"]["memory"]["dict"]
    assert set(memory) == {"mean", "mean_square"}
    named = {rename.get(name, name): array for name, array in memory.items()}
    named.pop(None, None)
    memory.clear(), memory.update(named)
    (tmp_path / "file").write_bytes(packed(changed, arrays))
    with pytest.raises(ValueError, match=f"the optimizer's memory holds .*{min(named)}"):
        nnlib.resume(tmp_path / "file", X, Y)


def network_file(path, change):
    nnlib.save(path, Network(3, [Dense(4), BatchNorm(), Dense(2)]))
    with np.load(path) as inside:
        arrays = {name: inside[name] for name in inside.files}
    header = json.loads(str(arrays.pop("header")))
    described, state = (header["content"]["dict"][k]["dict"] for k in ("network", "state"))
    change(described, state, arrays)
    path.write_bytes(packed(header, arrays))


def make_nested(described, state, arrays):
    nested = []
    for _ in range(900):
        nested = [nested]
    described["layers"] = nested


@pytest.mark.parametrize(
    "change",
    [
        lambda d, s, a: d["layers"][0][1]["dict"].update(width=40_000),
        lambda d, s, a: d.update(inputs=10**9),
        lambda d, s, a: d.update(networks=10**6, generators=["PCG64"] * 10**6),
        lambda d, s, a: a["a0"].__setitem__(3, np.nan),
        lambda d, s, a: a.update(a0=a["a0"].astype(complex)),
        lambda d, s, a: a.update(a1=np.array(0.5)),
        lambda d, s, a: s["rngs"][0]["dict"]["state"]["dict"].update(state=-1),
        make_nested,
    ],
    ids=["wide", "many inputs", "a million generators", "nan", "complex", "scalar", "rng", "deep"],
)
def test_what_once_took_memory_or_another_error_is_refused_at_once(change, tmp_path):
    network_file(tmp_path / "file", change)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="damaged, or was not written by nnlib"):
            nnlib.load(tmp_path / "file")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 200e6


def test_a_small_file_cannot_ask_for_much_memory(tmp_path):
    path = tmp_path / "file"
    header = np.array(json.dumps({"format": "nnlib 2"}))
    np.savez_compressed(path.with_suffix(".npz"), header=header, a0=np.zeros(30_000_000))
    with zipfile.ZipFile(path, "w") as inside:  # a header that claims what is not there
        for name, array in (("header.npy", header), ("a0.npy", np.zeros(3))):
            file = io.BytesIO()
            np.save(file, array)
            content = file.getvalue().replace(b"(3,), }        ", b"(30000000,), } ")
            inside.writestr(name, content)
    tracemalloc.start()
    try:
        for bomb, message in ((path, "not as large as it says"),
                              (path.with_suffix(".npz"), "is compressed")):  # fmt: skip
            with pytest.raises(ValueError, match=message):
                nnlib.load(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_of_several_networks_some_may_have_diverged(tmp_path):
    networks = Network(3, [Dense(2)], seed=[0, 1])
    networks.theta[1] = np.nan
    nnlib.save(tmp_path / "file", networks)
    assert np.isnan(nnlib.load(tmp_path / "file").theta[1]).all()
