"""Estimators: a `Network` dressed as scikit-learn's MLPClassifier and MLPRegressor.

A thin room: scikit-learn's own classes check the input, encode the labels, draw the first
weights and keep the attributes; only their arithmetic (forward, backward, step) is replaced, by
`Network` and `train`.  So every parameter, attribute, error and warning is scikit-learn's, and a
notebook needs only its import changed.  With the same ``random_state`` the loss curves agree to
rounding.

Three of its conventions differ from the course's, and are kept here so that results agree:
``alpha`` is divided by the rows of each batch (so its strength depends on the batch size); the
squared error is halved; Adam adds epsilon before it corrects the bias.

Not here: anything the course explains.  Read ``network`` and ``training`` for that.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import issparse
from scipy.special import xlogy
from sklearn import neural_network
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import gen_batches, shuffle
from sklearn.utils.fixes import _get_additional_lbfgs_options_dict
from sklearn.utils.optimize import _check_optimize_result
from sklearn.utils.validation import validate_data

from nnlib import losses, regularizers
from nnlib.activations import Activation
from nnlib.checks import Rows
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.optimizers import SGD, Adam
from nnlib.progress import progress_bar
from nnlib.training import train

# -- scikit-learn's conventions, in terms of ours ----------------------------------------------


class _AlphaOverRows(regularizers.L2):
    """L2 with scikit-learn's strength: alpha divided by the rows (or weights) of the batch."""

    _rows = 1.0

    def divide_by(self, rows: float) -> None:
        if rows != self._rows:
            self.prices, self._rows = self._whole / rows, rows

    def for_network(self, network):
        self.prices = self._whole = super().for_network(network).prices
        return self


class _Adam(Adam):
    """Adam as at the end of section 2 of Kingma and Ba: epsilon before the correction."""

    def _move(self, theta, grad, rate):
        epsilon = self.epsilon
        self.epsilon = epsilon / math.sqrt(1 - self.beta2**self.steps)  # a float: keeps float32
        super()._move(theta, grad, rate)
        self.epsilon = epsilon


def _half_squared_error(output, targets, share):
    error = output - targets
    return losses._mean((error * error).mean(axis=-1), share) / 2, losses._scale(error, share)


@Activation
def exp(z):
    """a = exp(z), the link of the Poisson loss."""
    return np.exp(z)


def _poisson(output, targets, share):
    predicted = np.exp(output)
    value = xlogy(targets, targets) - targets * output - targets + predicted
    predicted -= targets
    return losses._mean(value.sum(axis=-1), share), losses._scale(predicted, share)


def _regression_loss(name, value_and_slope, link):
    return losses.Loss(name, value_and_slope, losses.mse.encode, link, f"scikit-learn's {name}.")


_LOSSES = {  # output activation -> loss
    "softmax": losses.cross_entropy,
    "logistic": losses.binary_cross_entropy,
    "identity": _regression_loss("squared_error", _half_squared_error, losses.mse.link),
    "exp": _regression_loss("poisson", _poisson, exp),
}

_ACTIVATIONS = {"logistic": "sigmoid", "identity": "identity", "tanh": "tanh", "relu": "relu"}


class _SparseRows(Rows):
    """Rows of a sparse matrix, made dense a batch at a time."""

    def __init__(self, X):
        self.X, self.shape, self.dtype = X.tocsr(), X.shape, X.dtype

    def __getitem__(self, rows):
        return self.X[rows].toarray()


# -- the arithmetic, replaced --------------------------------------------------------------------


