"""The process that runs a student's code and answers questions about it.

It is told only the student's cells and, question by question, the arguments of a call; no
right answer is ever in this process.  One JSON line in, one JSON line out.  Every reply
repeats the number drawn for its question, so that a reply forged beforehand answers nothing.
"""

import builtins
import importlib.abc
import importlib.machinery
import json
import os
import sys

ABSENT = ("nnlib", "nncourse", "matplotlib", "seaborn", "pandas", "sklearn", "scipy", "torch",
          "tensorflow", "keras", "mlxtend", "ipywidgets", "tqdm", "IPython", "google")


class _Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets the course's usual imports pass, and says what is amiss when they are *used*."""

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        # `from numpy import *` looks up how Python was built; that file's name is the machine's.
        if top in sys.stdlib_module_names or top in ("numpy", "nncheck") or (
                top.startswith("_sysconfigdata")):
            return None
        if top in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        raise ModuleNotFoundError(
            f"{top} is not there when answers are graded: use NumPy alone", name=top)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        top = module.__name__.partition(".")[0]

        def missing(attribute):
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return _Nothing(top)

        module.__getattr__ = missing


class _Nothing:
    def __init__(self, top):
        self._top = top

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(self._top)

    def __call__(self, *_, **__):
        raise RuntimeError(f"{self._top} is not there when answers are graded: use NumPy alone")


def _no_input(*_):
    raise RuntimeError("input() has nobody to ask when answers are graded")


def limit(memory: int, seconds: int, file_size: int, processes: int) -> None:
    """Limits that the system itself enforces, where it can."""
    try:
        import resource
    except ImportError:
        return
    for name, most in (("AS", memory), ("CPU", seconds), ("FSIZE", file_size),
                       ("NPROC", processes), ("NOFILE", 64), ("CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        except (AttributeError, ValueError, OSError):
            pass
    try:  # if memory runs out all the same, it is this process that goes
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def main(limits: dict | None = None) -> None:
    """Answer until there are no more questions."""
    questions = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.environ["NNCHECK_WORKER"] = "1"
    import numpy  # noqa: F401  before memory is limited, so that it is there

    from nncheck import loading, steps

    if limits:
        limit(**limits)
    sys.meta_path.insert(0, _Absent())
    builtins.input = _no_input
    dumps, loads, write = json.dumps, json.loads, os.write
    reader = _lines(questions)
    namespace, known = loading.fresh(), set()
    for line in reader:
        question = loads(line)
        reply = {"nonce": question["nonce"]}
        if question["op"] == "load":
            reply["problems"] = loading.load_cell(question["entry"], namespace, known)
        elif question["op"] == "run":
            reply["outcomes"] = steps.execute(question["steps"], namespace)
        elif question["op"] == "reset":  # for code that is trusted: one process, many versions
            namespace, known = loading.fresh(), set()
        data = dumps(reply).encode() + b"\n"
        while data:
            data = data[write(answers, data):]


def _lines(stream):
    rest = b""
    while True:
        chunk = stream.read(1 << 16)
        if not chunk:
            return
        rest += chunk
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            yield line
