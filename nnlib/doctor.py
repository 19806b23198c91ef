"""The doctor: what is wrong with a set-up or a run, with evidence, cause, cure and page.

`diagnose` finds out what it was given, has it examined, and hands consequences to their causes.

Not here: the measurements (``patient``), what they mean (``examine_data``, ``examine_setup``,
``examine_run``), and how findings are shown (``findings``).
"""

from __future__ import annotations

import copy
import warnings
import weakref
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nnlib import checks, losses, optimizers, regularizers
from nnlib.examine_data import examine_data, no_numbers
from nnlib.examine_run import broken, examine_run, nothing_to_see
from nnlib.examine_setup import examine_output, examine_setup, examine_start
from nnlib.findings import ILLNESSES, LIMITS, Diagnosis, Finding, settle
from nnlib.history import History
from nnlib.keywords import explains_keywords
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.patient import Patient, learns
from nnlib.recipe import recipe
from nnlib.training import Training
from nnlib.values import class_names

__all__ = ["ILLNESSES", "Diagnosis", "Finding", "diagnose"]


@explains_keywords
def diagnose(
    network,
    X=None,
    y=None,
    history: History | None = None,
    *,
    loss=None,
    optimizer=None,
    batch_size: int | None = None,
    regularizer=None,
    validation: tuple | None = None,
    trained: bool | None = None,
    clip_norm: float | None = None,
    shuffle: bool | None = None,
) -> Diagnosis:
    """Say what is wrong with a set-up or a run.

    Parameters
    ----------
    network : Network, Training, fitted MLPClassifier or MLPRegressor, or a list of them
        Who is ill.  It is left as it was.  A `Training` brings data, loss, optimizer and history
        along; an estimator its loss and history.
    X : array (n, d_0)
        The rows that are, or were, learnt from.
    y : array (n,) or (n, d_L)
        Their targets, as for `nnlib.train`.
    history : History, optional
        Of the run, if there was one.
    loss : str or Loss, optional
        None: the network's own, else "cross_entropy", as in `nnlib.train`.
    optimizer, batch_size, regularizer, validation, clip_norm, shuffle
        As for `nnlib.train`; what is not told is not judged.
    trained : bool, optional
        Whether there was a run.  None: there was, if a history is given, the network keeps the
        trace of a step, or a bias is no longer 0.

    Returns
    -------
    Diagnosis
        A tuple of `Finding`, gravest first, that prints as a table.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit each other: rows of another width, X and y of other lengths.

    Examples
    --------
    >>> from nnlib import Dense, Network, datasets, diagnose
    >>> X, y = datasets.load_gate("xor")
    >>> network = Network(2, [Dense(3, "tanh"), Dense(2, "softmax")])
    >>> diagnose(network, X, y).codes
    ('D201',)
    """
    if isinstance(network, Training):  # first: it may be asked after each epoch
        return _training(network)
    given = {
        "loss": loss, "optimizer": optimizer, "batch_size": batch_size,
        "regularizer": regularizer, "validation": validation, "trained": trained,
        "clip_norm": clip_norm, "shuffle": shuffle,
    }  # fmt: skip
    if isinstance(network, Sequence) and not isinstance(network, str):
        if not network:
            raise ValueError("the list of networks is empty: give at least one.")
        histories = history if isinstance(history, Sequence) else [history] * len(network)
        if len(histories) != len(network):
            raise ValueError(
                f"{len(network)} networks, but {len(histories)} histories: give one for each."
            )
        each = [diagnose(one, X, y, h, **given) for one, h in zip(network, histories, strict=True)]
        return _together(each)
    if hasattr(network, "coefs_") or hasattr(network, "hidden_layer_sizes"):
        return _estimator(network, X, y, given)
    if not isinstance(network, Network):
        raise TypeError(
            f"network must be a Network, a Training, a fitted MLPClassifier or MLPRegressor, or a "
            f"list of them, got {type(network).__name__} {network!r:.60}."
        )
    if not isinstance(history, History | None):
        raise TypeError(
            f"history must be the History that nnlib.fit returned, got {type(history).__name__}. "
            "The order is diagnose(network, X, y, history)."
        )
    if X is None or y is None:
        raise TypeError("diagnose needs the rows and targets: diagnose(network, X, y).")
    if network.lead:
        each = [
            diagnose(network[k], X, y, _column_of(history, k), **given | _share_of(given, k))
            for k in range(len(network))
        ]
        return _together(each)
    return _network(network, X, y, history, **given)


