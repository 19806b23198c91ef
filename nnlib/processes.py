"""Processes: where a long sweep is trained, since threads share one interpreter.

The processes are joblib's (it comes with scikit-learn).  They start from nothing and never import
the program that started them, so that one without ``if __name__ == "__main__"`` does not run twice;
it is the same on Linux, macOS and Windows.  They wait a while for the next sweep, and end with
Python, or when something goes wrong.

Not here: which models train together (``blocks``).
"""

from __future__ import annotations

import pickle
import sys
import threading
import warnings
from importlib.util import find_spec
from io import BytesIO
from types import FunctionType

import numpy as np

from nnlib.blocks import Block, cores, train_alone

# So much work, in bytes of weights and activations times steps, is the start of a process worth.
# Measured on two cores: two processes take 0.6 s of computing to start (each imports joblib and
# nnlib), 0.3 s a core.  For each 10^9 of work they save 0.07 s with 49 networks 64-50-10, which
# threads share well, and up to 0.2 s, half the time, with twelve, which are left to one thread.
# So two pay from 4 or 5 * 10^9 of work on, or from 2 * 10^9, and take over at twice the larger.
WORK_A_PROCESS = 5_000_000_000

KNOWN = {"nnlib", "numpy", *sys.stdlib_module_names} - {"__main__"}


def processes_for(work: float, models: int) -> int:
    """How many processes pay for so much work; 1 if none do."""
    count = min(cores(), models, int(work / WORK_A_PROCESS))
    if count < 2 or find_spec("joblib") is None:
        return 1
    from joblib import cpu_count  # knows of limits that a container sets

    return max(1, min(count, cpu_count()))


def check_joblib() -> None:
    """Raise an ImportError that names the cure if there is no joblib."""
    if find_spec("joblib") is None:
        raise ImportError(
            "processes need joblib, which comes with scikit-learn: pip install scikit-learn. "
            "Or train in threads: processes=0."
        )


def may_leave(*parts) -> bool:
    """Whether these parts can be trained in another process without anybody noticing.

    Not if one of them is the user's own, or a function of ours has been replaced: in another
    process it may not be found, and what it prints, counts or draws would be lost.  And not in what
    is itself one of several workers: their cores are taken.
    """
    return _is_first_process() and _are_known(parts)


def _is_first_process() -> bool:
    import multiprocessing

    return (
        threading.current_thread() is threading.main_thread()
        and multiprocessing.parent_process() is None
    )


def _are_known(parts) -> bool:
    try:
        _Inspector(BytesIO()).dump(parts)
    except Exception:  # whatever a part does when it is pickled
        return False
    return True


class _Inspector(pickle.Pickler):
    """Goes through all that would be sent, arrays left out, and refuses what is not known."""

    def persistent_id(self, value):
        return "array" if isinstance(value, np.ndarray) else None

    def reducer_override(self, value):
        if isinstance(value, type):
            functions = [f for kind in value.__mro__ for f in vars(kind).values()]
        else:
            functions = [value]
        for part in (value, *functions):
            if isinstance(part, (type, FunctionType)):
                if part.__module__.partition(".")[0] not in KNOWN:
                    raise pickle.PicklingError(f"{part!r} is not known to another process")
        return NotImplemented


def train_in_processes(blocks: list[Block], until: int, processes: int) -> None:
    """Train all blocks until so many epochs are done, in so many processes.

    The blocks change only when all have been trained: after an error or Ctrl-C they are as before,
    and the processes have ended.
    """
    from joblib import Parallel, delayed

    working = [block for block in blocks if block.alive.size]
    calls = [delayed(_train_elsewhere)(block, until) for block in working]
    with warnings.catch_warnings():
        # A process that has become large is replaced by a new one, which joblib warns of.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
        # Large arrays are shared as files, and not read-only: "c" is copy-on-write.
        workers = Parallel(processes, backend="loky", batch_size=1, mmap_mode="c")
        try:
            trained = workers(calls)
        except pickle.PicklingError as error:
            reason = str(error.__cause__ or error).rstrip('"\n ').splitlines()[-1]  # of a traceback
            raise TypeError(
                f"the networks cannot be sent to another process: {reason}. "
                "Train them in threads: processes=0."
            ) from error
    for block, news in zip(working, trained, strict=True):
        block.update_from(*news)


def _train_elsewhere(block: Block, until: int) -> tuple:
    """Train a copy of a block in another process."""
    _unmap(block.run)
    return train_alone(block, until)


def _unmap(run) -> None:
    """Make plain arrays of those that lie in files: NumPy is slower with their class."""
    run._X, run._T = np.asarray(run._X), np.asarray(run._T)
    run._weights = None if run._weights is None else np.asarray(run._weights)
    run._monitored = {
        name: (np.asarray(X), np.asarray(T)) for name, (X, T) in run._monitored.items()
    }
    run.optimizer.memory = {name: np.asarray(a) for name, a in run.optimizer.memory.items()}
