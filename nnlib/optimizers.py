"""Optimizers: from the gradient to a step.

An optimizer sees two flat vectors, theta and the gradient, and changes theta in place; it
knows nothing of layers.  Its rule opens its description, as formula and as code alike.
The learning rate may be changed at any time; for M networks (theta of shape (M, N)) it is a
number or M of them.  What an optimizer remembers from step to step stands in ``memory``.

Not here: the gradient itself (``losses``, ``network``), and when (``loop``, ``schedules``).
"""

from __future__ import annotations

import numpy as np

from nnlib.checks import check_scalar
from nnlib.keywords import explains_keywords


class Optimizer:
    """What every optimizer has.

    Attributes
    ----------
    learning_rate : float or array (M,)
        eta, above 0.
    steps : int
        Steps taken so far.
    memory : dict of str -> array
        What is carried from step to step, of theta's shape: zeros at first, one array for each
        name in ``remembers``.
    settings : tuple of str
        Names of the other arguments, kept under the same names: for saving and for sweeps.
    """

    remembers: tuple[str, ...] = ()

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.steps = 0
        self.memory: dict[str, np.ndarray] = {}
        self.moves: np.ndarray | None = None  # the theta of the last step: whose memory this is

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = check_scalar(
            "learning_rate", value, open_low=True, networks=np.size(value)
        )

    def step(self, theta: np.ndarray, grad: np.ndarray, factor: float = 1.0, decayed=None) -> None:
        """Change ``theta`` in place by one step against ``grad``.

        Parameters
        ----------
        theta, grad : array (N,) or (M, N)
        factor : float
            Multiplies the learning rate: it comes from the schedule.
        decayed : array (N,), optional
            `Network.decayed`: 1 for weights, 0 for what a penalty spares, such as biases.
        """
        rate = self._learning_rate * factor
        if isinstance(rate, np.ndarray):  # one for each network
            if rate.shape != theta.shape[:-1]:
                raise ValueError(
                    f"learning_rate holds {rate.size} numbers, but the parameters have shape "
                    f"{theta.shape}: give one number, or one for each of several networks."
                )
            # In theta's type, or everything would become float64.
            rate = rate.astype(theta.dtype)[:, None]
        if not self.memory:
            self.memory = {name: np.zeros_like(theta) for name in self.remembers}
        self.steps += 1
        self.moves = theta
        self.update(theta, grad, rate, decayed)

    def update(self, theta, grad, rate, decayed) -> None:
        """Change ``theta`` (and ``memory``) in place: the rule, which every optimizer writes.

        ``rate`` is the learning rate times the schedule's factor, a number or (M, 1); ``decayed``
        says which parameters a weight decay may act on (None: not told).
        """
        raise NotImplementedError(f"{type(self).__name__} has no rule yet: write update.")

    def __getstate__(self) -> dict:
        return vars(self) | {"moves": None}  # a copy belongs to no network yet

    def config(self) -> dict:
        """The numbers this optimizer was made with."""
        rate = np.asarray(self._learning_rate).tolist()
        return {"learning_rate": rate} | {name: getattr(self, name) for name in self.settings}

    settings: tuple[str, ...] = ()

    def __repr__(self):
        settings = ", ".join(f"{k}={v}" for k, v in self.config().items())
        return f"{type(self).__name__}({settings})"


class SGD(Optimizer):
    """Gradient descent, with momentum if wished.

    Plain:     theta <- theta - eta grad
    Momentum:  v <- mu v - eta grad,   theta <- theta + v
    Nesterov:  v <- mu v - eta grad,   theta <- theta + mu v - eta grad

    Polyak (1964); the second and third as in Sutskever et al. (2013), equations 1 to 4.
    Nesterov's theta is the point ahead, where the gradient is taken: the paper's is theta - mu v.
    The velocity holds the learning rates of the steps
    that made it (Keras, scikit-learn); PyTorch multiplies it by the present one.

    Parameters
    ----------
    learning_rate : float, default 0.1
        eta, above 0.
    momentum : float, default 0
        mu, at least 0 and below 1.
    nesterov : bool, default False
        Look ahead along the velocity before stepping; needs a momentum.
    """

    settings = ("momentum", "nesterov")

    @explains_keywords
    def __init__(self, learning_rate=0.1, momentum: float = 0.0, nesterov: bool = False):
        super().__init__(learning_rate)
        self.momentum = check_scalar("momentum", momentum, 0, 1, open_high=True)
        self.nesterov = bool(nesterov)
        if nesterov and momentum == 0:
            raise ValueError("nesterov=True needs a momentum above 0, for example momentum=0.9.")
        self.remembers = ("velocity",) if momentum > 0 else ()

    def update(self, theta, grad, rate, decayed):
        if self.momentum == 0:
            theta -= rate * grad
            return
        v = self.memory["velocity"]
        v *= self.momentum
        v -= rate * grad
        theta += self.momentum * v - rate * grad if self.nesterov else v


