"""Gradient check: does backpropagation compute the gradient of the cost?

Central differences, (C(theta + h) - C(theta - h)) / 2h, need two forward passes for every
parameter: far too slow to learn with, and the best way to know that the fast way is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib import checks, losses, regularizers
from nnlib.keywords import explains_keywords
from nnlib.network import Network


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found.

    Attributes
    ----------
    errors : dict of str -> float
        For each parameter array ||backprop - differences|| / (||backprop|| + ||differences||):
        0 is perfect, 1 is hopeless, infinity means that a derivative or the cost is no number.
        Where both lengths together are below 1e-8 nothing can be told, and 0 is reported.
    worst : str
        The entry that differs most, such as "0.W[3, 1]".
    backprop, differences : array (N,)
        Both gradients (NaN where not checked).
    kinks : int
        Entries within h of which the cost has a corner (relu, L1): the slopes on its two sides
        disagree, and no single one is right there.
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


@explains_keywords
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
    X = checks.check_inputs(X, network.inputs)
    y = checks.check_targets(y)
    checks.check_same_length(X, y)
    loss, h = losses.get(loss), checks.check_scalar("h", h, open_low=True)
    entries = None if entries is None else checks.check_int("entries", entries)
    T = loss.encode(y, network.widths[-1])
    penalties = [p.for_network(network) for p in regularizers.as_tuple(regularizer)]
    state, grad_before = network.state(), network.grad.copy()
    trace_before = network.trace, network._trained

    def cost(learn: bool = False):
        # The same dropout masks at every nudge: the generators start from the same state.
        for rng, saved in zip(network.rngs, state["rngs"], strict=True):
            rng.bit_generator.state = saved
        output = network._forward(X, training=True)
        value, gradient = loss.value_and_gradient(output, T, 1 / len(X))
        if learn:
            network.backward(gradient)
            for penalty in penalties:
                penalty.add_gradient(network.theta, network.grad)
        return value + sum(penalty.value(network.theta) for penalty in penalties)

    def sides(i: int, step: float) -> np.ndarray:
        """The slopes of the cost to the left and to the right of parameter i."""
        before = network.theta[i]
        network.theta[i] = before + step
        right = (cost() - here) / step
        network.theta[i] = before - step
        left = (here - cost()) / step
        network.theta[i] = before
        return np.array([left, right])

    rng = checks.as_generator(seed)
    try:
        here = cost(learn=True)
        backprop = network.grad.copy()
        differences, kinks = np.full(backprop.size, np.nan), 0
        checked = np.zeros(backprop.size, bool)
        names, start = {}, 0
        for name, values, _ in network.parameters():
            names[name] = (slice(start, start + values.size), values.shape)
            chosen = np.arange(values.size)
            if entries is not None and entries < values.size:
                chosen = rng.choice(values.size, entries, replace=False)
            checked[start + chosen] = True
            for i in start + chosen:
                both = sides(i, h)
                differences[i] = both.mean()
                kinks += _has_corner(lambda step, i=i: np.ptp(sides(i, step)), both, here, h)
            start += values.size
    finally:
        network.set_state(state)
        network.grad[...] = grad_before
        network.trace, network._trained = trace_before

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


def _has_corner(jump, sides: np.ndarray, cost: float, h: float) -> bool:
    """Whether the cost has a corner within h, rather than being bent.

    Where a smooth cost bends, the slopes on the two sides differ by h times its second
    derivative: half as much for half of h.  A corner at the point keeps its jump, and one nearby
    is soon no longer within reach.  Two smaller steps are compared, since a corner at a third of h
    halves its jump by chance at the first of them.
    """
    first = np.ptp(sides)
    rounding = 1e-14 * max(1.0, abs(cost)) / h
    if not first > 1e-2 * np.abs(sides).sum() + rounding:
        return False  # too small to matter (or not a number)
    return any(
        abs(jump(h / part) - first / part) > 0.02 * first + part * rounding for part in (2, 4)
    )
