"""The network: layers in a row, and the two vectors that hold all their numbers.

``theta`` holds every parameter, ``grad`` the slope of the cost with respect to each; the
layers' W, b, dW, db are windows on them.  So to save, restore, clip, step or copy a whole
network is one line each.  For K networks of the same shape both vectors are (K, P), and
every array below gets a leading axis of networks: one network and K networks are the same
code.

Not here: losses, and how the parameters are changed (``training``, ``optimizers``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import numpy as np

from nnlib import checks
from nnlib import losses as loss_room
from nnlib.layers import Layer, Visit, Window, from_config


class Network:
    """A feed-forward network.

    Parameters
    ----------
    inputs : int
        Number of inputs d_0.
    layers : list of Layer
        In order, from the input to the output.  A layer belongs to one network.
    seed : int, Generator, or a list of K of them
        Where the weights' randomness comes from.  A list makes K networks at once.
    dtype : numpy.float64 (default) or numpy.float32
        Type of all numbers.  float64 for checking slopes, float32 for speed.

    Attributes
    ----------
    theta, grad : array (P,), or (K, P)
        All parameters; all slopes, filled by `backward`.
    decayed : array (P,)
        1 for each parameter that L1 and L2 act on, 0 for the others.
    trace : tuple of Visit
        Each layer's input and output in the last `forward`.
    widths : tuple of int
        d_0, ..., d_L.
    rngs : tuple of Generator
        One for each network: draws the first weights, then the dropout masks.

    Examples
    --------
    >>> net = Network(2, [Dense(3, "tanh"), Dense(1)], seed=0)
    >>> net(np.zeros((4, 2))).shape
    (4, 1)
    """

    theta, grad = Window(), Window()

    def __init__(self, inputs: int, layers: Sequence[Layer], *, seed=0, dtype=np.float64):
        self.inputs = checks.whole("inputs", inputs)
        self.layers = list(layers)
        _check_layers(self.layers)
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"dtype must be float64 or float32, got {self.dtype}.")
        several = isinstance(seed, (list, tuple, np.ndarray)) and np.ndim(seed) > 0
        if several and len(seed) == 0:
            raise ValueError("seed is an empty list: give one seed for each network.")
        self.rngs = tuple(checks.generator(s) for s in (seed if several else [seed]))
        self.lead = (len(self.rngs),) if several else ()
        self._open_windows()
        for k, rng in enumerate(self.rngs):
            for _, layer, name, window in self._parameters():
                target = window[k] if several else window
                target[...] = layer.start(name, target.shape, rng)

    def _open_windows(self) -> None:
        """Lay out theta and grad, and give each layer its windows on them."""
        widths, places, size = [self.inputs], [], 0
        for layer in self.layers:
            for name, shape in layer.shapes(widths[-1]).items():
                places.append((layer, name, shape, slice(size, size := size + np.prod(shape))))
            widths.append(layer.width_out(widths[-1]))
        self.widths = tuple(widths)
        self.windows = {v: np.zeros((*self.lead, size), self.dtype) for v in ("theta", "grad")}
        self.trace: tuple[Visit, ...] = ()
        self.decayed = np.zeros(size, self.dtype)
        for layer, name, shape, place in places:
            self.decayed[place] = name in layer.decayed
            for prefix, vector in (("", self.theta), ("d", self.grad)):
                # A slice of the rows, given the layer's shape, is a view: no number is copied.
                layer.windows[prefix + name] = vector[..., place].reshape(self.lead + shape)
        for layer, width in zip(self.layers, widths[:-1], strict=True):
            layer.statistics = {
                name: np.full((*self.lead, width), start, self.dtype)
                for name, start in layer.measured.items()
            }

    def _parameters(self):
        for place, layer in enumerate(self.layers):
            for name in layer.windows:
                if "d" + name in layer.windows:
                    yield place, layer, name, layer.windows[name]

    # -- looking forward, learning backward --------------------------------------------

    def __call__(self, X) -> np.ndarray:
        """Use the network: outputs (n, d_L) for the rows of ``X`` (n, d_0)."""
        return self.evaluate(checks.inputs(X, self.inputs, dtype=self.dtype))

    def evaluate(self, a: np.ndarray) -> np.ndarray:
        """Use the network on rows that were checked before."""
        for layer in self.layers:
            a = layer(a)
        return a

    def forward(self, X) -> np.ndarray:
        """Learn: as calling the network, with dropout on and batch statistics, kept in trace.

        ``X`` is (n, d_0), or (K, n, d_0) for rows of their own for each of K networks.
        """
        # In training the rows were checked before: an array that fits is not searched for NaN.
        fits = isinstance(X, np.ndarray) and X.dtype == self.dtype and X.size and X.ndim > 1
        if not (fits and X.shape[-1] == self.inputs and X.shape[:-2] in ((), self.lead)):
            if self.lead and np.ndim(X) == 3 and len(X) == self.lead[0]:
                X = np.stack([checks.inputs(rows, self.inputs, dtype=self.dtype) for rows in X])
            else:
                X = checks.inputs(X, self.inputs, dtype=self.dtype)
        a, visits = X, []
        for layer in self.layers:
            output, memo = layer.forward(a, self.rngs)
            visits.append(Visit(a, output, memo))
            a = output
        self.trace = tuple(visits)
        return a

    def backward(self, slope: np.ndarray) -> None:
        """Fill ``grad``, given the slope dC/d(output) for the last `forward`.

        The four equations of backpropagation, last layer first.  The slope of the network's
        *input* is not needed and not computed: it would cost as much as the first layer's dW.
        """
        if not self.trace:
            raise RuntimeError("backward needs the trace of a forward pass: call forward(X) first.")
        slope = np.asarray(slope)
        if slope.shape != self.trace[-1].output.shape:
            raise ValueError(
                f"slope has shape {slope.shape}, but the last forward gave an output of shape "
                f"{self.trace[-1].output.shape}: there is one slope for each output."
            )
        for place in range(len(self.layers) - 1, -1, -1):
            slope = self.layers[place].backward(self.trace[place], slope, to_input=place > 0)

    # -- reading the output --------------------------------------------------------------

    def probabilities(self, X, loss="cross_entropy") -> np.ndarray:
        """Outputs read as the loss reads them: through softmax, sigmoid, or as they are."""
        loss = loss_room.get(loss)
        if loss is loss_room.cross_entropy:
            loss_room.several_classes(self.widths[-1])
        return loss.link(self(X))

    def predict(self, X) -> np.ndarray:
        """Labels (n,): the largest output; for a single output, whether it is above 0.

        A single output is a logit (0 means a probability of one half), unless the last
        layer squeezes it between 0 and 1 itself (sigmoid): then the border is one half.
        """
        output = self(X)
        if output.shape[-1] > 1:
            return output.argmax(axis=-1)
        last = getattr(self.layers[-1], "activation", None)
        border = 0.5 if last is not None and last.name == "sigmoid" else 0
        return (output[..., 0] > border).astype(int)

    # -- the numbers -----------------------------------------------------------------------

    def parameters(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Yield (name, values, slopes) of each parameter array, named like ``"0.W"``."""
        for place, layer, name, window in self._parameters():
            yield f"{place}.{name}", window, layer.windows["d" + name]

    def weights(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (values, slopes) of each array that L1 and L2 act on: never a bias."""
        for layer in self.layers:
            for name in layer.decayed:
                yield layer.windows[name], layer.windows["d" + name]

    def state(self) -> dict:
        """A copy of everything that training changes: see `set_state`."""
        return {
            "theta": self.theta.copy(),
            "statistics": [
                {k: v.copy() for k, v in layer.statistics.items()} for layer in self.layers
            ],
            "rngs": [rng.bit_generator.state for rng in self.rngs],
        }

    def set_state(self, state: dict) -> None:
        """Go back to a `state` of this network."""
        if np.shape(state["theta"]) != self.theta.shape:
            raise ValueError(
                f"the state holds parameters of shape {np.shape(state['theta'])}, this network's "
                f"have {self.theta.shape}. Give a state of a network of the same layers."
            )
        self.theta[...] = state["theta"]
        for layer, saved in zip(self.layers, state["statistics"], strict=True):
            for name, values in saved.items():
                layer.statistics[name][...] = values
        for rng, saved in zip(self.rngs, state["rngs"], strict=True):
            rng.bit_generator.state = saved

    # -- one, or several -------------------------------------------------------------------

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
        rngs = [checks.generator_named(name) for name in config["generators"]]
        return cls(
            config["inputs"],
            [from_config(kind, layer) for kind, layer in config["layers"]],
            seed=rngs[0] if config["networks"] is None else rngs,
            dtype=config["dtype"],
        )

    def unbound_layers(self) -> list[Layer]:
        """Copies of the layers' descriptions, for a network yet to be built."""
        layers = [copy.copy(layer) for layer in self.layers]
        for layer in layers:
            layer.windows, layer.statistics = {}, {}
        return layers

    def copy(self) -> Network:
        """A network of its own with the same numbers, random generators included."""
        return self._rebuilt(range(len(self.rngs)), several=bool(self.lead))

    def take(self, networks: Sequence[int]) -> Network:
        """Several of the K networks, as one `Network` of its own."""
        chosen = [checks.whole("network", k, 0) for k in networks]
        if not chosen or max(chosen) >= len(self.rngs):
            raise IndexError(
                f"there are {len(self.rngs)} networks, numbered from 0; got {chosen}. "
                "Choose at least one of them."
            )
        return self._rebuilt(chosen, several=True)

    def __getitem__(self, k: int) -> Network:
        """Network ``k`` of the K, as an ordinary network of its own."""
        if not self.lead:
            raise TypeError("this is a single network: it has no parts to choose from.")
        k = checks.whole("network", k, -len(self))
        if k >= len(self):
            raise IndexError(f"there are {len(self)} networks, numbered from 0; got {k}.")
        return self._rebuilt([k % len(self)], several=False)

    def _rebuilt(self, chosen, several: bool) -> Network:
        chosen = list(chosen)
        new = object.__new__(Network)  # not `Network(...)`: no first weights are to be drawn
        new.inputs, new.layers, new.dtype = self.inputs, self.unbound_layers(), self.dtype
        new.rngs = tuple(copy.deepcopy(self.rngs[k]) for k in chosen)
        new.lead = (len(chosen),) if several else ()
        new._open_windows()

        def pick(values: np.ndarray) -> np.ndarray:
            each = values if self.lead else values[None]
            return each[chosen] if several else each[chosen[0]]

        state = self.state()
        state["theta"] = pick(state["theta"])
        state["statistics"] = [{k: pick(v) for k, v in s.items()} for s in state["statistics"]]
        state["rngs"] = [state["rngs"][k] for k in chosen]
        new.set_state(state)
        return new

    def save(self, path) -> None:
        """Write the network to one ``.npz`` file that holds no code; see `nnlib.load`."""
        from nnlib.storage import save_network

        save_network(path, self)

    def __getstate__(self) -> dict:
        # For pickle (workers, joblib) and deepcopy: windows are laid anew, not copied as arrays.
        kept = {name: vars(self)[name] for name in ("inputs", "dtype", "rngs", "lead")}
        return kept | {"layers": self.unbound_layers(), "state": self.state()}

    def __setstate__(self, kept: dict) -> None:
        kept = dict(kept)
        state = kept.pop("state")
        vars(self).update(kept)
        self._open_windows()
        self.set_state(state)

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


def _check_layers(layers: list) -> None:
    if not layers:
        raise ValueError("layers is empty: give at least one, for example [Dense(1)].")
    for place, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(
                f"layers[{place}] must be a layer such as Dense(10), got {type(layer).__name__} "
                f"{layer!r}."
            )
        if layer.windows or any(layer is other for other in layers[:place]):
            raise ValueError(
                f"layers[{place}] belongs to a network already: its W and b are windows on that "
                "network's numbers. Make a new layer, or use network.copy()."
            )
