"""Recipe: a network as a line of code, so that a cure can be copied and run.

Not here: which change cures what (``examine_setup``, ``examine_run``).
"""

from __future__ import annotations

import numpy as np


def recipe(
    network, *, last=None, swap=None, bend=(), rate=None, widen=None, biases=False,
    initializer="kept", inputs=None,
) -> str:  # fmt: skip
    """Return the code that makes such a network, with changes.

    ``last``: settings of the last layer; ``swap``: activation -> another; ``bend``: places of
    layers that get a relu; ``rate``: greatest dropout rate; ``widen``: least width of the hidden
    layers; ``biases``: give every layer its b; ``initializer=None``: each layer's usual one;
    ``inputs``: another number of inputs.
    """
    layers = []
    if widen and len(network.layers) == 1:
        layers.append(f"nnlib.Dense({widen}, 'relu')")
    for place, layer in enumerate(network.layers):
        config = dict(layer.config())
        name = config.get("activation", "")
        if place == len(network.layers) - 1:
            config |= last or {}
        config["activation"] = (swap or {}).get(name, config.get("activation"))
        if widen and place < len(network.layers) - 1 and "width" in config:
            config["width"] = max(config["width"], widen)
        if place in bend:
            config["activation"] = "relu"
        start = config.get("initializer")
        usual = start in (None, "handed in", "glorot_uniform", "he_normal")
        words = []
        if "width" in config:
            words.append(str(config["width"]))
        if "rate" in config:
            words.append(f"{config['rate'] if rate is None else min(rate, config['rate']):g}")
        if config["activation"] not in (None, "identity"):
            words.append(repr(config["activation"]))
        if not usual and initializer == "kept":
            words.append(f"initializer={_initializer(start)}")
        if config.get("bias") is False and not biases:
            words.append("bias=False")
        layers.append(f"nnlib.{type(layer).__name__}({', '.join(words)})")
    kind = ", dtype=np.float32" if network.dtype == np.float32 else ""
    return f"nnlib.Network({inputs or network.inputs}, [{', '.join(layers)}], seed=0{kind})"


def _initializer(name: str) -> str:
    return f"nnlib.initializers.{name}" if name.startswith("normal(") else repr(name)
