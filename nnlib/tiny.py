"""Tiny: a neural network on one page, without a single check.

The same numbers as nnlib's, from the formulas alone: layers, three losses,
gradient descent with momentum and weight decay.  Read it first.  Everything else
in nnlib makes this safe, general and fast.

    from nnlib import datasets, tiny
    X, y = datasets.load_digits()
    network = tiny.Network([64, 50, 10], "sigmoid", seed=0)
    tiny.fit(network, X, y, tiny.cross_entropy, 0.5, epochs=20, batch_size=100)
    (network(X).argmax(axis=1) == y).mean()  # share of right answers in training

Rows are examples: X is (n, d_0), the weights W of a layer are (d_in, d_out), its
biases b (d_out,).
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# Each activation as a pair: a = f(z), and f'(z) written in terms of a.
ACTIVATIONS = {
    "identity": (lambda z: z, lambda a: np.ones_like(a)),
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
}


class Dense:
    """One layer: z = x W + b, a = f(z); x is the a of the layer before."""

    def __init__(self, d_in, d_out, activation, rng):
        self.f, self.derivative = ACTIVATIONS[activation]
        if activation == "relu":  # He et al. (2015): keeps the size of the signal
            self.W = rng.normal(0, np.sqrt(2 / d_in), (d_in, d_out))
        else:  # Glorot and Bengio (2010): the same, for signal and gradient alike
            limit = np.sqrt(6 / (d_in + d_out))
            self.W = rng.uniform(-limit, limit, (d_in, d_out))
        self.b = np.zeros(d_out)
        self.velocity_W, self.velocity_b = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        z = x @ self.W + self.b
        self.x, self.a = x, self.f(z)  # backward needs both
        return self.a

    def backward(self, gradient):
        """From dC/da to dC/dW and dC/db, kept here, and dC/dx, returned."""
        delta = gradient * self.derivative(self.a)  # dC/dz
        self.dW = self.x.T @ delta
        self.db = delta.sum(axis=0)
        return delta @ self.W.T

    def step(self, learning_rate, momentum, strength):
        """A step downhill; ``strength`` is lambda, in lambda/2 times W squared."""
        dW = self.dW + strength * self.W
        self.velocity_W = momentum * self.velocity_W - learning_rate * dW
        self.velocity_b = momentum * self.velocity_b - learning_rate * self.db
        self.W += self.velocity_W
        self.b += self.velocity_b


class Network:
    """Layers in a row; the last has no activation: the losses take its sums z."""

    def __init__(self, widths, activation="tanh", seed=0):
        rng = np.random.default_rng(seed)
        names = [activation] * (len(widths) - 2) + ["identity"]
        sizes = zip(widths[:-1], widths[1:], names, strict=True)
        self.layers = [Dense(d_in, d_out, name, rng) for d_in, d_out, name in sizes]

    def __call__(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, gradient):
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)


# Each loss returns its value, the mean over the rows, and its gradient with
# respect to the outputs.


def mse(a, y):
    t = y.reshape(a.shape)
    return ((a - t) ** 2).mean(), 2 * (a - t) / a.size


def cross_entropy(z, y):
    """Softmax and cross-entropy together; y (n,) holds the classes' numbers."""
    t = np.eye(z.shape[1])[y]  # row y_i of the identity: the label, one-hot
    z = z - z.max(axis=1, keepdims=True)  # changes no p, and exp cannot overflow
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    return -(t * log_p).sum() / len(z), (p - t) / len(z)


def binary_cross_entropy(z, y):
    """Sigmoid and cross-entropy together, for one output; y (n,) holds 0 and 1."""
    t = y.reshape(z.shape)
    # With p = sigmoid(z): -t log p - (1 - t) log(1 - p) = log(1 + e^z) - t z.
    loss = np.logaddexp(0, z) - t * z
    return loss.sum() / len(z), (sigmoid(z) - t) / len(z)


def fit(network, X, y, loss, learning_rate, epochs, *, batch_size=None,
        momentum=0, strength=0, seed=0):  # fmt: skip
    """Gradient descent; return the mean loss of each epoch."""
    rng, history = np.random.default_rng(seed), []
    batch_size = batch_size or len(X)
    for _ in range(epochs):
        order, total = rng.permutation(len(X)), 0
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            value, gradient = loss(network(X[rows]), y[rows])
            network.backward(gradient)
            for layer in network.layers:
                layer.step(learning_rate, momentum, strength)
            total += value * len(rows)
        history.append(total / len(X))
    return history
