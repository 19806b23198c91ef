"""Layers: one step of the network forwards, and the same step backwards.

Rows are examples.  A layer owns no numbers: its parameters and their gradients are views
of the network's two flat vectors.  Arrays may have a leading axis of networks, (M, n, d)
for (n, d); the code names only the axes -1 and -2, so it never asks how many there are.

Forwards a layer returns its output and a cache: what backward needs beside the input and
the output.  Backwards it is given all three (a `LayerRecord`) and the gradient dC/d(output),
writes the gradients of its parameters into their views, and returns dC/d(input).

Not here: the order of layers, or where the vectors live (``network``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnlib import activations, initializers
from nnlib.checks import check_int, check_scalar
from nnlib.keywords import explains_keywords


class LayerRecord(NamedTuple):
    """What a layer saw and gave in a forward pass: its entry in ``network.trace``."""

    input: np.ndarray
    output: np.ndarray
    cache: object = None


class View:
    """A named view of a network's numbers: written in place, never replaced.

    ``layer.W`` looks up ``layer.views["W"]``, a window on a stretch of ``network.theta``;
    ``layer.W = x`` would put another array there and leave theta as it was, so it raises.  (The
    methods are Python's descriptor protocol.  On first reading, take W for an ordinary array.)
    """

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, layer, owner=None):
        if layer is None:
            return self
        try:
            return layer.views[self.name]
        except KeyError:
            raise AttributeError(
                f"{layer!r} has no {self.name}: it belongs to no network yet, or was made without."
            ) from None

    def __set__(self, layer, value):
        # `layer.W += x` works in place and then assigns the same array back: let that pass.
        if value is not layer.views.get(self.name):
            raise AttributeError(
                f"{self.name} is a view of the network's numbers and cannot be replaced by "
                f"another array. Write into it, once the network is there: "
                f".{self.name}[...] = value."
            )


class Layer:
    """What every layer has; `forward` and `backward` are for each kind of layer to write."""

    decayed: tuple[str, ...] = ()  # the parameters that L1 and L2 act on: never biases
    initial_statistics: dict[str, float] = {}  # averages over the data, and their first values
    differs_in_training = False  # whether the pass of learning computes something else

    def __init__(self):
        self.views: dict[str, np.ndarray] = {}
        self.statistics: dict[str, np.ndarray] = {}

    def width_out(self, width_in: int) -> int:
        return width_in

    def shapes(self, width_in: int) -> dict[str, tuple[int, ...]]:
        """Name and shape of each parameter, given the number of inputs."""
        return {}

    def initial_value(self, name: str, shape: tuple[int, ...], generator) -> np.ndarray:
        """First value of one parameter of one network."""
        return np.zeros(shape)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Use the layer: output (n, width_out) for input (n, width_in)."""
        return self.forward(x, False, ())[0]

    def forward(self, x: np.ndarray, training: bool, generators) -> tuple[np.ndarray, object]:
        """Return the output (n, width_out) and the cache for the input ``x`` (n, width_in).

        ``training`` tells the pass of learning from mere use; ``generators`` has one random
        generator for each network.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward yet: write it.")

    def backward(
        self, record: LayerRecord, gradient: np.ndarray, to_input: bool
    ) -> np.ndarray | None:
        """Write the parameters' gradients; return dC/d(input) if ``to_input``.

        ``gradient`` is dC/d(output), (n, width_out); what is returned is (n, width_in).
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward yet: write it.")

    def config(self) -> dict:
        """The arguments the layer was made with."""
        return {}

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({settings})"


class Dense(Layer):
    """Fully connected layer: z = a W + b, output f(z).

    Parameters
    ----------
    width : int
        Number of units d_l.
    activation : str or Activation, default "identity"
        The function f.
    initializer : str, callable or None
        First values of W.  None: "he_normal" for the relu family, else "glorot_uniform".
    bias : bool, default True
        Whether there is a b; it starts at 0.

    Attributes
    ----------
    W, dW : array (d_{l-1}, d_l)
        Weights, and gradients of the cost with respect to them.
    b, db : array (d_l,)
        Biases, and their gradients.
    """

    W, b, dW, db = View(), View(), View(), View()
    decayed = ("W",)

    @explains_keywords
    def __init__(self, width: int, activation="identity", initializer=None, *, bias: bool = True):
        super().__init__()
        self.width = check_int("width", width)
        self.activation = activations.get(activation)
        self.initializer = initializers.get(initializer, self.activation.name)
        self.bias = bool(bias)

    def width_out(self, width_in):
        return self.width

    def shapes(self, width_in):
        shapes = {"W": (width_in, self.width)}
        return shapes | {"b": (self.width,)} if self.bias else shapes

    def initial_value(self, name, shape, generator):
        if name != "W":
            return np.zeros(shape)
        W = np.asarray(self.initializer(generator, *shape))
        if W.shape != shape or not np.isfinite(W).all():
            raise ValueError(
                f"the initializer must return finite weights of shape {shape}, got shape {W.shape}"
                f"{'' if np.isfinite(W).all() else ' with values that are not finite'}."
            )
        return W

    def forward(self, x, training, generators):
        z = x @ self.W
        if self.bias:
            z += self.b[..., None, :]  # (d_l,) as (1, d_l): the same b for every row
        return self.activation.function(z), None

    def backward(self, record, gradient, to_input):
        """Backpropagation's four equations, but for the loss's own part of the first.

        ``.mT`` swaps the last two axes: the transpose, of each network by itself.  Training takes
        these formulas from `fast.dense_backward`; a subclass's own are used as they stand.
        """
        delta = self.activation.backward(record.output, gradient)  # (1), (2): dC/da * f'(z)
        np.matmul(record.input.mT, delta, out=self.dW)  # (3): dW = a^T delta, a the layer's input
        if self.bias:
            self.db[...] = delta.sum(axis=-2)  # (4): db = sum of delta over the rows
        return delta @ self.W.mT if to_input else None  # (2): dC/da of the layer before

    def config(self):
        return {
            "width": self.width,
            "activation": self.activation.name,
            "initializer": initializers.name_of(self.initializer),
            "bias": self.bias,
        }


class Dropout(Layer):
    """While learning, each input is set to 0 with probability ``rate``.

    The others are divided by 1 - rate, so that the expected value stays the same and
    nothing needs to be done when the network is used (inverted dropout; Srivastava et al.
    2014, section 10).
    """

    differs_in_training = True

    @explains_keywords
    def __init__(self, rate: float):
        super().__init__()
        self.rate = check_scalar("rate", rate, 0, 1, open_high=True)

    def forward(self, x, training, generators):
        if not training:
            return x, None
        draws = [g.random(x.shape[-2:], dtype=x.dtype) for g in generators]
        drawn = np.stack(draws) if len(draws) > 1 else draws[0]
        mask = (drawn >= self.rate) * x.dtype.type(1 / (1 - self.rate))
        return x * mask, mask

    def backward(self, record, gradient, to_input):
        return gradient * record.cache

    def config(self):
        return {"rate": self.rate}


class BatchNorm(Layer):
    """Standardise each input over the batch, then scale and shift: f(gamma x̂ + beta).

    x̂ = (x - mean) / sqrt(variance + epsilon) (Ioffe and Szegedy 2015, algorithm 1).  While
    learning, mean and variance are the batch's; when the network is used, they are running
    averages of those of the batches seen (of more than one row).  The variance is divided by the
    number of rows m throughout; the paper's algorithm 2 divides by m - 1 for use.

    Parameters
    ----------
    activation : str or Activation, default "identity"
        Usual: ``Dense(50), BatchNorm("relu")``, which standardises the weighted sums.
    momentum : float, default 0.9
        The running averages keep this share of their old value at each batch.
    epsilon : float, default 1e-5
        Keeps the division finite for an input that does not vary.

    Attributes
    ----------
    gamma, beta, dgamma, dbeta : array (d,)
        Scale and shift (starting at 1 and 0), and their gradients.
    statistics : dict
        "mean" and "variance", arrays (d,): the running averages.
    """

    gamma, beta, dgamma, dbeta = View(), View(), View(), View()
    initial_statistics = {"mean": 0.0, "variance": 1.0}
    differs_in_training = True

    @explains_keywords
    def __init__(self, activation="identity", *, momentum: float = 0.9, epsilon: float = 1e-5):
        super().__init__()
        self.activation = activations.get(activation)
        self.momentum = check_scalar("momentum", momentum, 0, 1, open_high=True)
        self.epsilon = check_scalar("epsilon", epsilon, 0, open_low=True)

    def shapes(self, width_in):
        return {"gamma": (width_in,), "beta": (width_in,)}

    def initial_value(self, name, shape, generator):
        return np.ones(shape) if name == "gamma" else np.zeros(shape)

    def _affine(self, x, mean, variance):
        scale = 1 / np.sqrt(variance + self.epsilon)
        normed = (x - mean) * scale
        z = self.gamma[..., None, :] * normed + self.beta[..., None, :]
        return self.activation.function(z), (normed, scale)

    def forward(self, x, training, generators):
        if not training:
            mean, variance = (self.statistics[k][..., None, :] for k in ("mean", "variance"))
            return self._affine(x, mean, variance)
        mean, variance = x.mean(axis=-2, keepdims=True), x.var(axis=-2, keepdims=True)
        if x.shape[-2] == 1:  # one row says nothing about a variance
            return self._affine(x, mean, variance)
        for running, seen in zip(self.statistics.values(), (mean, variance), strict=True):
            running *= self.momentum
            running += (1 - self.momentum) * seen[..., 0, :]
        return self._affine(x, mean, variance)

    def backward(self, record, gradient, to_input):
        """dC/dx = scale (g - mean of g - x̂ * mean of g x̂), with g = gamma delta.

        Means are taken over the rows.  The second and third term come from the batch's mean and
        variance, which depend on every row; scale is 1 / sqrt(variance + epsilon).
        """
        normed, scale = record.cache
        delta = self.activation.backward(record.output, gradient)
        (delta * normed).sum(axis=-2, out=self.dgamma)
        delta.sum(axis=-2, out=self.dbeta)
        if not to_input:
            return None
        g = delta * self.gamma[..., None, :]
        along = (g * normed).mean(axis=-2, keepdims=True)
        return scale * (g - g.mean(axis=-2, keepdims=True) - normed * along)

    def config(self):
        return {
            "activation": self.activation.name,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }


LAYERS = {layer.__name__: layer for layer in (Dense, Dropout, BatchNorm)}


def from_config(kind: str, config: dict) -> Layer:
    """Make the layer that ``config()`` describes."""
    config = dict(config)
    if "initializer" in config:
        config["initializer"] = initializers.from_name(config["initializer"])
    return LAYERS[kind](**config)
