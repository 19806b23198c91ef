"""Estimators: a `Network` behind scikit-learn's MLPClassifier and MLPRegressor.

Scikit-learn's own classes check the input, encode the labels, draw the first
weights and keep the attributes; only their arithmetic (forward, backward, step) is replaced, by
`Network` and `train`.  So every parameter, attribute, error and warning is scikit-learn's, and a
notebook needs only its import changed.  With the same ``random_state`` the loss curves agree to
rounding.

Where it counts differently from the course is written in ``sklearn_conventions``.

Not here: anything the course explains.  Read ``network`` and ``training`` for that.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn import neural_network
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import gen_batches, shuffle
from sklearn.utils.validation import validate_data

from nnlib import losses
from nnlib.fast import one_thread_if_small
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.optimizers import SGD
from nnlib.progress import progress_bar
from nnlib.sklearn_conventions import ACTIVATIONS, LOSSES, AlphaOverRows, EarlyEpsilonAdam, rows_of
from nnlib.training import train


class _OnNetwork:
    """Puts `Network` and `train` in the place of scikit-learn's arithmetic."""

    def _network(self, dtype) -> Network:
        """The network of ``coefs_`` and ``intercepts_``: the one trained, or a copy of them."""
        names = [ACTIVATIONS[self.activation]] * (self.n_layers_ - 2) + ["identity"]
        parameters = list(zip(names, self.coefs_, self.intercepts_, strict=True))
        trained = vars(self).get("_trained")
        if trained is not None and trained.dtype == dtype:
            layers = zip(trained.layers, parameters, strict=True)
            if all(
                layer.activation.name == name and layer.W is W and layer.b is b
                for layer, (name, W, b) in layers
            ):
                return trained
        layers = [Dense(len(b), name, "zeros") for name, _, b in parameters]
        network = Network(len(self.coefs_[0]), layers, dtype=dtype)
        for layer, (_, W, b) in zip(layers, parameters, strict=True):
            layer.W[...], layer.b[...] = W, b
        return network

    def _take_over(self, network: Network) -> None:
        """Let ``coefs_`` and ``intercepts_`` be the network's own views."""
        self.coefs_ = [layer.W for layer in network.layers]
        self.intercepts_ = [layer.b for layer in network.layers]
        self._trained = network

    def __getstate__(self):
        # What is pickled are the arrays; as views they would be there twice.
        return {name: v for name, v in super().__getstate__().items() if name != "_trained"}

    def _forward_pass_fast(self, X, check_input=True):
        if check_input:
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        parameters = map(np.asarray, [*self.coefs_, *self.intercepts_])  # perhaps set by hand
        kept = np.result_type(X.dtype, *parameters) == np.float32
        network = self._network(np.dtype(np.float32 if kept else np.float64))
        output = network._apply(X.astype(network.dtype, copy=False))
        return LOSSES[self.out_activation_].output_activation.function(output)

    def _fit_lbfgs(self, X, y, sample_weight, *buffers):
        network, loss = self._network(X.dtype), LOSSES[self.out_activation_]
        share = losses.shares(sample_weight, X.shape[0], network.dtype)
        targets = loss.encode(y, self.n_outputs_).astype(network.dtype)
        penalty = AlphaOverRows(float(self.alpha)).for_network(network)
        penalty.divide_by(X.shape[0] if sample_weight is None else sample_weight.sum())
        rows = rows_of(X, network.dtype)

        def cost(packed, *_):
            self._unpack(packed)
            for layer, W, b in zip(network.layers, self.coefs_, self.intercepts_, strict=True):
                layer.W[...], layer.b[...] = W, b
            output = network._forward(rows, training=True)
            value, gradient = loss.value_and_gradient(output, targets, share)
            network.backward(gradient)
            value = value + penalty.value(network.theta)
            penalty.add_gradient(network.theta, network.grad)
            gradients = [layer.dW for layer in network.layers]
            gradients += [layer.db for layer in network.layers]
            return np.float64(value), np.concatenate([s.ravel() for s in gradients], dtype=float)

        self._loss_grad_lbfgs = cost  # what scikit-learn's own minimises
        try:
            super()._fit_lbfgs(X, y, sample_weight, *buffers)
        finally:
            del self._loss_grad_lbfgs
        self._take_over(self._network(X.dtype))

    def _fit_stochastic(self, X, y, sample_weight, *buffers_and_incremental):
        incremental = buffers_and_incremental[-1]
        if not incremental or not hasattr(self, "_optimizer"):
            self._optimizer = self._new_optimizer()
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        (X, y, sample_weight), held_out = self._hold_out(X, y, sample_weight)
        network = self._network(self.coefs_[0].dtype)
        self._take_over(network)
        self._optimizer.moves = network.theta  # partial_fit: the same network, made anew
        penalty = AlphaOverRows(float(self.alpha))
        order = np.arange(X.shape[0])
        size = self._batch_rows(len(order))

        def batches(epoch):
            nonlocal order
            if self.shuffle:
                order = shuffle(order, random_state=self._random_state)
            return [order[rows] for rows in gen_batches(len(order), size)]

        run = train(
            network,
            rows_of(X, network.dtype),
            y,
            loss=LOSSES[self.out_activation_],
            optimizer=self._optimizer,
            epochs=1 if incremental else int(self.max_iter),
            regularizer=penalty,
            batches=batches,
            sample_weight=sample_weight,
        )
        self.n_iter_ = 0
        wants_bar = None if not (incremental or self.verbose) else False
        limit = one_thread_if_small(network, size)
        with limit, progress_bar(run.epochs, wants_bar) as bar:
            try:
                for _ in range(run.epochs):
                    cost = self._train_epoch(run, penalty, sample_weight)
                    bar.update()
                    if self._epoch_ends_training(cost, held_out, incremental, len(order)):
                        break
            except KeyboardInterrupt:
                warnings.warn("Training interrupted by user.", stacklevel=4)
        network.trace = ()  # it holds the last batch
        if self.early_stopping:
            best = [*self._best_coefs, *self._best_intercepts]
            for view, values in zip([*self.coefs_, *self.intercepts_], best, strict=True):
                view[...] = values
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_

    def _train_epoch(self, run, penalty, sample_weight) -> float:
        """One epoch, and its cost."""
        for rows in run.remaining_batches():
            penalty.divide_by(len(rows) if sample_weight is None else sample_weight[rows].sum())
            if next(run, None) is None:
                return self._diverge(run)
        return run.history.columns["cost"][-1]

    def _diverge(self, run) -> float:
        """The cost of an epoch that diverged: no number.

        Scikit-learn goes on without numbers, and raises at the end unless early stopping kept
        better parameters.  Without them there is nothing to wait for.
        """
        if not self.early_stopping:
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                f"values and need to be preprocessed: {run.stopped_because}."
            )
        run.network.theta[...] = np.nan
        return np.nan

    def _epoch_ends_training(self, cost, held_out, incremental, rows) -> bool:
        """Scikit-learn's book-keeping after an epoch, and whether to stop."""
        self.n_iter_ += 1
        self.t_ += rows
        self.loss_ = np.float64(cost)
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
        rate = float(self.learning_rate_init)  # its check lets True and False pass for numbers
        if self.solver == "adam":
            return EarlyEpsilonAdam(rate, *map(float, (self.beta_1, self.beta_2, self.epsilon)))
        momentum = min(float(self.momentum), np.nextafter(1, 0))  # scikit-learn allows 1 itself
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


_DIFFERENCES = """

    Where it differs: a training that diverges raises scikit-learn's error at once, not after
    ``max_iter`` epochs (with ``early_stopping`` it goes on, as scikit-learn's does, and keeps the
    best parameters).  ``float32`` is kept by the solver "lbfgs" too.  Sample weights below 0, and
    targets below 0 of the loss "poisson", are refused.  Long fits show a progress bar, unless
    ``verbose``.
"""


def _describe(theirs, first_line: str) -> str:
    """Scikit-learn's description of all parameters, with what is different here."""
    doc = (theirs.__doc__ or "").replace("from sklearn.neural_network import", "from nnlib import")
    return doc.replace(first_line, f"scikit-learn's {theirs.__name__} with nnlib's arithmetic: "
                       "same parameters, same results." + _DIFFERENCES.rstrip())  # fmt: skip


class MLPClassifier(_OnNetwork, neural_network.MLPClassifier):
    __doc__ = _describe(neural_network.MLPClassifier, "Multi-layer Perceptron classifier.")


class MLPRegressor(_OnNetwork, neural_network.MLPRegressor):
    __doc__ = _describe(neural_network.MLPRegressor, "Multi-layer Perceptron regressor.")
