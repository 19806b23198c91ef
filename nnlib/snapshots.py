"""Snapshots: leaving a run and coming back to it; going on with some of M networks.

Not here: writing a run to a file (``storage``).
"""

from __future__ import annotations

import numpy as np

from nnlib.history import History
from nnlib.stopping import Best


class Snapshots:
    """What `Training` can do with all that its next steps depend on."""

    def snapshot(self) -> dict:
        """A copy of everything that the next steps depend on: see `restore`."""
        return {
            "network": self.network.state(),
            "memory": {name: a.copy() for name, a in self.optimizer.memory.items()},
            "optimizer_steps": self.optimizer.steps,
            "learning_rate": np.copy(self.optimizer.learning_rate).tolist(),
            "rngs": [rng.bit_generator.state for rng in self._rngs],
            "order": list(self._order),
            "batch": self._batch,
            "steps": self.steps,
            "seen": list(self._seen),
            "history": self.history.copy().columns,
            "best": self._best and self._best._asdict(),
            "stopped_because": self._reason,
        }

    def restore(self, snapshot: dict) -> None:
        """Go back to a `snapshot`: what follows is, bit for bit, what followed then."""
        self.network.set_state(snapshot["network"])
        self.optimizer.memory = {name: a.copy() for name, a in snapshot["memory"].items()}
        self.optimizer.steps = snapshot["optimizer_steps"]
        self.optimizer.learning_rate = snapshot["learning_rate"]
        for rng, state in zip(self._rngs, snapshot["rngs"], strict=True):
            rng.bit_generator.state = state
        self._order = list(snapshot["order"])
        self._batch = snapshot["batch"]
        self.steps = snapshot["steps"]
        self._seen = [tuple(row) for row in snapshot["seen"]]
        self.history = History(snapshot["history"]).copy()
        self._best = snapshot["best"] and Best(**snapshot["best"])
        self._reason = snapshot["stopped_because"]

    def keep(self, networks) -> None:
        """Go on with only these of the M networks (their numbers from 0, in order)."""
        if not self.network.lead:
            raise TypeError("this is the training of a single network: there are none to drop.")
        networks = np.asarray(networks)
        self.network = self.network.take(networks)
        self.optimizer.memory = {n: a[networks] for n, a in self.optimizer.memory.items()}
        if np.ndim(self.optimizer.learning_rate):
            self.optimizer.learning_rate = self.optimizer.learning_rate[networks]
        self._penalties = tuple(p.keep(networks, self.network) for p in self._penalties)
        self._seen = [(loss[networks], cost[networks], rows) for loss, cost, rows in self._seen]
        self._order = [rows if rows.ndim == 1 else rows[networks] for rows in self._order]
        if len(self._rngs) > 1:
            self._rngs = tuple(self._rngs[k] for k in networks)
        for column in self.history.columns.values():
            column[:] = [row[networks] for row in column]
