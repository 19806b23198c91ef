"""The estimators are scikit-learn's: same checks, same attributes, same numbers."""

from __future__ import annotations

import inspect
import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
import scipy.sparse as sparse
from sklearn import neural_network
from sklearn.base import clone
from sklearn.datasets import load_digits, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nnlib import datasets, estimators
from nnlib.estimators import MLPClassifier, MLPRegressor
from nnlib.regularizers import L2

PAIRS = {
    "classifier": (MLPClassifier, neural_network.MLPClassifier),
    "regressor": (MLPRegressor, neural_network.MLPRegressor),
}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def digits():
    X, y = datasets.load_digits()
    (rows, _) = datasets.split(X, y, 400, 100, seed=0)
    return rows


@parametrize_with_checks([MLPClassifier(max_iter=20), MLPRegressor(max_iter=20)])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", PAIRS)
def test_same_parameters_and_defaults(kind):
    ours, theirs = PAIRS[kind]
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert ours().get_params() == theirs().get_params()
    public = {name for name in dir(theirs()) if not name.startswith("_")}
    assert public <= {name for name in dir(ours()) if not name.startswith("_")}


SETTINGS = {
    "default": {},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.1},
    "plain sgd": {"solver": "sgd", "learning_rate_init": 0.5, "momentum": 0.0},
    "heavy ball": {"solver": "sgd", "learning_rate_init": 0.1, "nesterovs_momentum": False},
    "momentum 1": {"solver": "sgd", "learning_rate_init": 0.01, "momentum": 1.0},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 1.0},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.5,
                 "max_iter": 80, "tol": 1e-2, "n_iter_no_change": 3},
    "logistic, two layers": {"activation": "logistic", "hidden_layer_sizes": (20, 10)},
    "tanh, alpha, odd batch": {"activation": "tanh", "alpha": 0.5, "batch_size": 33},
    "identity, no shuffle": {"activation": "identity", "shuffle": False},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 3, "max_iter": 40},
}  # fmt: skip


def fitted_pair(kind, settings, *data):
    settings = {"max_iter": 12, "random_state": 0, **settings}
    return [estimator(**settings).fit(*data) for estimator in PAIRS[kind]]


def assert_same(ours, theirs, X, tolerance=1e-9):
    assert ours.n_iter_ == theirs.n_iter_ and ours.t_ == theirs.t_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=tolerance)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=tolerance)
    for mine, their in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-6, atol=tolerance)
    if theirs.validation_scores_ is not None:
        np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_)
        assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
    np.testing.assert_allclose(ours._predict(X), theirs._predict(X), rtol=1e-6)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_loss_curve_equals_scikit_learns(digits, settings):
    X, y = digits
    ours, theirs = fitted_pair("classifier", settings, X, y)
    assert_same(ours, theirs, X)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-7)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("settings", [{}, {"loss": "poisson"}, {"early_stopping": True}])
def test_regression_curve_equals_scikit_learns(outputs, settings):
    X, y = make_regression(120, 6, n_targets=outputs, random_state=1)
    y = np.abs(y) / 100
    ours, theirs = fitted_pair("regressor", settings, X, y)
    assert_same(ours, theirs, X)


def test_second_start_that_finds_nothing_better(digits):
    X, y = digits
    settings = {"early_stopping": True, "warm_start": True, "solver": "sgd"}
    ours, theirs = fitted_pair("classifier", settings, X, y)
    for estimator in (ours, theirs):
        estimator.set_params(learning_rate_init=20.0, max_iter=3).fit(X, y)
    assert max(theirs.validation_scores_[12:]) < theirs.best_validation_score_
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [2, 10])
def test_loss_curve_on_data_that_was_not_scaled(digits, dtype, weighted, classes):
    """There the first networks are surely wrong, and scikit-learn counts no row above a limit."""
    X, y = digits
    X, y = (160 * X).astype(dtype), y % classes
    data = (X, y, np.random.default_rng(0).random(len(X))) if weighted else (X, y)
    ours, theirs = fitted_pair("classifier", {"max_iter": 3}, *data)
    tolerance = 1e-9 if dtype is np.float64 else 2e-4
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=tolerance)
    exact = estimators.LOSSES
    plain = {"softmax": estimators.losses.cross_entropy,
             "logistic": estimators.losses.binary_cross_entropy}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimators, "LOSSES", exact | plain)
        unlimited = MLPClassifier(max_iter=1, random_state=0).fit(*data)
    assert unlimited.loss_curve_[0] > 1.01 * theirs.loss_curve_[0]  # the case is there


