"""Activations: what a unit does with its weighted sum.

Each activation stands beside its own backward step.  The forward function maps
z to a = f(z), elementwise (softmax: along the last axis).  The backward step
takes the *output* a and the gradient dC/da and returns dC/dz; every activation here
has a derivative that can be written in terms of its output, so a layer keeps
nothing else.  Shapes: any, with units along the last axis.

Not here: weights (``layers``), and softmax combined with its loss (``losses``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper

import numpy as np

from nnlib.checks import check_choice


class Activation:
    """A function z -> a together with its backward step (a, dC/da) -> dC/dz.

    Made by ``@Activation`` above the forward function; the backward step is added
    by ``@name.backward_step`` right below it, so that both are read together.  Both functions
    have the same name: the decorator stores the second and gives the whole pair that name back.
    """

    def __init__(self, function: Callable):
        self.function = function
        self.name = function.__name__
        self._backward: Callable | None = None
        update_wrapper(self, function)

    def __call__(self, z):
        """Return a = f(z), of the shape and floating type of ``z``."""
        z = np.asarray(z)
        z = z if z.dtype.kind == "f" else z.astype(float)
        return self.function(z) if z.ndim else self.function(z[None])[0]

    def backward_step(self, function: Callable) -> Activation:
        self._backward = function
        return self

    def backward(self, a: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return dC/dz from the output ``a`` and ``gradient`` = dC/da, same shape."""
        self.check_trainable()
        return self._backward(a, gradient)

    def check_trainable(self) -> None:
        """Raise unless there is a backward step to learn with."""
        if self._backward is None:
            raise ValueError(
                f"{self.name} has no backward step to learn with: use it forwards only, or write "
                f"its backward step below it, marked @{self.name}.backward_step."
            )

    def __reduce__(self) -> str:
        return self.name  # pickled as the name of a global: nothing else is needed

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


@Activation
def identity(z):
    """a = z."""
    return z


@identity.backward_step
def identity(a, gradient):
    return gradient


@Activation
def heaviside(z):
    """a = 1 where z > 0, else 0: Rosenblatt's perceptron (1958). Forward only."""
    return (z > 0).astype(z.dtype)


@Activation
def sigmoid(z):
    """a = 1 / (1 + exp(-z)), the logistic function.

    For very negative z, exp(-z) overflows to infinity, and 1 / (1 + infinity) = 0 is right.
    """
    a = -z  # 1 / (1 + exp(-z)), step by step in one array
    with np.errstate(over="ignore"):
        np.exp(a, out=a)
    a += 1
    return np.divide(1, a, out=a)


@sigmoid.backward_step
def sigmoid(a, gradient):
    return gradient * (a * (1 - a))


@Activation
def tanh(z):
    """a = tanh(z): a sigmoid between -1 and 1, centred at 0."""
    return np.tanh(z)


@tanh.backward_step
def tanh(a, gradient):
    return gradient * (1 - a * a)


@Activation
def relu(z):
    """a = max(0, z). Its gradient at the kink z = 0 is taken to be 0."""
    return np.maximum(z, 0)


@relu.backward_step
def relu(a, gradient):
    return gradient * (a > 0)


LEAK = 0.01


@Activation
def leaky_relu(z):
    """a = z for z > 0, else 0.01 z: a relu whose units cannot die."""
    return np.where(z > 0, z, LEAK * z)


@leaky_relu.backward_step
def leaky_relu(a, gradient):
    return np.where(a > 0, gradient, LEAK * gradient)


@Activation
def elu(z):
    """a = z for z > 0, else exp(z) - 1 (Clevert et al. 2016, equation 15, alpha 1)."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


@elu.backward_step
def elu(a, gradient):
    return np.where(a > 0, gradient, gradient * (a + 1))  # below 0: f'(z) = exp(z) = a + 1


@Activation
def softmax(z):
    """a_k = exp(z_k) / sum_j exp(z_j), along the last axis.

    Adding a constant to a row changes nothing, so the row's largest value is
    subtracted first: exp then never overflows.
    """
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


@softmax.backward_step
def softmax(a, gradient):
    # The Jacobian da_k/dz_j = a_k ([k = j] - a_j), multiplied with the gradient.
    return a * (gradient - (a * gradient).sum(axis=-1, keepdims=True))


ACTIVATIONS = {
    f.name: f for f in (identity, heaviside, sigmoid, tanh, relu, leaky_relu, elu, softmax)
}


def get(activation: str | Activation) -> Activation:
    """Return the activation of that name (an `Activation` is passed through)."""
    if isinstance(activation, Activation):
        return activation
    return ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