class _OnNetwork:
    """Puts `Network` and `train` in the place of scikit-learn's arithmetic."""

    def _network(self) -> Network:
        """The network whose parameters are ``coefs_`` and ``intercepts_``: a copy of them."""
        hidden = _ACTIVATIONS[self.activation]
        names = [hidden] * (self.n_layers_ - 2) + ["identity"]
        layers = [
            Dense(len(b), name, "zeros") for b, name in zip(self.intercepts_, names, strict=True)
        ]
        network = Network(len(self.coefs_[0]), layers, dtype=self.coefs_[0].dtype)
        for layer, W, b in zip(layers, self.coefs_, self.intercepts_, strict=True):
            layer.W[...], layer.b[...] = W, b
        return network

    def _take_over(self, network: Network) -> None:
        """Let ``coefs_`` and ``intercepts_`` be the network's own windows."""
        self.coefs_ = [layer.W for layer in network.layers]
        self.intercepts_ = [layer.b for layer in network.layers]

    def _forward_pass_fast(self, X, check_input=True):
        if check_input:
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        X = _SparseRows(X) if issparse(X) else X
        network, link = self._network(), _LOSSES[self.out_activation_].link
        X_rows = (X[rows] for rows in gen_batches(X.shape[0], 4096))
        dtype = network.dtype
        return np.concatenate([link(network.evaluate(x.astype(dtype, copy=False))) for x in X_rows])

    def _fit_lbfgs(self, X, y, sample_weight, *buffers):
        network, loss = self._network(), _LOSSES[self.out_activation_]
        X = X.toarray() if issparse(X) else X
        share = losses.shares(sample_weight, len(X), network.dtype)
        targets = loss.encode(y, self.n_outputs_).astype(network.dtype)
        penalty = _AlphaOverRows(self.alpha).for_network(network)
        penalty.divide_by(len(X) if sample_weight is None else sample_weight.sum())

        def cost(theta):
            network.theta[...] = theta
            value, slope = loss.value_and_slope(network.forward(X), targets, share)
            network.backward(slope)
            value = value + penalty.charge(network.theta, network.grad)
            return float(value), network.grad.astype(float)

        verbosity = _get_additional_lbfgs_options_dict("iprint", 1 if self.verbose else -1)
        options = {"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol, **verbosity}
        start = network.theta.astype(float)
        result = minimize(cost, start, method="L-BFGS-B", jac=True, options=options)
        self.n_iter_ = _check_optimize_result("lbfgs", result, self.max_iter)
        self.loss_ = result.fun
        network.theta[...] = result.x
        self._take_over(network)

    def _fit_stochastic(self, X, y, sample_weight, *buffers_and_incremental):
        incremental = buffers_and_incremental[-1]
        if not incremental or not hasattr(self, "_optimizer"):
            self._optimizer = self._new_optimizer()
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        (X, y, sample_weight), held_out = self._hold_out(X, y, sample_weight)
        network = self._network()
        self._take_over(network)
        self._optimizer.moves = network.theta  # partial_fit: the same network, dressed anew
        penalty = _AlphaOverRows(self.alpha)
        order = np.arange(X.shape[0])
        size = self._batch_rows(len(order))

        def batches(epoch):
            nonlocal order
            if self.shuffle:
                order = shuffle(order, random_state=self._random_state)
            return [order[rows] for rows in gen_batches(len(order), size)]

        run = train(
            network,
            _SparseRows(X) if issparse(X) else X,
            y,
            loss=_LOSSES[self.out_activation_],
            optimizer=self._optimizer,
            epochs=1 if incremental else self.max_iter,
            regularizer=penalty,
            batches=batches,
            sample_weight=sample_weight,
        )
        self.n_iter_ = 0
        wants_bar = None if not (incremental or self.verbose) else False
        with progress_bar(run.epochs, wants_bar) as bar:
            try:
                while self._train_epoch(run, penalty, sample_weight):
                    bar.update()
                    cost = run.history.columns["cost"][-1]
                    if self._epoch_ends_training(cost, held_out, incremental, len(order)):
                        break
            except KeyboardInterrupt:
                warnings.warn("Training interrupted by user.", stacklevel=4)
        if "diverged" in (run.stopped_because or ""):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                f"values and need to be preprocessed: {run.stopped_because}."
            )
        if self.early_stopping:
            self.coefs_, self.intercepts_ = self._best_coefs, self._best_intercepts

    @staticmethod
    def _train_epoch(run, penalty, sample_weight) -> bool:
        """One epoch; False if there is none left, or the training diverged."""
        epochs_before = run.epoch
        for rows in run.coming_batches():
            penalty.divide_by(len(rows) if sample_weight is None else sample_weight[rows].sum())
            if next(run, None) is None:
                return False
        return run.epoch > epochs_before

    def _epoch_ends_training(self, cost, held_out, incremental, rows) -> bool:
        """Scikit-learn's book-keeping after an epoch, and whether to stop."""
        self.n_iter_ += 1
        self.t_ += rows
        self.loss_ = cost
        self.loss_curve_.append(self.loss_)
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
        self._update_no_improvement_count(self.early_stopping, *held_out)
        if self.solver == "sgd" and self.learning_rate == "invscaling":
            rate = self.learning_rate_init / (self.t_ + 1) ** self.power_t
            self._optimizer.learning_rate = rate
        if self._no_improvement_count > self.n_iter_no_change:
            if self._gives_up():
                return True
            self._no_improvement_count = 0
        if self.n_iter_ == self.max_iter and not incremental:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                "optimization hasn't converged yet.",
                ConvergenceWarning,
                stacklevel=5,
            )
        return incremental

    def _gives_up(self) -> bool:
        """No improvement for long enough: stop, or (adaptive) go on more slowly."""
        what = "Validation score" if self.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} "
            "consecutive epochs."
        )
        rate = self._optimizer.learning_rate
        adaptive = self.solver == "sgd" and self.learning_rate == "adaptive"
        if adaptive and rate > 1e-6:
            self._optimizer.learning_rate = rate / 5
            decision = f"Setting learning rate to {rate / 5:f}"
        else:
            decision = "Learning rate too small. Stopping." if adaptive else "Stopping."
        if self.verbose:
            print(message, decision)
        return not (adaptive and rate > 1e-6)

    def _new_optimizer(self):
        rate = self.learning_rate_init
        if self.solver == "adam":
            return _Adam(rate, self.beta_1, self.beta_2, self.epsilon)
        momentum = min(self.momentum, np.nextafter(1, 0))  # scikit-learn allows 1 itself
        return SGD(rate, momentum, self.nesterovs_momentum and momentum > 0)

    def _batch_rows(self, n: int) -> int:
        if self.batch_size == "auto":
            return min(200, n)
        if self.batch_size > n:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be "
                "clipped",
                stacklevel=5,
            )
        return int(np.clip(self.batch_size, 1, n))

    def _hold_out(self, X, y, sample_weight):
        """The rows to learn from, and those kept back to decide when to stop."""
        if not self.early_stopping:
            return (X, y, sample_weight), (None, None, None)
        arrays = [X, y] if sample_weight is None else [X, y, sample_weight]
        parts = train_test_split(
            *arrays,
            random_state=self._random_state,
            test_size=self.validation_fraction,
            stratify=y if is_classifier(self) and self.n_outputs_ == 1 else None,
        )
        learn, keep = parts[::2], parts[1::2]
        if keep[0].shape[0] < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        if is_classifier(self):
            keep[1] = self._label_binarizer.inverse_transform(keep[1])
        return [(*part, None)[:3] for part in (learn, keep)]


class MLPClassifier(_OnNetwork, neural_network.MLPClassifier):
    __doc__ = (neural_network.MLPClassifier.__doc__ or "").replace(
        "Multi-layer Perceptron classifier.",
        "scikit-learn's MLPClassifier with nnlib's arithmetic: same parameters, same results.",
    )


class MLPRegressor(_OnNetwork, neural_network.MLPRegressor):
    __doc__ = (neural_network.MLPRegressor.__doc__ or "").replace(
        "Multi-layer Perceptron regressor.",
        "scikit-learn's MLPRegressor with nnlib's arithmetic: same parameters, same results.",
    )