def test_loss_curve_of_unscaled_multilabel():
    X, y = make_multilabel_classification(150, 8, n_classes=4, random_state=0)
    ours, theirs = fitted_pair("classifier", {"learning_rate_init": 0.1}, 1000 * X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("kind", PAIRS)
def test_numbers_are_numpys_as_scikit_learns_are(digits, kind, solver):
    ours, theirs = fitted_pair(kind, {"solver": solver, "max_iter": 2}, *digits)
    assert type(ours.loss_) is type(theirs.loss_)  # .round(3) works
    if solver == "adam":
        assert type(ours.loss_curve_[0]) is type(theirs.loss_curve_[0])
        assert type(ours.best_loss_) is type(theirs.best_loss_)


def test_batch_of_weight_zero_is_refused_as_scikit_learn_does(digits):
    X, y = digits
    weights = np.where(np.arange(len(X)) < 200, 0.0, 1.0)
    for estimator in PAIRS["classifier"]:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            with pytest.raises(ZeroDivisionError, match="sum to zero"):
                estimator(shuffle=False).fit(X, y, weights)


def test_sample_weights(digits):
    X, y = digits
    weights = np.random.default_rng(0).random(len(X))
    ours, theirs = fitted_pair("classifier", {}, X, y, weights)
    assert_same(ours, theirs, X)
    ours, theirs = fitted_pair("classifier", {"early_stopping": True}, X, y, weights)
    assert_same(ours, theirs, X)


def test_binary_and_multilabel(digits):
    X, y = digits
    ours, theirs = fitted_pair("classifier", {}, X, (y > 4).astype(str))
    assert_same_labels(ours, theirs, X)
    X, y = make_multilabel_classification(150, 8, n_classes=4, random_state=0)
    ours, theirs = fitted_pair("classifier", {}, X, y)
    assert_same_labels(ours, theirs, X)
    assert ours.predict(X).shape == (150, 4)


def assert_same_labels(ours, theirs, X):
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_input(digits, kind, solver):
    X, y = digits
    settings = {"max_iter": 8, "random_state": 0, "solver": solver}
    dense = MLPClassifier(**settings).fit(X, y)
    thin = MLPClassifier(**settings).fit(kind(X), y)
    np.testing.assert_allclose(thin.predict_proba(kind(X)), dense.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_large_sparse_input_stays_sparse(solver):
    """Bags of words: dense, these rows would take 320 MB, and a batch of them 160."""
    X = sparse.random_array((400, 100_000), density=1e-4, rng=np.random.default_rng(0)).tocsr()
    y = np.arange(400) % 2
    settings = {"solver": solver, "max_iter": 2, "hidden_layer_sizes": (2,), "tol": 1e-9}
    theirs = neural_network.MLPClassifier(**settings, random_state=0).fit(X, y)
    tracemalloc.start()
    ours = MLPClassifier(**settings, random_state=0).fit(X, y)
    p = ours.predict_proba(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-6)
    np.testing.assert_allclose(p, theirs.predict_proba(X), rtol=1e-4)


@pytest.mark.parametrize("weighted", [False, True])
def test_lbfgs(digits, weighted):
    X, y = digits
    weights = np.random.default_rng(0).random(len(X)) if weighted else None
    settings = {"solver": "lbfgs", "max_iter": 15, "hidden_layer_sizes": (8,), "alpha": 0.01}
    ours, theirs = fitted_pair("classifier", settings, X, y, weights)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-5)
    assert ours.n_iter_ == theirs.n_iter_


def test_partial_fit_and_warm_start(digits):
    X, y = digits
    pair = [e(random_state=0) for e in PAIRS["classifier"]]
    for start in range(0, 400, 100):
        for estimator in pair:
            estimator.partial_fit(X[start : start + 100], y[start : start + 100], classes=range(10))
    np.testing.assert_allclose(pair[0].loss_curve_, pair[1].loss_curve_, rtol=1e-9)
    warm = [e(random_state=0, warm_start=True, max_iter=4).fit(X, y).fit(X, y)
            for e in PAIRS["classifier"]]  # fmt: skip
    np.testing.assert_allclose(warm[0].loss_curve_, warm[1].loss_curve_, rtol=1e-9)
    assert len(warm[0].loss_curve_) == 8
    with pytest.raises(AttributeError, match="partial_fit"):
        MLPClassifier(solver="lbfgs").partial_fit  # noqa: B018


def test_parameters_stay_the_same_arrays(digits):
    """Whoever keeps ``coefs_[0]`` sees it learn."""
    X, y = digits
    for estimator in PAIRS["classifier"]:
        model = estimator(random_state=0).partial_fit(X, y, classes=range(10))
        W, before = model.coefs_[0], model.coefs_[0].copy()
        model.partial_fit(X, y)
        assert model.coefs_[0] is W and not np.array_equal(W, before)
        model.set_params(warm_start=True, max_iter=2).fit(X, y)
        assert model.coefs_[0] is W


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("coefs_", np.copy),
        ("coefs_", lambda a: (9 * a).astype(int)),
        ("intercepts_", lambda a: (9 * a).astype(int)),
        ("intercepts_", np.ndarray.tolist),
    ],
)
def test_parameters_set_by_hand(digits, part, form):
    X, y = digits
    shown = []
    for estimator in PAIRS["classifier"]:
        model = estimator(max_iter=3, random_state=0).fit(X, y)
        setattr(model, part, [form(2 * a) for a in getattr(model, part)])
        shown.append(model.predict_proba(X))
        model.set_params(activation="tanh")
        shown.append(model.predict_proba(X))
    np.testing.assert_allclose(shown[:2], shown[2:], rtol=1e-7)
    assert not np.allclose(shown[0], shown[1])


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
def test_a_trained_model_costs_no_more_than_its_parameters(digits, settings):
    ours, theirs = fitted_pair("classifier", {"max_iter": 2, **settings}, *digits)
    assert len(pickle.dumps(ours)) < 1.05 * len(pickle.dumps(theirs))
    again = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(again.predict_proba(digits[0]), ours.predict_proba(digits[0]))
    assert not ours._network(ours.coefs_[0].dtype).trace  # no batch kept alive