def _network(
    network, X, y, history, *, loss, optimizer, batch_size, regularizer, validation, trained,
    clip_norm, shuffle, own_code=True, stopped_because=None,
) -> Diagnosis:  # fmt: skip
    loss = losses.get(loss if loss is not None else network.loss or "cross_entropy")
    if trained is None:
        trained = _was_trained(network, history)
    moment = "after a run" if trained else "before training"
    found = no_numbers(X, y)
    if found is not None:
        return Diagnosis.of([found], moment, _name(network))
    X = checks.check_inputs(X, network.inputs, dtype=network.dtype)
    y = checks.check_targets(class_names(y, network.classes)[0])
    checks.check_same_length(X, y)
    try:
        T = loss.encode(y, network.widths[-1]).astype(network.dtype)
        T = checks.check_finite(T, "y")
    except ValueError as reason:
        said, _, advice = str(reason).partition(". ")
        finding = Finding(
            "D104", said, advice or "the loss cannot read such targets",
            _cure_for(network, y, loss),
            value=float(y.max()), threshold=float(network.widths[-1] - 1),
        )  # fmt: skip
        outputs = examine_output(network, loss, None, lambda **c: recipe(network, **c))
        return Diagnosis.of(settle([*outputs, finding]), moment, _name(network))
    patient = Patient(
        network, loss, X, T,
        optimizer=None if optimizer is None else optimizers.get(optimizer),
        history=history,
        validation=_validation(network, loss, validation),
        batch_size=None if batch_size is None else checks.check_int("batch_size", batch_size),
        penalties=tuple(p.for_network(network) for p in regularizers.as_tuple(regularizer)),
        stopped_because=stopped_because or getattr(history, "stopped_because", None),
        trained=trained,
        own_code=own_code,
        clip_norm=clip_norm,
        shuffle=shuffle,
    )  # fmt: skip
    return examine(patient)


