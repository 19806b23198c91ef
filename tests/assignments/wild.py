"""More hostile and clumsy submissions, of the second hunt: see zoo.py for the first.

Each was thought up without a look at what the grader does about it.
"""

import copy
import json

from nncheck import cells
from tests.assignments.zoo import (
    FULL,
    PERFECT_RELU,
    Animal,
    code_cell,
    dump,
    everything,
    notebook,
    released,
    set_source,
    with_body,
    with_cell,
)

# Looks for a right answer, or for anything that only the grader should have.
WALK = """
import gc, sys
seen, found = 0, []
wanted = np.maximum(0, z)
for thing in gc.get_objects():
    if type(thing) is dict and {"expected", "wrong", "points", "judges"} & {
            k for k in thing if type(k) is str}:
        if "calcsize" not in thing and thing is not globals() and thing is not locals():
            found.append(sorted(map(str, thing))[:5])
    if type(thing) is np.ndarray and thing is not wanted and thing.shape == z.shape and (
            np.array_equal(thing, wanted)):
        found.append("an array")
frame = sys._getframe()
while frame is not None:
    found += [k for k in frame.f_locals if k in ("expected", "battery", "seed", "judge")]
    frame = frame.f_back
found += [m for m in sys.modules if m.startswith("assignments") or m.endswith(("judge", "checks"))]
raise LookupError("found nothing to copy" if not found else f"found {found}")
"""

PROC = """
import glob, os
found = []
for name in glob.glob("/proc/[0-9]*"):
    for file in ("environ", "cmdline", "maps", "mem"):
        try:
            with open(f"{name}/{file}", "rb") as opened:
                text = opened.read(200_000)
        except OSError:
            continue
        found += [word for word in (b"A_SECRET", b"checks.py", b"mistakes.py", b"seed.txt",
                                    b"SSH_AUTH_SOCK", b"submissions") if word in text]
    try:
        for fd in os.listdir(f"{name}/fd"):
            to = os.readlink(f"{name}/fd/{fd}")
            if not to.startswith(("pipe:", "/dev/null", "anon_inode", "/proc/", "socket:")):
                found.append(to)
    except OSError:
        pass
raise LookupError("found nothing in /proc" if not found else f"found {found}")
"""

