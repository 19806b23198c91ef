"""Keywords: an argument by another library's name is answered with its name here.

``fit(net, X, y, lr=0.1)`` is what many type first.  The functions and classes that students call
are marked with ``@explains_keywords``; their signature stays the same.
"""

from __future__ import annotations

import difflib
import functools
import inspect

_RATE = "the learning rate belongs to the optimizer: optimizer=SGD(learning_rate=0.1)"
_ELSEWHERE = {  # what it is called elsewhere -> what it is called here, first that fits
    "lr": ("learning_rate", _RATE),
    "eta": ("learning_rate", _RATE),
    "rate": ("learning_rate", _RATE),
    "learning_rate": (_RATE,),
    "learning_rate_init": ("learning_rate", _RATE),
    "momentum": ("the momentum belongs to the optimizer: optimizer=SGD(0.1, momentum=0.9)",),
    "n_epochs": ("epochs",),
    "epoch": ("epochs",),
    "max_iter": ("epochs",),
    "batch": ("batch_size",),
    "weight_decay": ("here it is regularizer=L2(1e-4)",),
    "alpha": ("here it is regularizer=L2(1e-4)",),
    "l2": ("here it is regularizer=L2(1e-4)",),
    "l1": ("here it is regularizer=L1(1e-4)",),
    "validation_data": ("validation",),
    "validation_split": ("split the rows before, and give validation=(X_valid, y_valid)",),
    "callbacks": ("give early_stopping=EarlyStopping(), or loop over nnlib.train(...)",),
    "metrics": ("the accuracy is in the history when validation=(X, y) is given",),
    "verbose": ("progress",),
    "random_state": ("seed",),
    "generator": ("seed",),
    "units": ("width",),
    "out_features": ("width",),
    "kernel_initializer": ("initializer",),
    "init": ("initializer",),
    "use_bias": ("bias",),
    "p": ("rate",),
    "beta_1": ("beta1",),
    "beta_2": ("beta2",),
    "eps": ("epsilon",),
    "rho": ("decay",),
    "early_stopping": ("choose afterwards, from the curves (Sweep.best)",),
    "regularizer": ("strengths are hyperparameters of the grid: 'l1', 'l2'",),
    "seed": ("seeds are a hyperparameter of the grid: 'seed'",),
    "class_weight": ("sample_weight",),
    "gradient_clip": ("clip_norm",),
    "clipnorm": ("clip_norm",),
}


def explains_keywords(function):
    """Answer an unknown keyword with the name it has here, in place of Python's own error."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]
    said = function.__qualname__.removesuffix(".__init__")

    @functools.wraps(function)
    def explained(*args, **kwargs):
        for name in kwargs:
            if name not in known:
                raise TypeError(_explanation(said, name, known))
        return function(*args, **kwargs)

    return explained


def _explanation(said: str, name: str, known: list[str]) -> str:
    for here in _ELSEWHERE.get(name, ()):
        if here in known or not here.isidentifier():
            return f"{said} takes no {name!r}: {'here it is ' * here.isidentifier()}{here}."
    near = difflib.get_close_matches(name.lower(), known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{said} takes no {name!r}.{hint} It takes {', '.join(known)}."
