"""Trials: what is tried out on copies of a patient's network, which itself stays as it was.

A few steps with another learning rate, many steps from another start, and differences of the loss
beside what backpropagation says.

Not here: what a result means (``examine_setup``, ``examine_run``).
"""

from __future__ import annotations

import copy

import numpy as np

from nnlib.layers import Dropout
from nnlib.optimizers import Adam, clip_by_norm

CHECK_ROWS = 24  # rows of the gradient check
STEPS = 20  # of a trial
LESSON = 300  # steps that are enough for a network that can learn its task


def walk(patient, network, optimizer, steps: int, size: int, clip_norm=None) -> list[float]:
    """Take steps with ``network``; returns the length of each."""
    X, T = patient.some
    order = np.random.default_rng(1).permutation(len(X))
    moves = []
    with np.errstate(all="ignore"):
        for step in range(steps):
            rows = np.take(order, np.arange(step * size, (step + 1) * size), mode="wrap")
            output = network._forward(X[rows], training=True)
            network.backward(patient.loss.value_and_gradient(output, T[rows], 1 / size)[1])
            if clip_norm is not None:
                clip_by_norm(network.grad, clip_norm)
            old = network.theta.copy()
            optimizer.step(network.theta, network.grad, 1.0, network.decayed)
            moves.append(float(np.linalg.norm(network.theta - old)))
            if not np.isfinite(network.theta).all():
                break
    return moves


def trial(patient, factor: float = 1.0, clip: bool = True) -> dict[str, float]:
    """Take 20 steps on a copy, with the learning rate times ``factor``.

    Returns the loss ``before`` and ``after``, and the mean length of a step over that of the
    weights, ``move``.
    """
    clone, optimizer = patient.network.copy(), copy.deepcopy(patient.optimizer)
    optimizer.memory, optimizer.steps = {}, 0
    optimizer.learning_rate = optimizer.learning_rate * factor
    X, T = patient.some
    length = np.linalg.norm(clone.theta)
    size = min(patient.batch_size or len(X), len(X))
    moves = walk(patient, clone, optimizer, STEPS, size, patient.clip_norm if clip else None)
    with np.errstate(all="ignore"):
        output = clone(X) if np.isfinite(clone.theta).all() else np.full(T.shape, np.nan)
        after = float(patient.loss.value_and_gradient(output, T, 1 / len(X))[0])
    usual = sum(w.size * 2 / sum(w.shape[-2:]) for w, _ in clone.weights() if w.ndim > 1)
    length = max(length, 0.3 * np.sqrt(usual))  # weights of 0 are a start too
    return {"before": patient.first_loss, "after": after, "move": float(np.mean(moves) / length)}


def teachable(patient) -> float:
    """Learn with such a network from up to three new starts; the best `Patient.learnt` of them.

    It tells a run that went wrong from a network that cannot learn its task.
    """
    best, generator = -np.inf, np.random.default_rng(3)
    for _ in range(3):
        fresh = patient.at_its_start(generator).remember(patient)
        walk(patient, fresh.network, Adam(0.01), LESSON, min(32, len(patient.rows)))
        best = max(best, fresh.learnt)
        if best > 0.9:
            break
    return float(best)


def gradient_factors(patient, seed: int = 2) -> dict[str, tuple[float, float | None]]:
    """For each array: relative error of its gradient, and the factor it is off by.

    Three random directions in each array (central differences), so that the cost grows with
    the number of arrays only.  The factor is None if the three disagree about it.
    """
    network = patient.network
    if network.dtype != np.float64:
        network = network.copy()
        state = network.state()
        network.dtype = np.dtype(float)
        network._lay_out_views()
        network.set_state(state)
    X, T = (a[:CHECK_ROWS].astype(float) for a in patient.some)
    saved_state, grad = network.state(), network.grad.copy()
    trace = network.trace, network._trained
    rng, h, found = np.random.default_rng(seed), 1e-5, {}
    # A little way off, lest a unit lie on its corner, or weights of 0 let no error through.
    # (Of weights near 0 a small part is nothing, and every unit would lie on its corner.)
    size = max(np.sqrt(np.square(network.theta).mean()), 0.1)
    network.theta += rng.normal(0, 0.05 * size, network.theta.shape)

    chance = any(isinstance(layer, Dropout) for layer in network.layers)

    def cost(learn=False):
        if chance:  # the same masks each time
            for own, saved in zip(network.rngs, saved_state["rngs"], strict=True):
                own.bit_generator.state = saved
        output = network._forward(X, training=True)
        value, gradient = patient.loss.value_and_gradient(output, T, 1 / len(X))
        if learn:
            network.backward(gradient)
        return float(value)

    try:
        with np.errstate(all="ignore"):
            here = cost(learn=True)
            for name, values, gradient in network.parameters():
                first, derivative, pairs = values.copy(), gradient.copy(), []
                for _ in range(3):
                    v = rng.choice([-1.0, 1.0], values.shape) / np.sqrt(values.size)
                    sides = []
                    for sign in (1, -1):
                        values[...] = first + sign * h * v
                        sides.append(cost())
                    values[...] = first
                    pairs.append(((derivative * v).sum(), (sides[0] - sides[1]) / (2 * h)))
                found[name] = _compare(np.array(pairs), here)
    finally:
        network.set_state(saved_state)
        network.grad[...] = grad
        network.trace, network._trained = trace
    return found


def _compare(pairs: np.ndarray, cost: float) -> tuple[float, float | None]:
    ours, theirs = pairs.T
    size = np.abs(ours) + np.abs(theirs)
    errors = np.abs(ours - theirs) / (size + 1e-30)
    if not np.isfinite(errors).all() or np.median(size) < 1e-7 * max(1.0, abs(cost)):
        return 0.0, None  # too small to tell from rounding
    if np.abs(theirs).min() < 1e-3 * size.max():
        return float(np.median(errors)), None
    factors = ours / theirs
    same = np.ptp(factors) < 0.01 * np.abs(factors).max()
    return float(np.median(errors)), float(np.median(factors)) if same else None
