"""Gradient check: are the slopes that backpropagation computes those of the cost?

Central differences, (C(theta + h) - C(theta - h)) / 2h, need two forward passes for every
parameter: far too slow to learn with, and the best way to know that the fast way is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib import checks, losses, regularizers
from nnlib.network import Network


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found.

    Attributes
    ----------
    errors : dict of str -> float
        For each parameter array ||backprop - differences|| / (||backprop|| + ||differences||):
        0 is perfect, 1 is hopeless, infinity means that a slope or the cost is no number.  Where
        both lengths together are below 1e-8 nothing can be told, and 0 is reported.
    worst : str
        The entry that differs most, such as "0.W[3, 1]".
    backprop, differences : array (P,)
        Both gradients (NaN where not checked).
    kinks : int
        Entries whose differences to the left and to the right disagree: within h of them the
        cost has a corner (relu, L1), and no single slope is right there.
    """

    errors: dict[str, float]
    worst: str
    backprop: np.ndarray
    differences: np.ndarray
    kinks: int

    @property
    def largest(self) -> float:
        """The largest of the errors."""
        return max(self.errors.values())

    def __str__(self):
        lines = [f"{name:10s} {error:.1e}" for name, error in self.errors.items()]
        kinks = f"\n{self.kinks} entries lie at a kink" if self.kinks else ""
        return "\n".join(lines) + f"\nworst entry {self.worst}{kinks}"


@np.errstate(over="ignore", invalid="ignore")  # what is no number is reported, not warned of
def check_gradients(
    network: Network,
    X,
    y,
    *,
    loss="cross_entropy",
    regularizer=None,
    h: float = 1e-6,
    entries: int | None = None,
    seed=0,
) -> GradientCheck:
    """Compare backpropagation with central differences, entry by entry.

    Parameters
    ----------
    network : Network
        One network, in float64; it is left as it was.
    X, y, loss, regularizer
        As for `nnlib.train`.
    h : float, default 1e-6
        How far to nudge.  Larger: the cost's curvature shows.  Smaller: rounding does.
    entries : int, optional
        Check only so many entries of each array, drawn with ``seed``: for large networks.

    Raises
    ------
    ValueError
        If the network is not a single one in float64, or the data do not fit.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__} {network!r}.")
    if network.lead or network.dtype != np.float64:
        raise ValueError(
            f"check_gradients needs one network in float64, got {network!r}. In float32 the "
            "rounding of the cost drowns the differences; of several networks check one: net[0]."
        )
    X = checks.inputs(X, network.inputs)
    y = checks.targets(y)
    checks.same_length(X, y)
    loss, h = losses.get(loss), checks.number("h", h, open_low=True)
    entries = None if entries is None else checks.whole("entries", entries)
    T = loss.encode(y, network.widths[-1])
    penalties = [p.for_network(network) for p in regularizers.as_tuple(regularizer)]
    state, grad_before, trace_before = network.state(), network.grad.copy(), network.trace

    def cost(learn: bool = False):
        # The same dropout masks at every nudge: the generators start from the same state.
        for rng, saved in zip(network.rngs, state["rngs"], strict=True):
            rng.bit_generator.state = saved
        value, slope = loss.value_and_slope(network.forward(X), T, 1 / len(X))
        if learn:
            network.backward(slope)
        grad = network.grad if learn else np.zeros_like(network.grad)
        return value + sum(p.charge(network.theta, grad) for p in penalties)

    rng = checks.generator(seed)
    try:
        here = cost(learn=True)
        backprop = network.grad.copy()
        left, right = np.full((2, backprop.size), np.nan)
        checked = np.zeros(backprop.size, bool)
        names, start = {}, 0
        for name, values, _ in network.parameters():
            names[name] = (slice(start, start + values.size), values.shape)
            chosen = np.arange(values.size)
            if entries is not None and entries < values.size:
                chosen = rng.choice(values.size, entries, replace=False)
            checked[start + chosen] = True
            for i in start + chosen:
                before = network.theta[i]
                network.theta[i] = before + h
                right[i] = (cost() - here) / h
                network.theta[i] = before - h
                left[i] = (here - cost()) / h
                network.theta[i] = before
            start += values.size
    finally:
        network.set_state(state)
        network.grad[...], network.trace = grad_before, trace_before

    differences = (left + right) / 2
    # A smooth cost bends by about h; a corner makes the two sides differ by the slopes' size.
    rounding = 1e-14 * max(1.0, abs(here)) / h
    kinks = int((np.abs(right - left) > 1e-2 * (np.abs(left) + np.abs(right)) + rounding).sum())
    gaps = np.where(checked, np.abs(backprop - differences), 0)
    gaps[np.isnan(gaps)] = np.inf
    errors, worst = {}, ("", -1.0)
    for name, (place, shape) in names.items():
        ours, theirs = (v[place][checked[place]] for v in (backprop, differences))
        size, gap = np.linalg.norm(ours) + np.linalg.norm(theirs), gaps[place]
        if not np.isfinite(size):
            errors[name] = np.inf
        else:
            errors[name] = float(np.linalg.norm(ours - theirs) / size) if size > 1e-8 else 0.0
        if gap.max() > worst[1]:
            index = ", ".join(str(int(i)) for i in np.unravel_index(gap.argmax(), shape))
            worst = (f"{name}[{index}]", float(gap.max()))
    return GradientCheck(errors, worst[0], backprop, differences, kinks)