PTRACE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
got = [libc.ptrace(16, pid, None, None) for pid in {1, os.getppid() or 1}]
got.append(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
got.append(libc.chroot(b"/tmp"))
got.append(libc.setuid(0) if os.getuid() else -1)
got.append(libc.reboot(0))
if any(value != -1 for value in got):
    raise LookupError(f"the walls gave way: {got}")
libc.prctl(1, 0)  # do not die with the parent
"""

# Replies by itself, with the number that was drawn for the question.
FORGER = """
import json, os, sys
def reply(make, op="run"):
    frame = sys._getframe()
    while frame is not None:
        known = frame.f_locals
        if "question" in known and "answers" in known and known["question"]["op"] == op:
            question = known["question"]
            text = json.dumps({{"nonce": question["nonce"]}} | make(len(question.get("steps", []))))
            data = text.replace("99999e99999", "9" * 4000).encode() + b"\\n"
            while data:
                data = data[os.write(known["answers"], data):]
            return
        frame = frame.f_back
def relu(z):
    reply(lambda n: {make})
    os._exit(0)
"""

FORGED = {
    "no list": '{"outcomes": 7}',
    "nothing": '{"outcomes": [{}] * n}',
    "five million lists": '{"outcomes": [{"value": {"t": "list", "v": [[]] * 5_000_000}}] * n}',
    "a name of 20 MB": '{"outcomes": [{"missing": "x" * 20_000_000}] * n}',
    "a name that is a list": '{"outcomes": [{"missing": [1, {"a": 2}]}] * n}',
    "a type of 20 MB": '{"outcomes": [{"value": {"t": "object", "type": "x" * 20_000_000}}] * n}',
    "a text of 20 MB": '{"outcomes": [{"value": {"t": "plain", "v": "x" * 20_000_000}}] * n}',
    "a line without end": '{"outcomes": [{"error": "E", "message": 5, "line": "L" * 9_000, '
                          '"cell": "<cell " + "x" * 9_000_000}] * n}',
    "a long line number": '{"outcomes": [{"error": "E", "message": "", "line": 10 ** 4_000, '
                          '"cell": "<cell <script>7>"}] * n}',
    "an error that is no text": '{"outcomes": [{"error": {"a": []}, "cell": [], "line": {}}] * n}',
    "changed: no place": '{"outcomes": [{"value": {"t": "none"}, "changed": {"x": '
                         '{"t": "none"}}}] * n}',
    "changed: a far place": '{"outcomes": [{"value": {"t": "none"}, "changed": {"99": '
                            '{"t": "none"}}}] * n}',
    "changed: a list": '{"outcomes": [{"value": {"t": "none"}, "changed": [1]}] * n}',
    "a generator": '{"outcomes": [{"value": {"t": "rng", "v": 1}}] * n}',
    "a generator of a million seeds": '{"outcomes": [{"value": {"t": "rng", '
                                      '"v": [5] * 900_000}}] * n}',
    "a name": '{"outcomes": [{"value": {"t": "name", "v": ["relu"]}}] * n}',
    "a type that is a list": '{"outcomes": [{"value": {"t": ["list"], "v": []}}] * n}',
    "a list that is a text": '{"outcomes": [{"value": {"t": "list", "v": "abc"}}] * n}',
    "objects": '{"outcomes": [{"value": {"t": "array", "dtype": "O", "shape": [1], '
               '"v": [1]}}] * n}',
    "a dtype with a shape": '{"outcomes": [{"value": {"t": "array", '
                            '"dtype": "(1000000000,)f8", "shape": [1], "v": [1]}}] * n}',
    "an array of minus one": '{"outcomes": [{"value": {"t": "array", "dtype": "float64", '
                             '"shape": [-1, 3], "data": ""}}] * n}',
    "an array of 2**70": '{"outcomes": [{"value": {"t": "array", "dtype": "float64", '
                         '"shape": [2 ** 70, 0], "data": ""}}] * n}',
    "an array without end": '{"outcomes": [{"value": {"t": "array", "dtype": "float64", '
                            '"shape": [float("inf")], "data": ""}}] * n}',
    "an array of texts": '{"outcomes": [{"value": {"t": "array", "dtype": "float64", '
                         '"shape": [4, 3], "v": ["1e3"] * 12}}] * n}',
    "very deep": '{"outcomes": json.loads("[" * 900 + "]" * 900)}',
    "NaN": '{"outcomes": [{"value": {"t": "plain", "v": float("nan")}}] * n}',
}

FORGED_PROBLEMS = """
import json, os, sys
frame = sys._getframe()
while frame is not None:
    known = frame.f_locals
    if "question" in known and "answers" in known:
        problems = [
            7, {}, {"cell": []}, {"cell": {}, "error": "SyntaxError"},
            {"error": "SyntaxError", "cell": [1], "message": None, "line": []},
            {"error": ["x"], "cell": "<cell 4>", "message": "m" * 10_000_000, "line": "l" * 99_999},
            {"error": "SyntaxError", "cell": "<cell 4>", "line": {"deep": ["x"] * 5000}}]
        os.write(known["answers"], json.dumps(
            {"nonce": known["question"]["nonce"], "problems": problems}).encode() + b"\\n")
        break
    frame = frame.f_back
"""

SUBCLASS = """
class Sly(np.ndarray):
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    def __array_finalize__(self, other): pass
    def __eq__(self, other): return np.ones((4, 3), bool)
    def tobytes(self, *a): return np.maximum(0, z).tobytes()
    def astype(self, *a, **k): return np.maximum(0, z)
    def __array__(self, *a, **k): return np.maximum(0, z)
    def ravel(self, *a): raise SystemExit
    def __del__(self): raise SystemExit
return np.full(z.shape, 7.0).view(Sly)
"""


def zoo(relu) -> list[Animal]:
    """All of them."""
    return [*_tampering(relu), *_spying(relu), *_forged(relu), *_processes(relu),
            *_answers(relu), *_notebooks(relu)]


def _tampering(relu):
    """What a worker stands on is exchanged; nothing is answered rightly by that."""
    trivial = ("def relu(z): return z\ndef forward(*a): return 0, 0\n"
               "def backward(*a): return 0, 0, 0, 0\ndef update(*a): return ()\n"
               "def batches(*a): return []\ndef train_epoch(*a): return ()\n"
               "def increase(*a): return 0\n")
    exchanged = {
        "NumPy exchanged": "class Any:\n    def __eq__(self, o): return True\n"
                           "    def __getattr__(self, n): return lambda *a, **k: Any()\n"
                           "for n in ('array', 'asarray', 'abs', 'isfinite', 'where', 'ndarray'):\n"
                           "    setattr(np, n, lambda *a, **k: Any())\n",
        "json exchanged": "import json\njson.dumps = lambda *a, **k: '{\"passed\": true}'\n"
                          "json.loads = lambda *a, **k: {}\n",
        "isinstance exchanged": "import builtins\nbuiltins.isinstance = lambda *a: True\n"
                                "builtins.issubclass = lambda *a: True\n"
                                "builtins.type = lambda *a: np.ndarray\n",
        "nncheck exchanged": "import nncheck.judge, nncheck.codec, nncheck.steps\n"
                             "nncheck.judge.judge = lambda *a: None\n"
                             "nncheck.judge.differs = lambda *a: None\n"
                             "nncheck.codec.encode = lambda *a, **k: {'t': 'plain', 'v': True}\n",
        "no modules left": "import sys\nsys.modules.clear()\n",
        "no builtins left": "import builtins\nfor n in list(vars(builtins)):\n"
                            "    if n[0] != '_':\n        delattr(builtins, n)\n",
        "an import hook": "import sys\nclass Hook:\n    def find_spec(self, *a, **k):\n"
                          "        raise SystemExit\nsys.meta_path.insert(0, Hook())\n",
        "os.write exchanged": "import os\nos.write = lambda fd, data: len(data)\n",
    }
    for name, text in exchanged.items():
        yield Animal(f"tampering: {name}", everything(relu, trivial + text), 0)


def _spying(relu):
    """Is there anything to copy from?"""
    yield Animal("spying: objects and frames", with_body(relu, WALK.strip()), FULL - 2,
                 ("found nothing to copy",))
    yield Animal("spying: /proc", with_body(relu, PROC.strip()), FULL - 2,
                 ("found nothing in /proc",))
    yield Animal("spying: ptrace, mount, chroot, setuid", with_body(
        relu, PTRACE.strip() + "\n" + PERFECT_RELU), FULL)
    yield Animal("spying: the notebook's checks", with_body(
        relu, "import nncheck\nnncheck.load('relu')\n" + PERFECT_RELU), FULL - 2,
        ("there is no assignment",))


def _forged(relu):
    """Replies of the student's own making, each with the right number."""
    for name, make in FORGED.items():
        content = notebook(relu)
        set_source(content, "relu", FORGER.format(make=make))
        yield Animal(f"forged: {name}", dump(content), FULL - 2)
    yield Animal("forged: problems", with_cell(relu, FORGED_PROBLEMS, answer=True), FULL, (
        "Cell 4: ?: mmm", "Cell 4: SyntaxError: ?"))
    broken = json.loads(with_cell(relu, FORGED_PROBLEMS, answer=True))
    set_source(broken, "relu", "x = 1")
    yield Animal("forged: problems, and a name that is missing", dump(broken), FULL - 2,
                 ("`relu` is not defined",))


def _processes(relu):
    """What is left running, and what rings."""
    yield Animal("threads left running", with_cell(
        relu, "import threading\ndef work():\n    while True: pass\nfor _ in range(3):\n"
        "    threading.Thread(target=work, daemon=True).start()", answer=True), None)  # own time
    yield Animal("tracing left on", with_cell(
        relu, "import sys, gc\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\n"
        "gc.disable()\nsys.setswitchinterval(100)", answer=True), FULL)
    yield Animal("an alarm that rings and rings", with_cell(
        relu, "import signal\ndef ring(*a): raise KeyError('ring')\n"
        "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, .01, .01)",
        answer=True), None)
    yield Animal("an alarm that nobody hears", with_cell(
        relu, "import signal\nsignal.alarm(1)", answer=True), None)
    yield Animal("output sent elsewhere", with_body(
        relu, "import sys\nsys.stdout = open('/tmp/log', 'w')\nprint('hello')\n"
        "sys.stderr.close()\n" + PERFECT_RELU), FULL)
    yield Animal("a child that answers, too", with_body(
        relu, "import os\nos.fork()\n" + PERFECT_RELU), None)
    yield Animal("an end in __del__", with_body(
        relu, "import os\nclass D:\n    def __del__(self): os._exit(0)\nreturn D()"), FULL - 2,
        ("ended the whole process",))
    yield Animal("no recursion limit", with_body(
        relu, "import sys\nsys.setrecursionlimit(10 ** 9)\nreturn relu(z)"), FULL - 2)
    yield Animal("a fault in C", with_body(
        relu, "import ctypes\nreturn ctypes.string_at(0)"), FULL - 2, ("ended the whole process",))
    yield Animal("right only where it is graded", with_body(
        relu, "import os\nreturn np.maximum(0, z) if os.environ.get('NNCHECK_WORKER') else None"),
        FULL)
    yield Animal("a seed that was overwritten", with_cell(
        relu, "np.random.seed = 42", answer=True), FULL)


def _answers(relu):
    """Arrays and functions of rare kinds; numbers that are right are right."""
    right = {
        "a memmap": "m = np.memmap('/tmp/m', float, 'w+', shape=z.shape)\n"
                    "m[:] = np.maximum(0, z)\nreturn m",
        "np.matrix": "return np.asmatrix(np.maximum(0, z)) if z.ndim == 2 else np.maximum(0, z)",
        "a masked array": "return np.ma.array(np.maximum(0, z))",
        "big-endian": "return np.maximum(0, z).astype('>f8')",
        "longdouble": "return np.maximum(0, z).astype(np.longdouble)",
        "Fortran's order, backwards": "return np.asfortranarray(np.maximum(0, z)[::-1])[::-1]",
    }
    for name, body in right.items():
        yield Animal(f"right: {name}", with_body(relu, body), FULL)
    for name, text in {
            "a lambda": "relu = lambda z: np.maximum(0, z)",
            "np.vectorize": "relu = np.vectorize(lambda z: max(0.0, z))",
            "an object that can be called":
                "class R:\n    def __call__(self, z): return np.maximum(0, z)\nrelu = R()",
            "every name of NumPy": "from numpy import *\ndef relu(z): return maximum(0, z)",
            "Windows line ends": "def relu(z):\r\n    return np.maximum(0, z)\r\n",
            "Greek and emoji": "def relu(ζ):\n    '''😀 ReLU 🎉'''\n    return np.maximum(0, ζ)",
    }.items():
        content = notebook(relu)
        set_source(content, "relu", text)
        yield Animal(f"right: {name}", dump(content), FULL)
    wrong = {
        "a subclass that lies": (SUBCLASS.strip(), "values are wrong"),
        "80 GB": ("return np.zeros((10 ** 5, 10 ** 5))", "MemoryError"),
        "a trillion zeros that take no room": (
            "return np.broadcast_to(0.0, (10 ** 6, 10 ** 6))", "too large to send"),
        "memory of others": ("return np.lib.stride_tricks.as_strided(z, (1 << 40,))", "too large"),
        "memory that is not there": (
            "return np.lib.stride_tricks.as_strided(z, (4, 3), (1 << 40, 8))",
            "ended the whole process"),
        "all masked": ("return np.ma.masked_all(z.shape)", "masked values"),
        "dates": ("return np.zeros(z.shape, 'M8[s]')", "an array of datetime64"),
        "a record": ("return np.rec.array(np.zeros(12, 'f8,f8'))", "an array of"),
        "texts": ("return np.maximum(0, z).astype(str)", "an array of <U"),
        "no axes": ("return np.array(0.0)", "has shape ()"),
        "thirty axes more": ("return z.reshape((1,) * 30 + z.shape)", "has shape (1, 1"),
        "an array in an array": ("a = np.empty((), object)\na[()] = a\nreturn a", "object"),
        "a cache of arrays": ("import functools\n@functools.lru_cache\ndef f(z): return z\n"
                              "return f(z)", "unhashable"),
        "a pickle that runs": (
            "import io, pickle, sys\nclass P:\n    def __reduce__(self): return (sys.exit, ())\n"
            "b = io.BytesIO()\nnp.save(b, np.array([P()], object), allow_pickle=True)\n"
            "b.seek(0)\nreturn np.load(b, allow_pickle=True)", "SystemExit"),
    }
    for name, (body, says) in wrong.items():
        yield Animal(f"wrong: {name}", with_body(relu, body), FULL - 2, (says,) if says else ())
    content = notebook(relu)
    set_source(content, "relu", "async def relu(z): return np.maximum(0, z)")
    yield Animal("wrong: async", dump(content), FULL - 2, ("coroutine",))
    content = notebook(relu)
    content["cells"].append(code_cell("relu = 0.5"))
    yield Animal("wrong: the name used again", dump(content), FULL - 2,
                 ("is of type float here, not a function",))
    content = notebook(relu)
    set_source(content, "relu", "def relu(z):\n    return np.maximum(0, z“)”")
    yield Animal("wrong: typographic quotes", dump(content), FULL - 2, ("invalid character",))


def _notebooks(relu):
    """Notebooks that another program, or nobody, could have written."""
    content = notebook(relu)
    for cell in content["cells"]:
        cell["id"] = "same"
    yield Animal("notebook: one id for all cells", dump(content), FULL)
    content = notebook(relu)
    content["cells"] += [code_cell(f"a{i} = {i}") for i in range(10_000)]
    yield Animal("notebook: 10,000 cells", dump(content), None)
    content = notebook(relu)
    content["cells"][3:3] = [code_cell("x = 1", nbgrader={"solution": True}) for _ in range(3_000)]
    yield Animal("notebook: 3,000 answers", dump(content), FULL)
    content = notebook(relu)
    content["cells"] += [{"cell_type": "code", "source": {"a": "def relu(z): return 7"}},
                         {"cell_type": "code", "source": [["def relu(z): return 7"], None, 3]},
                         {"cell_type": ["code"], "source": "def relu(z): return 7"},
                         {"cell_type": "code", "metadata": {"nbgrader": "x"}, "source": 1e308}]
    yield Animal("notebook: sources of every type", dump(content), FULL)
    for deep in (300, 900, 980, 20_000):
        text = dump(relu.notebook).decode()
        nested = "[" * deep + "]" * deep
        yield Animal(f"notebook: an id {deep} deep", text.replace(
            '"grade_id": "relu"', f'"grade_id": {nested}', 1).encode(), None)
    content = notebook(relu)
    content["cells"].append({"cell_type": "markdown", "source": "x", "metadata": {}})
    text = dump(content).decode().replace('"source": "x"', f'"source": [{"[]," * 6_000_000}[]]')
    yield Animal("notebook: six million lists", text.encode(), 0, ("parts",))
    text = dump(relu.notebook).decode()
    yield Animal("notebook: NaN and keys twice", text.replace(
        '"nbformat": 4', '"nbformat": NaN, "cells": [], "nbformat": Infinity').encode(), None)
    for mark in (" ", "(", ",", "lost,"):
        content = notebook(relu)
        set_source(content, "relu", "def relu(z):\n    return np.maximum(lost, z)")
        content["cells"].append(code_cell(f"if True:\n    x = '''\n{mark * 99_000}\n'''"))
        yield Animal(f"notebook: a long line of {mark!r}", dump(content), FULL - 2)
    content = notebook(relu)
    odd = "\x00\x1b[31mred\x1b]8;;http://x\x07 \ud800 \u202eevil <script>alert(1)</script> **b** 😀"
    for cell in content["cells"]:
        if str(cells.metadata(cell).get("grade_id")).startswith(("predict", "result")):
            cell["source"] = odd
    yield Animal("notebook: odd characters in written answers", dump(content), FULL)
    yield Animal("notebook: odd characters in an exception", with_body(
        relu, "raise ValueError('\\x1b[31mred \\u202e \\ud800 \\x00 <b>')"), FULL - 2,
        ("raised ValueError: \\x1b[31mred \\u202e \\ud800 \\x00 <b> (line 2",))
    content = notebook(relu)
    for cell in content["cells"]:
        if cells.metadata(cell).get("grade_id") == "relu":
            cell["cell_type"] = "markdown"
    yield Animal("notebook: code in a cell of text", dump(content), FULL - 2)
    content = notebook(relu)
    stub = copy.deepcopy(next(c for c in released(relu)["cells"]
                              if cells.metadata(c).get("grade_id") == "relu"))
    content["cells"].insert(0, stub)
    yield Animal("notebook: a stub left above the answer", dump(content), FULL)