class RMSprop(Optimizer):
    """Divide each derivative by its recent size.

    s <- rho s + (1 - rho) grad²,   theta <- theta - eta grad / (sqrt(s) + epsilon)

    Tieleman and Hinton (2012), lecture 6.5.

    Parameters
    ----------
    learning_rate : float, default 0.001
    decay : float, default 0.9
        rho, at least 0 and below 1.
    epsilon : float, default 1e-8
    """

    settings = ("decay", "epsilon")
    remembers = ("mean_square",)

    @explains_keywords
    def __init__(self, learning_rate=0.001, decay: float = 0.9, epsilon: float = 1e-8):
        super().__init__(learning_rate)
        self.decay = check_scalar("decay", decay, 0, 1, open_high=True)
        self.epsilon = check_scalar("epsilon", epsilon, 0, open_low=True)

    def update(self, theta, grad, rate, decayed):
        s = self.memory["mean_square"]
        s *= self.decay
        s += (1 - self.decay) * grad * grad
        theta -= rate * grad / (np.sqrt(s) + self.epsilon)


class Adam(Optimizer):
    """Momentum and RMSprop together, both freed of their start at zero.

    m <- beta1 m + (1 - beta1) grad,   s <- beta2 s + (1 - beta2) grad²
    theta <- theta - eta m̂ / (sqrt(ŝ) + epsilon),
    with m̂ = m / (1 - beta1^t) and ŝ = s / (1 - beta2^t) at step t.

    Kingma and Ba (2015), algorithm 1.

    Parameters
    ----------
    learning_rate : float, default 0.001
    beta1, beta2 : float, default 0.9 and 0.999
        At least 0 and below 1.
    epsilon : float, default 1e-8
    """

    settings = ("beta1", "beta2", "epsilon")
    remembers = ("mean", "mean_square")

    @explains_keywords
    def __init__(
        self, learning_rate=0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ):
        super().__init__(learning_rate)
        self.beta1 = check_scalar("beta1", beta1, 0, 1, open_high=True)
        self.beta2 = check_scalar("beta2", beta2, 0, 1, open_high=True)
        self.epsilon = check_scalar("epsilon", epsilon, 0, open_low=True)

    def update(self, theta, grad, rate, decayed):
        self._adapt(theta, grad, rate, self.epsilon)

    def _adapt(self, theta, grad, rate, epsilon):
        m, s = self.memory["mean"], self.memory["mean_square"]
        m *= self.beta1
        m += (1 - self.beta1) * grad
        s *= self.beta2
        s += (1 - self.beta2) * grad * grad
        root = np.sqrt(s / (1 - self.beta2**self.steps))
        theta -= rate / (1 - self.beta1**self.steps) * m / (root + epsilon)


OPTIMIZERS = {optimizer.__name__: optimizer for optimizer in (SGD, RMSprop, Adam)}


def get(optimizer: Optimizer | None) -> Optimizer:
    """Return the optimizer, or plain gradient descent for None; raise on anything else."""
    if optimizer is None:
        return SGD()
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer must be an optimizer such as SGD(0.1), got {optimizer!r}. "
            f"There are {', '.join(OPTIMIZERS)}."
        )
    return optimizer


def clip_by_norm(grad: np.ndarray, most: float) -> None:
    """Shorten ``grad`` (N,) or (M, N) in place to a length of ``most``, if it is longer.

    The direction stays (Pascanu, Mikolov and Bengio 2013, algorithm 1).
    """
    largest = np.maximum(np.abs(grad).max(axis=-1, keepdims=True), most)
    short = grad / largest  # squares of very large derivatives would overflow
    length = np.sqrt((short * short).sum(axis=-1, keepdims=True)) * largest
    grad *= most / np.maximum(length, most)
