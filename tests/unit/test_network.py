"""Networks: two vectors and their views, one or several, bad rows, copies."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import BatchNorm, Dense, Dropout, Network
from tests.unit.conftest import arrays_of

pytestmark = pytest.mark.filterwarnings("error")


def small(seed=0, dtype=np.float64, **options):
    layers = [Dense(5), BatchNorm("tanh"), Dropout(0.2), Dense(3)]
    options = {"loss": "cross_entropy"} | options
    return Network(4, layers, seed=seed, dtype=dtype, **options)


@pytest.fixture
def X(rng):
    return rng.normal(size=(6, 4))


def test_theta_and_grad_hold_every_number_once():
    net = small()
    assert net.theta.shape == net.grad.shape == (4 * 5 + 5 + 2 * 5 + 5 * 3 + 3,)
    assert net.widths == (4, 5, 5, 5, 3)
    net.theta[...], net.grad[...] = 0, 0
    for number, (_, values, gradients) in enumerate(net.parameters(), 1):
        values[...], gradients[...] = number, -number
    assert (net.theta > 0).all()
    np.testing.assert_array_equal(net.grad, -net.theta)


@pytest.mark.parametrize("name", ["theta", "grad"])
def test_the_vectors_are_written_in_place_and_never_replaced(name):
    net = small()
    with pytest.raises(AttributeError, match=rf"{name} is a view.*{name}\[...\] = value"):
        setattr(net, name, getattr(net, name) - 0.1)
    before = getattr(net, name).copy()
    if name == "theta":
        net.theta -= 1
        net.theta[0] += 1
    else:
        net.grad -= 1
        net.grad[0] += 1
    np.testing.assert_array_equal(getattr(net, name)[1:], before[1:] - 1)
    assert net.layers[0].views["W"].base is not None


def test_using_a_network_changes_nothing(X):
    net = small()
    before = pickle.dumps(net.state())
    np.testing.assert_array_equal(net(X), net(X))
    net.predict(X), net.probabilities(X)
    assert pickle.dumps(net.state()) == before
    assert net.trace == ()


def test_learning_keeps_a_trace(X):
    net = small()
    output = net.forward(X, training=True)
    assert len(net.trace) == 4
    assert net.trace[0].input is X and net.trace[-1].output is output
    for before, after in zip(net.trace, net.trace[1:], strict=False):
        assert before.output is after.input


def test_equal_seeds_equal_networks_and_one_generator_moves_on():
    np.testing.assert_array_equal(small(3).theta, small(3).theta)
    assert (small(3).theta != small(4).theta).any()
    generator = np.random.default_rng(3)
    first, second = small(generator), small(generator)
    np.testing.assert_array_equal(first.theta, small(3).theta)
    assert (first.theta != second.theta).any()
    from_sequence = small(np.random.SeedSequence(3))
    np.testing.assert_array_equal(from_sequence.theta, small(3).theta)


# -- what goes in ------------------------------


@given(n=st.integers(1, 7), kind=st.sampled_from(["int", "bool", "float32", "strided", "fortran",
                                                  "read-only", "list", "transposed"]))  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_any_make_give_what_a_plain_array_gives(dtype, n, kind):
    plain = np.random.default_rng(n).integers(0, 2, (n, 4)).astype(float)
    given_rows = {
        "int": lambda: plain.astype(np.uint8),
        "bool": lambda: plain.astype(bool),
        "float32": lambda: plain.astype(np.float32),
        "strided": lambda: np.repeat(np.repeat(plain, 2, axis=0), 3, axis=1)[::2, ::3],
        "fortran": lambda: np.asfortranarray(plain),
        "read-only": lambda: np.frombuffer(plain.tobytes()).reshape(n, 4),
        "list": lambda: plain.tolist(),
        "transposed": lambda: plain.T.copy().T,
    }[kind]()
    net = small(dtype=dtype)
    expected = net(plain)
    assert expected.shape == (n, 3) and expected.dtype == dtype
    np.testing.assert_array_equal(net(given_rows), expected)
    learnt = net.copy().forward(plain, training=True)
    np.testing.assert_array_equal(net.forward(given_rows, training=True), learnt)
    assert learnt.dtype == dtype


BAD_ROWS = [
    (np.zeros((2, 3)), ValueError, "X has 3 columns, but the network takes 4 inputs.*transpose"),
    (np.zeros(4), ValueError, r"two axes.*got shape \(4,\).*X.reshape\(1, -1\)"),
    (np.zeros((2, 2, 2, 4)), ValueError, r"got shape \(2, 2, 2, 4\).*X.reshape\(len\(X\), -1\)"),
    (np.zeros((2, 2, 4)), ValueError, r"got shape \(2, 2, 4\).*X.reshape\(len\(X\), -1\)"),
    (np.zeros((0, 4)), ValueError, r"X is empty \(shape \(0, 4\)\): give at least one row"),
    ([], ValueError, r"two axes.*got shape \(0,\)"),
    ([[1, 2, 3, np.nan]], ValueError, r"X holds nan at index \(0, 3\).*Remove or fill"),
    ([[1, 2, 3, 4], [1, -np.inf, np.inf, 4]], ValueError, r"X holds -inf at index \(1, 1\)"),
    ([["a", "b", "c", "d"]], TypeError, r"X must hold numbers, got the text 'a' at index \(0, 0\)"),
    ([[1, 2, 3, "d"]], TypeError, r"X must hold numbers, got the text 'd' at index \(0, 3\)"),
    ([[1, 2], [3]], ValueError, "X is ragged, got rows of several lengths"),
    ([[1, 2, 3, None]], ValueError, r"X holds nan at index \(0, 3\)"),
    ([[1, 2, 3, object()]], TypeError, r"X must hold numbers, got object .* at index \(0, 3\)"),
    ([[1j, 0, 0, 0]], TypeError, "X must hold real numbers, got dtype complex128"),
    (None, ValueError, r"X must have two axes \(rows, inputs\), got shape \(\)"),
    (np.zeros((1, 4), "M8[s]"), TypeError, r"must hold numbers, got dates \(datetime64\[s\]\)"),
]


@pytest.mark.parametrize("method", ["__call__", "forward", "predict", "probabilities"])
@pytest.mark.parametrize("rows, error, message", BAD_ROWS)
def test_bad_rows(method, rows, error, message):
    net = small()
    with pytest.raises(error, match=message):
        getattr(net, method)(rows)


def test_a_number_too_large_for_float32_is_found():
    net = small(dtype=np.float32)
    with pytest.raises(ValueError, match=r"X holds inf at index \(0, 1\).*in float32"):
        net([[0, 1e300, 0, 0]])
    wide = Network(4, [Dense(1, initializer="zeros")], dtype=np.float32)
    assert (wide(np.full((3, 4), 3e38)) == 0).all()  # their sum is not finite, but they are


def test_the_slope_of_the_input_is_not_computed(X, monkeypatch):
    net = Network(4, [Dense(5, "tanh"), Dense(3)], seed=0)
    returned, backward = [], Dense.backward

    def noted(*given, **more):
        returned.append(backward(*given, **more))
        return returned[-1]

    monkeypatch.setattr(Dense, "backward", noted)
    net.backward(np.ones_like(net.forward(X, training=True)))
    assert [gradient is None for gradient in returned] == [False, True]


def test_backward_needs_a_forward_and_one_slope_an_output(X):
    net = small()
    with pytest.raises(RuntimeError, match=r"call forward\(X\) first"):
        net.backward(np.ones((6, 3)))
    net.forward(X, training=True)
    for wrong in (np.ones((6, 1)), np.ones(3), 1.0, np.ones((1, 6, 3))):
        with pytest.raises(ValueError, match=r"gradient has shape .*output of shape \(6, 3\)"):
            net.backward(wrong)


@pytest.mark.parametrize(
    "arguments, options, error, message",
    [
        ((0, [Dense(1)]), {}, ValueError, "inputs must be at least 1, got 0"),
        ((2.0, [Dense(1)]), {}, TypeError, "inputs must be a whole number, got float 2.0"),
        ((2, []), {}, ValueError, r"layers is empty: give at least one, for example \[Dense"),
        ((2, [Dense(1), 3]), {}, TypeError, r"layers\[1\] must be a layer.*got int 3"),
        ((2, [Dense]), {}, TypeError, r"layers\[0\] must be a layer.*got type"),
        ((2, [Dense(1)]), {"seed": []}, ValueError, "seed is an empty list: give one seed"),
        ((2, [Dense(1)]), {"seed": None}, TypeError, "a seed is needed, got None"),
        ((2, [Dense(1)]), {"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ((2, [Dense(1)]), {"seed": 0.5}, TypeError, "seed must be a whole number, got float 0.5"),
        ((2, [Dense(1)]), {"seed": np.random.RandomState(0)}, TypeError, "got RandomState"),
        ((2, [Dense(1)]), {"dtype": int}, ValueError, "float64 or float32, got int64"),
        ((2, [Dense(1)]), {"dtype": np.float16}, ValueError, "got float16"),
        ((2, [Dense(1)]), {"dtype": "float33"}, ValueError, "float64 or float32, got 'float33'"),
    ],
)
def test_networks_that_cannot_be(arguments, options, error, message):
    with pytest.raises(error, match=message):
        Network(*arguments, **options)


def test_a_layer_belongs_to_one_network():
    shared = Dense(2)
    with pytest.raises(ValueError, match=r"layers\[1\] belongs to a network already"):
        Network(2, [shared, shared])
    Network(2, [shared])
    with pytest.raises(ValueError, match=r"layers\[0\] belongs to a network already.*copy"):
        Network(2, [shared])


# -- what comes out ------------------------------


def test_repr_tells_the_shape():
    assert repr(small()) == (
        "<Network: 4 inputs -> Dense(5, identity) -> BatchNorm(tanh, 0.9) -> Dropout(0.2) -> "
        "Dense(3, identity); 53 parameters, float64>"
    )
    assert "3 networks, each 4 inputs" in repr(small([1, 2, 3]))


# -- copies, and several networks ------------------------------

COPIES = {
    "copy": lambda net: net.copy(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda net: pickle.loads(pickle.dumps(net)),
}


@pytest.mark.parametrize("how", list(COPIES))
@pytest.mark.parametrize("seed", [5, [5, 6]])
def test_a_copy_goes_on_as_the_original_would_and_shares_nothing(how, seed, X):
    net = small(seed)
    net.forward(X, training=True)  # statistics and generators have moved
    twin = COPIES[how](net)
    assert repr(twin) == repr(net)
    for _, array in arrays_of(twin):
        assert not any(np.shares_memory(array, own) for _, own in arrays_of(net) if own.size)
    assert np.shares_memory(twin.theta, twin.layers[0].W)
    assert np.shares_memory(twin.grad, twin.layers[0].dW)
    np.testing.assert_array_equal(twin.forward(X, training=True), net.forward(X, training=True))
    np.testing.assert_array_equal(twin(X), net(X))
    twin.theta[...] = 0
    assert net.theta.any()


def test_a_copy_draws_no_weights():
    calls = []

    def initializer(generator, d_in, d_out):
        calls.append(1)
        return np.ones((d_in, d_out))

    net = Network(2, [Dense(2, initializer=initializer)])
    net.copy(), copy.deepcopy(net)
    assert len(calls) == 1


def test_several_networks_are_the_single_ones_side_by_side(X):
    seeds = [3, 1, 4]
    together, single = small(seeds), [small(seed) for seed in seeds]
    assert len(together) == 3 and together.theta.shape == (3, 53)
    outputs = together.forward(X, training=True)
    together.backward(np.ones_like(outputs))
    for k, net in enumerate(single):
        np.testing.assert_array_equal(outputs[k], net.forward(X, training=True))
        net.backward(np.ones((6, 3)))
        np.testing.assert_allclose(together.grad[k], net.grad, rtol=1e-13, atol=1e-15)
        np.testing.assert_array_equal(together(X)[k], net(X))
        np.testing.assert_array_equal(together.predict(X)[k], net.predict(X))


def test_several_networks_may_have_rows_of_their_own(rng):
    together = small([3, 1])
    rows = rng.normal(size=(2, 6, 4))
    outputs = together.forward(rows, training=True)
    for k, seed in enumerate([3, 1]):
        np.testing.assert_array_equal(outputs[k], small(seed).forward(rows[k], training=True))


def test_one_of_several_and_some_of_several(X):
    net = small([3, 1, 4])
    net.forward(X, training=True)
    for k in (0, 2, -1, np.int64(1)):
        one = net[k]
        assert one.theta.shape == (53,)
        np.testing.assert_array_equal(one(X), net(X)[k])
        learnt = net.copy().forward(X, training=True)
        np.testing.assert_array_equal(one.forward(X, training=True), learnt[k])
    some = net.take([2, 0])
    assert len(some) == 2
    np.testing.assert_array_equal(some(X), net(X)[[2, 0]])
    learnt = net.forward(X, training=True)
    np.testing.assert_array_equal(some.forward(X, training=True), learnt[[2, 0]])
    some.theta[...] = 0
    assert net.theta.any(axis=1).all()
    assert [len(net.take([k])) for k in range(3)] == [1, 1, 1]
    assert len(list(net)) == 3


def test_several_equal_copies_of_one_network(X):
    net = small(3)
    copies = net.take([0, 0])
    np.testing.assert_array_equal(copies(X), [net(X), net(X)])


@pytest.mark.parametrize(
    "ask, error, message",
    [
        (lambda net: net[3], IndexError, "there are 3 networks, numbered from 0; got 3"),
        (lambda net: net[-4], ValueError, "network must be at least -3, got -4"),
        (lambda net: net["first"], TypeError, "network must be a whole number, got str 'first'"),
        (lambda net: net[0:2], TypeError, "network must be a whole number, got slice"),
        (lambda net: net.take([]), IndexError, r"there are 3 networks.*got \[\]"),
        (lambda net: net.take([0, 3]), IndexError, r"there are 3 networks.*got \[0, 3\]"),
        (lambda net: net.take([0.5]), TypeError, "network must be a whole number"),
        (lambda net: net[0][0], TypeError, "this is a single network"),
        (lambda net: len(net[0]), TypeError, "this is a single network"),
    ],
)
def test_networks_that_are_not_there(ask, error, message):
    with pytest.raises(error, match=message):
        ask(small([1, 2, 3]))


def test_a_network_is_true():
    assert small() and small([1, 2])


def test_state_is_a_copy_and_leads_back(X):
    net = small([5, 6])
    state = net.state()
    first = net.forward(X, training=True)
    net.theta += 1
    net.set_state(state)
    np.testing.assert_array_equal(net.forward(X, training=True), first)


def test_config_builds_the_same_architecture():
    net = Network(3, [Dense(2, "relu"), Dropout(0.1), BatchNorm()], seed=[1, 2], dtype=np.float32)
    again = Network.from_config(net.config())
    assert again.config() == net.config()
    assert repr(again) == repr(net)


@pytest.mark.parametrize("seed", [0, [0, 1]])
def test_a_float32_network_holds_nothing_else(seed, X):
    net = small(seed, np.float32)
    output = net.forward(X, training=True)
    net.backward(np.ones(output.shape))  # float64 gradients too
    for path, array in arrays_of(net, "net"):
        assert array.dtype in (np.float32, bool) or array.dtype.kind in "iu", path
    assert net(X).dtype == net.probabilities(X).dtype == np.float32


def test_one_output_has_no_softmax():
    with pytest.raises(ValueError, match="at least two outputs.*'binary_cross_entropy'"):
        Network(4, [Dense(1)], loss="cross_entropy")


def test_rows_for_each_network_may_be_of_another_type():
    rows = np.random.default_rng(0).normal(size=(2, 6, 4))
    nets = Network(4, [Dense(3)], seed=[0, 1], dtype=np.float32)
    output = nets.forward(rows)
    assert output.dtype == np.float32
    for k in range(2):
        np.testing.assert_allclose(output[k], nets[k](rows[k]), rtol=1e-6)
    with pytest.raises(ValueError, match="X must have two axes"):
        nets.forward(rows[:1])


def test_a_seed_of_no_axes_is_no_list_of_seeds():
    with pytest.raises(TypeError, match="seed must be a whole number, got ndarray"):
        Network(4, [Dense(3)], seed=np.array(3))


def test_a_slope_may_be_a_list(X):
    net = Network(4, [Dense(1)])
    net.forward(X[:1])
    net.backward([[1.0]])
    np.testing.assert_array_equal(net.layers[0].dW[:, 0], X[0])


def test_one_column_is_told_to_become_one():
    with pytest.raises(ValueError, match=r"X\.reshape\(-1, 1\)"):
        Network(1, [Dense(1)])(np.linspace(0, 1, 5))


def test_a_state_of_another_network_is_refused():
    with pytest.raises(ValueError, match="the state holds parameters of shape"):
        Network(4, [Dense(3)]).set_state(Network(1, [Dense(1, bias=False)]).state())


def test_forward_is_use_with_a_trace_unless_it_is_told_to_learn(X):
    net = small()
    before = net.state()
    np.testing.assert_array_equal(net.forward(X), net(X))
    assert len(net.trace) == 4
    np.testing.assert_equal(net.state(), before)  # no mask was drawn, no average has moved
    assert (net.forward(X, training=True) != net(X)).any()
    with pytest.raises(ValueError, match="X holds nan"):
        net.forward([[1, 2, 3, np.nan]])


@pytest.mark.parametrize("layer", [Dropout(0.5), BatchNorm()])
def test_backward_after_a_pass_of_use_is_refused_where_learning_differs(layer, X):
    net = Network(4, [Dense(5), layer, Dense(3)])
    net.forward(X)
    with pytest.raises(RuntimeError, match=r"forward\(X, training=True\) before backward"):
        net.backward(np.ones((6, 3)))
    net.forward(X, training=True)
    net.backward(np.ones((6, 3)))
    plain = Network(4, [Dense(5), Dense(3)])
    plain.forward(X)
    plain.backward(np.ones((6, 3)))  # nothing differs: no need to say so
