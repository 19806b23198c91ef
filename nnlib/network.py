"""The network: layers in a row, and the two vectors that hold all their numbers.

``theta`` holds every parameter, ``grad`` the derivative of the cost with respect to each; the
layers' W, b, dW, db are views of them.  So what saves, restores, clips, steps or copies a
network acts on one vector, and asks no layer.  For M networks of the same shape both vectors are
(M, N), and every array below gets a leading axis of networks: one network and M networks are the
same code.

Not here: what the outputs mean (``predictions``), copies and states (``copies``), and how the
parameters are changed (``loop``, ``optimizers``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from nnlib import checks
from nnlib.copies import Copies
from nnlib.keywords import explains_keywords
from nnlib.layers import Layer, LayerRecord, View, from_config
from nnlib.predictions import Predictions


class Network(Predictions, Copies):
    """A feed-forward network.

    Parameters
    ----------
    inputs : int
        Number of inputs d_0.
    layers : list of Layer
        In order, from the input to the output.  A layer belongs to one network.
    seed : int, Generator, or a list of M of them
        Where the weights' randomness comes from.  A list makes M networks at once.
    dtype : numpy.float64 (default) or numpy.float32
        Type of all numbers.  float64 for checking gradients, float32 for speed.
    loss : str or Loss, optional
        How the outputs are to be read.  Training sets it: give it for a network whose weights come
        from elsewhere, or that you train with a loop of your own.

    Attributes
    ----------
    theta, grad : array (N,), or (M, N)
        All parameters; the gradient of the cost, filled by `backward`.
    decayed : array (N,)
        1 for each parameter that L1 and L2 act on, 0 for the others.
    trace : tuple of LayerRecord
        Each layer's input and output in the last `forward`.
    widths : tuple of int
        d_0, ..., d_L.
    rngs : tuple of Generator
        One for each network: draws the first weights, then the dropout masks.
    loss, reading : Loss and Reading, or None
        What the network was trained with, and how its outputs are read for it.
    classes : tuple of str, or None
        Names of the classes, if it was trained on names.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlib import Dense, Network
    >>> net = Network(2, [Dense(3, "tanh"), Dense(1)], seed=0)
    >>> net(np.zeros((4, 2))).shape
    (4, 1)
    """

    theta, grad = View(), View()

    @explains_keywords
    def __init__(
        self, inputs: int, layers: Sequence[Layer], *, seed=0, dtype=np.float64, loss=None
    ):
        self.inputs = checks.check_int("inputs", inputs)
        self.layers = _check_layers(layers)
        self.dtype = _check_dtype(dtype)
        self.classes: tuple[str, ...] | None = None
        self._loss, self.reading = None, None
        seeds = checks.as_seeds(seed)
        several = seeds is not None
        if several and not seeds:
            raise ValueError("seed is an empty list: give one seed for each network.")
        self.rngs = tuple(checks.as_generator(s) for s in (seeds if several else [seed]))
        self.lead = (len(self.rngs),) if several else ()  # the axis of networks, if there is one
        self._lay_out_views()
        for k, rng in enumerate(self.rngs):
            for _, layer, name, view in self._parameters():
                target = view[k] if several else view
                target[...] = layer.initial_value(name, target.shape, rng)
        self.loss = loss

    def _lay_out_views(self) -> None:
        """Lay out theta and grad, and give each layer its views of them."""
        widths, places, size = [self.inputs], [], 0
        for layer in self.layers:
            for name, shape in layer.shapes(widths[-1]).items():
                end = size + int(np.prod(shape))
                places.append((layer, name, shape, slice(size, end)))
                size = end
            widths.append(layer.width_out(widths[-1]))
        self.widths = tuple(widths)
        self.views = {v: np.zeros((*self.lead, size), self.dtype) for v in ("theta", "grad")}
        self.trace: tuple[LayerRecord, ...] = ()
        self._trained = False  # whether the trace is that of a pass of learning
        self.decayed = np.zeros(size, self.dtype)
        for layer, name, shape, place in places:
            self.decayed[place] = name in layer.decayed
            for prefix, vector in (("", self.theta), ("d", self.grad)):
                # A slice of the rows, given the layer's shape, is a view: no number is copied.
                layer.views[prefix + name] = vector[..., place].reshape(self.lead + shape)
        for layer, width in zip(self.layers, widths[:-1], strict=True):
            layer.statistics = {
                name: np.full((*self.lead, width), first, self.dtype)
                for name, first in layer.initial_statistics.items()
            }

    def _parameters(self):
        for place, layer in enumerate(self.layers):
            for name in layer.views:
                if "d" + name in layer.views:
                    yield place, layer, name, layer.views[name]

    # -- forward and backward --------------------------------------------------------------

    def __call__(self, X) -> np.ndarray:
        """Use the network: outputs (n, d_L) for the rows of ``X`` (n, d_0)."""
        return self._apply(checks.check_inputs(X, self.inputs, dtype=self.dtype))

    def _apply(self, a: np.ndarray) -> np.ndarray:
        """Use the network on rows that were checked before."""
        for layer in self.layers:
            a = layer(a)
        return a

    def forward(self, X, training: bool = False) -> np.ndarray:
        """Compute the outputs and keep, in ``trace``, what each layer saw and gave.

        Parameters
        ----------
        X : array (n, d_0), or (M, n, d_0)
            The rows; the second form gives each of M networks rows of its own.
        training : bool, default False
            False: the same numbers as ``network(X)``.  True: the pass of learning, in which
            dropout draws its masks, and batch norm uses the batch's statistics and moves its
            running averages.

        Returns
        -------
        array (n, d_L), or (M, n, d_L)
        """
        if self.lead and np.ndim(X) == 3 and len(X) == self.lead[0]:
            X = np.stack([checks.check_inputs(x, self.inputs, dtype=self.dtype) for x in X])
        else:
            X = checks.check_inputs(X, self.inputs, dtype=self.dtype)
        return self._forward(X, bool(training))

    def _forward(self, a: np.ndarray, training: bool) -> np.ndarray:
        """`forward` on rows that were checked before."""
        records = []
        for layer in self.layers:
            output, cache = layer.forward(a, training, self.rngs)
            records.append(LayerRecord(a, output, cache))
            a = output
        self.trace, self._trained = tuple(records), training
        return a

    def backward(self, gradient: np.ndarray) -> None:
        """Fill ``grad``, given the gradient dC/d(output) for the last `forward`.

        The layers backwards, each handing its dC/d(input) to the one before; the four equations
        of backpropagation stand in `Dense.backward`.  The gradient with respect to the network's
        *input* is not needed and not computed: it would cost as much as the first layer's dW.
        """
        if not self.trace:
            raise RuntimeError("backward needs the trace of a forward pass: call forward(X) first.")
        if not self._trained:
            for layer in self.layers:
                if layer.differs_in_training:
                    raise RuntimeError(
                        f"{layer!r} behaves differently while learning, and the last forward pass "
                        "was not one of learning. Call forward(X, training=True) before backward."
                    )
        gradient = np.asarray(gradient)
        if gradient.shape != self.trace[-1].output.shape:
            raise ValueError(
                f"gradient has shape {gradient.shape}, but the last forward gave an output of "
                f"shape {self.trace[-1].output.shape}: there is one derivative for each output."
            )
        for place in range(len(self.layers) - 1, -1, -1):
            gradient = self.layers[place].backward(self.trace[place], gradient, to_input=place > 0)

    # -- the numbers -----------------------------------------------------------------------

    def parameters(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Yield (name, values, gradient) of each parameter array, named like ``"0.W"``."""
        for place, layer, name, view in self._parameters():
            yield f"{place}.{name}", view, layer.views["d" + name]

    def weights(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (values, gradient) of each array that L1 and L2 act on: never a bias."""
        for layer in self.layers:
            for name in layer.decayed:
                yield layer.views[name], layer.views["d" + name]

    def config(self) -> dict:
        """The architecture, in words and numbers: enough to build the network again."""
        return {
            "inputs": self.inputs,
            "layers": [[type(layer).__name__, layer.config()] for layer in self.layers],
            "networks": len(self.rngs) if self.lead else None,
            "dtype": self.dtype.name,
            "generators": [type(rng.bit_generator).__name__ for rng in self.rngs],
        }

    @classmethod
    def from_config(cls, config: dict) -> Network:
        """Build the network that `config` describes, with fresh numbers."""
        rngs = [checks.generator_by_name(name) for name in config["generators"]]
        return cls(
            config["inputs"],
            [from_config(kind, layer) for kind, layer in config["layers"]],
            seed=rngs[0] if config["networks"] is None else rngs,
            dtype=config["dtype"],
        )

    def __bool__(self) -> bool:
        return True  # `if network:` must not ask for its length

    def __len__(self) -> int:
        if not self.lead:
            raise TypeError("this is a single network; len() tells how many there are of several.")
        return len(self.rngs)

    def __repr__(self) -> str:
        several = f"{len(self)} networks, each " if self.lead else ""
        layers = " -> ".join(
            f"{type(layer).__name__}({', '.join(map(str, list(layer.config().values())[:2]))})"
            for layer in self.layers
        )
        return (
            f"<Network: {several}{self.inputs} inputs -> {layers}; "
            f"{self.theta.shape[-1]:,} parameters, {self.dtype.name}>"
        )


def _check_dtype(dtype) -> np.dtype:
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float64, np.float32):
        raise ValueError(
            f"dtype must be float64 or float32, got {found or repr(dtype)}. "
            "Give numpy.float64 or numpy.float32."
        )
    return found


def _check_layers(layers) -> list[Layer]:
    if isinstance(layers, (Layer, str)) or not isinstance(layers, Iterable):
        raise TypeError(
            f"layers must be a list of layers, got {type(layers).__name__} {layers!r}. "
            "Write for example Network(2, [Dense(3, 'tanh'), Dense(1)])."
        )
    layers = list(layers)
    if not layers:
        raise ValueError("layers is empty: give at least one, for example [Dense(1)].")
    for place, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(
                f"layers[{place}] must be a layer such as Dense(10), got {type(layer).__name__} "
                f"{layer!r}."
            )
        if layer.views or any(layer is other for other in layers[:place]):
            raise ValueError(
                f"layers[{place}] belongs to a network already: its W and b are views of that "
                "network's numbers. Make a new layer, or use network.copy()."
            )
    return layers
