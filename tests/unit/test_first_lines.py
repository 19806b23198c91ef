"""What a first attempt often gets wrong: the error names the place, the value and the cure."""

import inspect
import io

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import nnlib
from nnlib import SGD, Adam, BatchNorm, Dense, Dropout, Network, RMSprop, fit, sweep, train

pytestmark = pytest.mark.filterwarnings("error")

X, Y = np.eye(4)[:, :2], np.array([0, 1, 1, 0])
TABLE = pd.DataFrame({"length": [1.0, 2, 3, 4], "kind": ["gull", "tern", "gull", "tern"]})
HOLES = pd.DataFrame({"length": pd.array([1, None, 3, 4], "Int64"), "width": [1.0, 2, 3, 4]})
NAN = pd.DataFrame({"length": [1.0, 2, np.nan, 4], "width": [1.0, 2, 3, 4]})
DATES = pd.DataFrame({"day": pd.date_range("2020", periods=4), "width": [1.0, 2, 3, 4]})
MASKED = np.ma.masked_array(X, mask=X > 0)


def net():
    return Network(2, [Dense(2)])


@pytest.mark.parametrize(
    "rows, error, message",
    [
        (TABLE, TypeError, "X holds 'gull' in column 'kind', row 0.*X.drop.*pandas.get_dummies"),
        (HOLES, ValueError, "X holds <NA> in column 'length', row 1.*Fill such values"),
        (NAN, ValueError, "X holds .*nan.* in column 'length', row 2.*Fill such values"),
        (DATES, TypeError, r"X holds Timestamp\(.*\) in column 'day', row 0"),
        (np.array([[1, pd.NA]] * 4, object), ValueError, r"X holds <NA> at index \(0, 1\)"),
        (np.array([["1", "2"]] * 4), TypeError, r"written as text.*numpy.asarray\(X, float\)"),
        (np.array([[1, "red"]] * 4, object), TypeError, r"got str 'red' at index \(0, 1\)"),
        (scipy.sparse.csr_array(X), TypeError, r"X is a sparse matrix.*Give X.toarray\(\)"),
        ((row for row in X), TypeError, r"got a generator.*numpy.array\(list\(X\)\)"),
        ({"a": [1]}, TypeError, "got a dict"),
        (MASKED, ValueError, r"X is masked at index \(0, 0\)"),
        (np.zeros((4, 2), "M8[D]"), TypeError, r"got dates \(datetime64\[D\]\).*days since"),
        (X + 1j, TypeError, "must hold real numbers, got dtype complex128"),
        ("rows.csv", TypeError, "got the text 'rows.csv'"),
    ],
)
@pytest.mark.parametrize("use", ["fit", "validation", "call"])
def test_rows_that_are_no_numbers(use, rows, error, message):
    if use == "validation" and not message.startswith("got"):
        message = message.removeprefix("X ")
    with pytest.raises(error, match=message):
        if use == "call":
            net()(rows)
        elif use == "fit":
            fit(net(), rows, Y)
        else:
            fit(net(), X, Y, validation=(rows, Y))


def test_an_unmasked_masked_array_and_a_table_of_numbers_are_taken():
    table = pd.DataFrame({"a": X[:, 0], "b": pd.array(X[:, 1], "Float64")})
    np.testing.assert_array_equal(net()(table), net()(X))
    np.testing.assert_array_equal(net()(np.ma.masked_array(X)), net()(X))


def test_a_table_of_another_library_is_taken_as_an_array():
    class Table:  # has columns as that of pandas, but is read in other ways
        columns = ("a", "b")

        def __len__(self):
            return len(X)

        def __array__(self, dtype=None, copy=None):
            return X.astype(dtype or X.dtype)

    np.testing.assert_array_equal(net()(Table()), net()(X))