def test_early_stopping_with_string_labels(digits):
    X, y = digits
    names = np.array(["zero", "one", "two", "three", "four"])[y % 5]
    ours, theirs = fitted_pair("classifier", {"early_stopping": True}, X, names)
    np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_)
    assert set(ours.predict(X)) <= set(names)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_float32_is_kept(digits, solver):
    X, y = digits
    settings = {"solver": solver, "max_iter": 5, "random_state": 0}
    ours = MLPClassifier(**settings).fit(X.astype(np.float32), y)
    assert {a.dtype for a in ours.coefs_ + ours.intercepts_} == {np.dtype(np.float32)}
    assert ours.predict_proba(X.astype(np.float32)).dtype == np.float32
    if solver != "lbfgs":
        assert {a.dtype for a in ours._optimizer.memory.values()} <= {np.dtype(np.float32)}


@pytest.mark.parametrize("fitted", [np.float32, np.float64])
@pytest.mark.parametrize("asked", [np.float32, np.float64, np.float16, int])
def test_predictions_have_scikit_learns_type(digits, fitted, asked):
    X, y = digits
    ours, theirs = fitted_pair("classifier", {"max_iter": 2}, X.astype(fitted), y)
    X = (16 * X).astype(asked)
    mine, their = ours.predict_proba(X), theirs.predict_proba(X)
    assert mine.dtype == their.dtype
    np.testing.assert_allclose(mine, their, rtol=1e-3)


