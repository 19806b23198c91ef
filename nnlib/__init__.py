"""nnlib: a neural network in plain NumPy, written to be read.

The rooms, in the order in which the data flow through them:

    datasets -> (X, y) -> activations, initializers, layers -> network
             -> losses, regularizers -> optimizers, schedules -> loop, training -> history

``gradients`` checks the mathematics, ``storage`` writes to a file, ``checks`` stands at every
door.  ``sweeps`` trains many networks at once, in ``blocks``; ``estimators`` dress a network as a
scikit-learn estimator, keeping its ``conventions``.
``import nnlib`` needs NumPy alone; whatever needs more is imported the first time it is used.

Not here: figures, experiments and interactives of the course (the package ``nncourse``, which
imports this one and is never imported by it).
"""

from __future__ import annotations

import os

from nnlib import activations, datasets, initializers, losses, metrics, schedules
from nnlib.gradients import check_gradients
from nnlib.history import History
from nnlib.layers import BatchNorm, Dense, Dropout
from nnlib.losses import binary_cross_entropy, cross_entropy, mse
from nnlib.network import Network
from nnlib.optimizers import SGD, Adam, RMSprop
from nnlib.regularizers import L1, L2
from nnlib.stopping import EarlyStopping
from nnlib.storage import load, resume
from nnlib.sweeps import sweep
from nnlib.training import fit, train

__version__ = "0.1.0"

__all__ = [
    "Adam", "BatchNorm", "Dense", "Dropout", "EarlyStopping", "History", "L1", "L2", "Network",
    "RMSprop", "SGD", "activations", "binary_cross_entropy", "check_gradients", "cross_entropy",
    "datasets", "fit", "initializers", "load", "losses", "metrics", "mse", "resume", "schedules",
    "sweep", "train",
]  # fmt: skip

if os.environ.get("NNLIB_WIGGLE"):  # only in tests: another processor is pretended
    from nnlib import wiggle

    wiggle.install(int(os.environ["NNLIB_WIGGLE"]))

_ELSEWHERE = {  # name -> the room that is opened when it is first asked for
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
}


def __getattr__(name: str):
    import importlib

    if name in _ELSEWHERE:
        return getattr(importlib.import_module(f"nnlib.{_ELSEWHERE[name]}"), name)
    if name == "estimators":
        return importlib.import_module("nnlib.estimators")
    raise AttributeError(f"nnlib has no {name!r}")