@pytest.mark.parametrize(
    "y, message",
    [
        (["a", "b", None, "a"], "y holds None|y must hold numbers, got str 'a' at index"),
        (["a", "b", 1, "a"], "y must hold numbers, got .*'a'"),
        (["1", "2", "1", "2"], "y must hold numbers, got numbers written as text"),
        (pd.Series(["a", pd.NA, "b", "a"]), "y must hold numbers, got str 'a'|y holds <NA>"),
        ("abba", "y must hold numbers, got the text 'abba'"),
        (dict.fromkeys("abcd", 0), "y must hold numbers, got a dict"),
        (set("abcd"), "y must hold numbers, got a set"),
        (frozenset("abcd"), "y must hold numbers, got a frozenset"),
        ((name for name in "abba"), "y must hold numbers, got a generator"),
    ],
)
def test_targets_that_are_neither_numbers_nor_names(y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        fit(net(), X, y)


@pytest.mark.parametrize("name, meant", [("ReLU", "relu"), ("SIGMOID", "sigmoid")])
def test_a_name_in_other_letters_is_guessed(name, meant):
    with pytest.raises(ValueError, match=f"unknown activation '{name}'. Did you mean '{meant}'"):
        Dense(3, name)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: SGD(lr=0.1), "SGD takes no 'lr': here it is learning_rate"),
        (lambda: Adam(lr=0.1), "Adam takes no 'lr': here it is learning_rate"),
        (lambda: RMSprop(rho=0.9), "RMSprop takes no 'rho': here it is decay"),
        (lambda: fit(net(), X, Y, lr=0.1), r"optimizer: optimizer=SGD\(learning_rate=0.1\)"),
        (lambda: train(net(), X, Y, learning_rate=0.1), r"optimizer=SGD\(learning_rate=0.1\)"),
        (lambda: fit(net(), X, Y, epoch=3), "fit takes no 'epoch': here it is epochs"),
        (lambda: fit(net(), X, Y, batchsize=3), "Did you mean 'batch_size'"),
        (lambda: fit(net(), X, Y, verbose=1), "here it is progress"),
        (lambda: fit(net(), X, Y, validation_data=(X, Y)), "here it is validation"),
        (lambda: fit(net(), X, Y, weight_decay=1), r"here it is regularizer=L2\(1e-4\)"),
        (lambda: fit(net(), X, Y, zzz=1), "fit takes no 'zzz'. It takes network, X, y, loss"),
        (lambda: sweep(net(), X, Y, {"l2": [0]}, seed=1), "hyperparameter of the grid"),
        (lambda: Dense(units=3), "Dense takes no 'units': here it is width"),
        (lambda: Dropout(p=0.5), "Dropout takes no 'p': here it is rate"),
        (lambda: BatchNorm(eps=0.5), "BatchNorm takes no 'eps': here it is epsilon"),
        (lambda: Network(2, [Dense(2)], random_state=0), "here it is seed"),
        (lambda: nnlib.check_gradients(net(), X, Y, epsilon=1e-6), "check_gradients takes no"),
    ],
)
def test_arguments_by_other_names(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Network(3, Dense(2)), TypeError, "layers must be a list of layers, got Dense"),
        (lambda: Network(3, 5), TypeError, "layers must be a list of layers, got int 5"),
        (lambda: Network(2, [Dense(2)], dtype="flt"), ValueError, "float32, got 'flt'"),
        (lambda: nnlib.load(5), TypeError, "path must be the name of a file, got int"),
        (lambda: nnlib.load(io.BytesIO()), TypeError, "path must be the name of a file, got By"),
        (lambda: nnlib.save("net.npz", 5), TypeError, r"order is nnlib.save\(path, network\)"),
        (lambda: nnlib.save(net(), "net.npz"), TypeError, "path must be the name of a file, got N"),
        (lambda: fit(X, Y, net()), TypeError, r"The order is train\(network, X, y\)"),
    ],
)
def test_wrong_arguments_get_no_raw_message(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_saving_into_a_missing_folder_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*mkdir\(parents=True\)"):
        nnlib.save(tmp_path / "missing" / "net.npz", net())


def test_a_range_of_seeds_is_a_list_of_seeds():
    together = Network(2, [Dense(2)], seed=range(3))
    assert len(together) == 3
    np.testing.assert_array_equal(together[1].theta, Network(2, [Dense(2)], seed=1).theta)
    fit(together, X, Y, epochs=1, seed=range(3))


def test_two_data_sets_of_one_name_are_refused():
    with pytest.raises(ValueError, match="monitor holds a data set named 'validation'"):
        train(net(), X, Y, monitor={"validation": (X, Y)}, validation=(X, Y))


@pytest.mark.parametrize("function", [fit, train, sweep])
def test_shift_tab_shows_the_arguments(function):
    parameters = inspect.signature(function).parameters
    assert {"loss", "optimizer", "epochs", "batch_size", "validation", "monitor"} <= set(parameters)
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def test_fit_takes_what_train_takes():
    of_train = inspect.signature(train).parameters
    of_fit = dict(inspect.signature(fit).parameters)
    assert of_fit.pop("progress").default is None
    assert {n: p.default for n, p in of_fit.items()} == {n: p.default for n, p in of_train.items()}


def test_dir_lists_what_is_imported_on_demand():
    assert {"MLPClassifier", "MLPRegressor", "estimators", "fit", "save"} <= set(dir(nnlib))