def examine(patient: Patient) -> Diagnosis:
    """The whole examination, once all arguments are known to fit."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        found = []
        moment = "after a run" if patient.trained else "before training"
        finite = np.isfinite(patient.network.theta).all()
        ended = broken(patient) if patient.trained or not finite else None
        if ended is not None:
            found.append(ended)
            # What became of the weights says nothing of their start, which is looked at instead.
            patient = replace(patient.at_its_start(), optimizer=None)
        if not (patient.running and patient.on_its_way
                and patient.known_as_sound_at(patient.steps)):  # fmt: skip
            found += [*examine_data(patient), *examine_setup(patient)]
            if patient.trained and not found:
                patient.note_as_sound()
        if ended is None and patient.trained:
            found += examine_run(patient)
            if not patient.running and patient.learnt < LIMITS["learnt"][1]:
                found += examine_start(patient.at_its_start())  # was the start to blame?
    return Diagnosis.of(settle(found), moment, _name(patient.network), patient.measured)


def _was_trained(network: Network, history) -> bool:
    if history is not None:
        return history.epochs > 0 or "diverged" in (history.stopped_because or "")
    if network.trace and network._trained:
        return True
    biases = [v for n, v, _ in network.parameters() if n.endswith((".b", ".beta"))]
    return any(b.any() for b in biases)


def _validation(network, loss, pair):
    if pair is None:
        return None
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError("validation must be a pair (X_valid, y_valid).")
    X = checks.check_inputs(pair[0], network.inputs, "X of validation", network.dtype)
    y = checks.check_targets(class_names(pair[1], network.classes)[0], "y of validation")
    checks.check_same_length(X, y, "X and y of validation")
    return X, loss.encode(y, network.widths[-1]).astype(network.dtype)


def _cure_for(network, y, loss) -> str:
    """A line that makes the targets fit."""
    y = np.asarray(y)
    if y.ndim == 1 and (y == np.floor(y)).all() and len(np.unique(y)) <= 1000:
        K = len(np.unique(y))
        if K == 2 and network.widths[-1] == 1:
            return "y = (y == y.max()).astype(int)"
        layers = recipe(network, last={"width": K, "activation": "identity"})
        return (f"y = np.unique(y, return_inverse=True)[1]; network = {layers}; "
                "history = nnlib.fit(network, X, y, loss='cross_entropy')")  # fmt: skip
    width = 1 if y.ndim == 1 else y.shape[1]
    layers = recipe(network, last={"width": width, "activation": "identity"})
    return f"network = {layers}; history = nnlib.fit(network, X, y, loss='mse')"


# -- what else may be ill ----------------------------------------------------------------------

# Each run's last examination: what cannot change is not measured twice, and a run whose loss
# stands still is not examined again until it is a quarter longer.
_looked_at: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def _training(run: Training) -> Diagnosis:
    earlier, epochs, found = _looked_at.get(run, (None, 0, None))
    if found is not None and not found and _goes_on_well(run, earlier):
        return found
    if run.network.lead:
        return _training_of_several(run)
    patient = _patient_of(run, run.network, run.history, run.optimizer, run._penalties)
    if earlier is not None:
        patient.remember(earlier)
        still = patient.running and not patient.on_its_way and broken(patient) is None
        if still and epochs and run.epoch < 1.25 * epochs:
            return found
    found = examine(patient)
    stands = patient.running and patient.trained and not patient.on_its_way
    _looked_at[run] = (patient, run.epoch if stands else 0, found)
    return found


def _training_of_several(run: Training) -> Diagnosis:
    each = []
    for k in range(len(run.network)):
        network = run.network[k]
        own = _share_of({"optimizer": run.optimizer, "regularizer": run._penalties}, k)
        penalties = tuple(penalty.for_network(network) for penalty in own["regularizer"])
        history = _column_of(run.history, k)
        each.append(examine(_patient_of(run, network, history, own["optimizer"], penalties)))
    return _together(each)


def _patient_of(run: Training, network, history, optimizer, penalties) -> Patient:
    """One of the networks of a run, and what belongs to it."""
    pair = next(iter(run._monitored.values()), None)
    return Patient(
        network, run.loss, run._X, run._T,
        optimizer=optimizer,
        history=history,
        validation=run._monitored.get("validation", pair),
        batch_size=run.batch_size,
        penalties=penalties,
        stopped_because=run.stopped_because,
        running=run.stopped_because is None,
        trained=run.steps > 0 or "diverged" in (run.stopped_because or ""),
        steps=run.steps,
        clip_norm=run.clip_norm,
        shuffle=run.shuffle if run._batches is None else None,
    )  # fmt: skip


def _share_of(given: dict, k: int) -> dict:
    """The optimizer and the penalties as network k of several has them."""
    optimizer = given["optimizer"]
    if np.ndim(getattr(optimizer, "learning_rate", 0)):
        optimizer = copy.copy(optimizer)
        optimizer.memory, optimizer.steps = {}, 0
        optimizer.learning_rate = float(optimizer.learning_rate[k])
    penalties = []
    for penalty in regularizers.as_tuple(given["regularizer"]):
        strength = penalty.strength
        penalties.append(type(penalty)(strength[k] if np.ndim(strength) else strength))
    return {"optimizer": optimizer, "regularizer": tuple(penalties)}


def _goes_on_well(run: Training, earlier: Patient) -> bool:
    """Whether a run whose data and set-up are known as sound still learns: then all is said."""
    return (
        run.stopped_because is None and run.steps > 0 and learns(run.history)
        and earlier.known_as_sound_at(run.steps) and nothing_to_see(earlier)
        and bool(np.isfinite(run.network.theta @ run.network.theta))
    )  # fmt: skip


def _estimator(model, X, y, given) -> Diagnosis:
    if not hasattr(model, "coefs_"):
        raise ValueError(
            f"this {type(model).__name__} is not fitted yet: call fit(X, y) first, or diagnose "
            "the nnlib.Network that you have in mind."
        )
    if not hasattr(model, "_network"):
        raise TypeError(
            f"this is {type(model).__module__}.{type(model).__name__}. Give the estimator of that "
            "name from nnlib."
        )
    if X is None or y is None:
        raise TypeError("diagnose needs the rows and targets: diagnose(model, X, y).")
    names = {"softmax": "cross_entropy", "logistic": "binary_cross_entropy"}
    network = _as_if_built(model._network(np.dtype(model.coefs_[0].dtype)))
    if hasattr(model, "_label_binarizer"):
        y = model._label_binarizer.transform(y)
    history = History({"cost": list(model.loss_curve_), "loss": list(model.loss_curve_)}
                      if hasattr(model, "loss_curve_") else {})  # fmt: skip
    optimizer = getattr(model, "_optimizer", None) if model.solver != "lbfgs" else None
    size = None if model.solver == "lbfgs" else model._batch_rows(len(X))
    given = given | {
        "loss": names.get(model.out_activation_, "mse"),
        "optimizer": given["optimizer"] or optimizer,
        "batch_size": given["batch_size"] or size,
        "trained": True,
    }
    return _network(network, X, y, history, own_code=False, **given)


def _as_if_built(network: Network) -> Network:
    """The same weights in layers that begin as layers do: an estimator's were filled later."""
    layers = [Dense(layer.width, layer.activation.name) for layer in network.layers]
    built = Network(network.inputs, layers, dtype=network.dtype)
    built.theta[...] = network.theta
    return built


def _column_of(history, k):
    if history is None:
        return None
    one = History({name: [row[k] for row in rows] for name, rows in history.columns.items()})
    one.stopped_because = history.stopped_because
    return one


def _together(each) -> Diagnosis:
    """One diagnosis of several: each finding once, with the numbers of who has it."""
    found = {}
    for k, diagnosis in enumerate(each):
        for finding in diagnosis:
            first = found.setdefault(finding.code, finding)
            found[finding.code] = replace(first, networks=(*first.networks, k))
    findings = [
        replace(f, networks=()) if len(f.networks) == len(each) else f for f in found.values()
    ]
    order = sorted(findings, key=lambda f: (("error", "warning", "note").index(f.severity), f.code))
    return Diagnosis.of(order, each[0].moment, f"{len(each)} networks")


def _name(network) -> str:
    widths = "-".join(map(str, (network.inputs, *(
        layer.width for layer in network.layers if hasattr(layer, "width")))))  # fmt: skip
    return f"network {widths}"