def test_feature_names_and_html(digits):
    import pandas as pd

    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel {k}" for k in range(64)])
    ours = MLPClassifier(max_iter=3).fit(frame, y)
    assert list(ours.feature_names_in_) == list(frame.columns)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        ours.predict(X)
    assert "MLPClassifier" in ours._repr_html_()


def test_pipeline_grid_search_clone_pickle_joblib(digits, tmp_path):
    import joblib

    X, y = digits
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=5, random_state=0))
    assert cross_val_score(clone(pipeline), X, y, cv=3).mean() > 0.3
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=2).fit(X, y)
    best = search.best_estimator_
    again = pickle.loads(pickle.dumps(best))
    np.testing.assert_array_equal(again.predict(X), best.predict(X))
    joblib.dump(best, tmp_path / "model.joblib")
    np.testing.assert_array_equal(
        joblib.load(tmp_path / "model.joblib").predict(X), best.predict(X)
    )
    # A pickled model can be trained on: its optimizer and weights belong together again.
    model = MLPClassifier(random_state=0).partial_fit(X, y, classes=range(10))
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(
        model.partial_fit(X, y).predict_proba(X), twin.partial_fit(X, y).predict_proba(X)
    )


def test_verbose_prints_what_scikit_learn_prints(digits, capsys):
    X, y = digits
    printed = []
    for estimator in PAIRS["classifier"]:
        estimator(max_iter=3, random_state=0, verbose=True).fit(X, y)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != ""


def test_a_fit_has_a_progress_bar_unless_it_prints(digits, monkeypatch):
    X, y = digits
    bars = []

    class Bar:
        def __init__(self, epochs, wanted):
            self.epochs, self.wanted, self.updates = epochs, wanted, 0
            bars.append(self)

        def update(self):
            self.updates += 1

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *_: None  # noqa: E731

    monkeypatch.setattr(estimators, "progress_bar", Bar)
    MLPClassifier(max_iter=3, random_state=0).fit(X, y).partial_fit(X, y)
    MLPClassifier(max_iter=2, verbose=True).fit(X, y)
    # None: shown once the fit has taken two seconds
    assert [(b.epochs, b.wanted, b.updates) for b in bars] == [
        (3, None, 3), (1, False, 1), (2, False, 2)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", PAIRS)
def test_the_description_is_scikit_learns_and_says_what_differs(kind):
    ours, theirs = PAIRS[kind]
    parameters = ours.__doc__[ours.__doc__.index("Parameters\n") : ours.__doc__.index(">>>")]
    assert parameters in theirs.__doc__
    assert f"from nnlib import {ours.__name__}" in ours.__doc__
    assert "Where it differs" in ours.__doc__


def test_same_warnings(digits):
    X, y = digits
    for settings in ({"max_iter": 4}, {"batch_size": 5000, "max_iter": 2}, {"tol": 9.0}):
        caught = []
        for estimator in PAIRS["classifier"]:
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                estimator(random_state=0, **settings).fit(X, y)
            caught.append([(w.category, str(w.message)) for w in seen])
        assert caught[0] == caught[1]
        converged = "tol" in settings
        assert converged != any(category is ConvergenceWarning for category, _ in caught[0])


@pytest.mark.parametrize(
    "settings", [{"max_iter": 2}, {"batch_size": 5000}, {"max_iter": 2, "solver": "lbfgs"}]
)
def test_warnings_can_be_silenced_where_scikit_learns_examples_do(digits, settings):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module="sklearn")
        MLPClassifier(**settings).fit(*digits)
    assert not seen


