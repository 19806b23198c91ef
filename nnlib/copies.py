"""Copies: a network's state, copies of it, and single ones out of M.

Not here: files (``storage``).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Self

import numpy as np

from nnlib import checks
from nnlib.layers import Layer


class Copies:
    """What `Network` can do with all its numbers at once."""

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

    def unbound_layers(self) -> list[Layer]:
        """Copies of the layers' descriptions, for a network yet to be built."""
        layers = [copy.copy(layer) for layer in self.layers]
        for layer in layers:
            layer.views, layer.statistics = {}, {}
        return layers

    def copy(self) -> Self:
        """A network of its own with the same numbers, random generators included."""
        return self._rebuilt(range(len(self.rngs)), several=bool(self.lead))

    def take(self, networks: Sequence[int]) -> Self:
        """Several of the M networks, as one `Network` of its own."""
        chosen = [checks.check_int("network", k, 0) for k in networks]
        if not chosen or max(chosen) >= len(self.rngs):
            raise IndexError(
                f"there are {len(self.rngs)} networks, numbered from 0; got {chosen}. "
                "Choose at least one of them."
            )
        return self._rebuilt(chosen, several=True)

    def __getitem__(self, k: int) -> Self:
        """Network ``k`` of the M, as an ordinary network of its own."""
        if not self.lead:
            raise TypeError("this is a single network: it has no parts to choose from.")
        k = checks.check_int("network", k, -len(self))
        if k >= len(self):
            raise IndexError(f"there are {len(self)} networks, numbered from 0; got {k}.")
        return self._rebuilt([k % len(self)], several=False)

    def _rebuilt(self, chosen, several: bool) -> Self:
        chosen = list(chosen)
        new = object.__new__(type(self))  # not `type(self)(...)`: no first weights are to be drawn
        new.inputs, new.layers, new.dtype = self.inputs, self.unbound_layers(), self.dtype
        new.rngs = tuple(copy.deepcopy(self.rngs[k]) for k in chosen)
        new.lead = (len(chosen),) if several else ()
        new._loss, new.reading, new.classes = self._loss, self.reading, self.classes
        new._lay_out_views()

        def pick(values: np.ndarray) -> np.ndarray:
            each = values if self.lead else values[None]
            return each[chosen] if several else each[chosen[0]]

        state = self.state()
        state["theta"] = pick(state["theta"])
        state["statistics"] = [{k: pick(v) for k, v in s.items()} for s in state["statistics"]]
        state["rngs"] = [state["rngs"][k] for k in chosen]
        new.set_state(state)
        return new

    def __getstate__(self) -> dict:
        # For pickle (workers, joblib) and deepcopy: views are made anew, not copied as arrays.
        names = ("inputs", "dtype", "rngs", "lead", "_loss", "reading", "classes")
        kept = {name: vars(self)[name] for name in names}
        return kept | {"layers": self.unbound_layers(), "state": self.state()}

    def __setstate__(self, kept: dict) -> None:
        kept = dict(kept)
        state = kept.pop("state")
        vars(self).update(kept)
        self._lay_out_views()
        self.set_state(state)
