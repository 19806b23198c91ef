"""nnlib: a neural network in plain NumPy, written to be read.

Its modules, in the order in which the data flow through them:

    datasets -> (X, y) -> activations, initializers, layers -> network -> losses, reading
             -> predictions -> regularizers -> optimizers, schedules -> loop, training -> history

To read it, begin with ``tiny`` (127 lines): the same network on one page.  The course then walks
through twelve files, with their lines, descriptions included: ``activations`` 175,
``initializers`` 105, ``layers`` 316, ``network`` 280, ``losses`` 343, ``reading`` 74,
``predictions`` 91, ``regularizers`` 98, ``optimizers`` 243, ``loop`` 239, ``training`` 197,
``history`` 77; 2,238 in all.  The formulas among them are an evening: the functions of
``activations``, `Dense`, `Network.forward` and `backward`, each ``value_and_gradient``, each
``update``, and ``_learn`` in ``loop``.  The rest looks after shapes, bad input and saving.

``copies`` (of networks) and ``snapshots`` (of runs) hold what can be gone back to.
``gradients`` checks the mathematics, ``storage`` (on ``npz``) writes to a file; ``arguments``,
``checks``, ``values`` and ``keywords`` look at what is handed in.  ``sweeps`` trains many networks
at once, in ``blocks``, with the formulas of ``fast``; ``estimators`` makes a network a
scikit-learn estimator, as its ``sklearn_conventions`` demand.  ``doctor`` says what is wrong with
a set-up or a run: of a ``patient`` it has data, set-up and run examined (``examine_data``,
``examine_setup``, ``examine_run``, ``examine_layers``), and reports ``findings``, each cure written
by ``recipe``.
``import nnlib`` needs NumPy alone; whatever needs more is imported the first time it is used.

Not here: figures, experiments and interactives of the course (the package ``nncourse``, which
imports this one and is never imported by it).
"""

from __future__ import annotations

import importlib
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
from nnlib.storage import load, register, resume, save
from nnlib.sweeps import sweep
from nnlib.training import fit, train

__version__ = "0.1.0"

__all__ = [
    "Adam", "BatchNorm", "Dense", "Dropout", "EarlyStopping", "History", "L1", "L2", "Network",
    "RMSprop", "SGD", "activations", "binary_cross_entropy", "check_gradients", "cross_entropy",
    "datasets", "diagnose", "fit", "initializers", "load", "losses", "metrics", "mse", "register",
    "resume", "save", "schedules", "sweep", "train",
]  # fmt: skip

# Only in tests: another processor is pretended ("off" asks for none).
if os.environ.get("NNLIB_WIGGLE", "").isdigit():
    from nnlib import wiggle

    wiggle.install(int(os.environ["NNLIB_WIGGLE"]))

_ON_DEMAND = {  # name -> the module that is imported when it is first asked for
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
    "estimators": "estimators",
    "diagnose": "doctor",
}


def __getattr__(name: str):
    if name not in _ON_DEMAND:
        raise AttributeError(f"nnlib has no {name!r}")
    module = importlib.import_module(f"nnlib.{_ON_DEMAND[name]}")
    return module if name == _ON_DEMAND[name] else getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_DEMAND})