@pytest.mark.parametrize(
    "settings",
    [
        {"alpha": False},
        {"alpha": True, "solver": "lbfgs"},
        {"max_iter": True},
        {"learning_rate_init": True},
        {"momentum": False, "solver": "sgd"},
        {"beta_1": False, "beta_2": False, "epsilon": True},
    ],
)
def test_true_and_false_are_numbers_as_for_scikit_learn(digits, settings):
    ours, theirs = fitted_pair("classifier", {"max_iter": 2, **settings}, *digits)
    assert ours.loss_ == pytest.approx(theirs.loss_)


def test_poisson_refuses_numbers_below_zero(digits):
    X, y = digits
    with pytest.raises(ValueError, match="poisson.*at least 0, got -1.*squared_error"):
        MLPRegressor(loss="poisson").fit(X, y - 1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes must be > 0"),
        ({"learning_rate_init": -1}, "learning_rate_init"),
        ({"early_stopping": True, "validation_fraction": 0.001}, "The|should be greater"),
    ],
)
def test_same_errors(digits, settings, message):
    X, y = digits
    for estimator in PAIRS["classifier"]:
        with pytest.raises(ValueError, match=message):
            estimator(max_iter=2, **settings).fit(X, y)


def test_divergence_raises_as_scikit_learn_does():
    X, y = make_regression(60, 4, random_state=0)
    settings = {"solver": "sgd", "learning_rate_init": 1e6, "max_iter": 30, "random_state": 0}
    for estimator in PAIRS["regressor"]:
        with pytest.raises(ValueError, match="non-finite parameter weights"):
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                estimator(**settings).fit(X * 1e6, y)


def test_divergence_after_better_epochs_keeps_the_best():
    """With early stopping scikit-learn goes on, and returns what was best."""
    X, y = make_regression(60, 4, random_state=0)
    settings = {"solver": "sgd", "learning_rate_init": 0.5, "early_stopping": True}
    settings |= {"activation": "identity", "max_iter": 30}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with pytest.warns(ConvergenceWarning, match=r"\(30\) reached"):
            ours, theirs = fitted_pair("regressor", settings, X, y)
    for estimator in (ours, theirs):
        assert np.isnan(estimator.validation_scores_[-1]) and np.isnan(estimator.loss_)
    assert ours.n_iter_ == theirs.n_iter_ == len(ours.loss_curve_) == 30
    assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X))


def test_interrupting_keeps_the_model(digits, monkeypatch):
    X, y = digits
    original = MLPClassifier._epoch_ends_training

    def interrupted(self, *arguments):
        if original(self, *arguments) or self.n_iter_ == 3:
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr(MLPClassifier, "_epoch_ends_training", interrupted)
    with pytest.warns(UserWarning, match="interrupted by user"):
        ours = MLPClassifier(random_state=0).fit(X, y)
    assert ours.n_iter_ == 3 and len(ours.loss_curve_) == 3
    assert ours.predict(X).shape == y.shape


def test_it_really_runs_on_nnlib(digits, monkeypatch):
    """Break nnlib's backward: the estimator must feel it."""
    X, y = digits
    before = MLPClassifier(max_iter=20, random_state=0).fit(X, y).loss_
    monkeypatch.setattr(estimators.Network, "backward", lambda self, gradient: None)
    after = MLPClassifier(max_iter=20, random_state=0).fit(X, y).loss_
    assert after > before + 0.5


def test_weights_do_not_widen_float32():
    X, y = load_digits(return_X_y=True)
    X = X[:200].astype(np.float32)
    seen = set()
    real = L2.value

    def value(penalty, theta):
        seen.add(penalty.strengths.dtype)
        return real(penalty, theta)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(L2, "value", value)
        MLPClassifier(5, max_iter=2, tol=0.0).fit(X, y[:200], sample_weight=np.linspace(1, 2, 200))
    assert seen == {np.dtype(np.float32)}
