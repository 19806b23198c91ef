"""Hostile and clumsy submissions: what is handed in, what it is worth, and what is said.

Each is a list of changes of the perfect solution.  ``points`` None: anything up to full.
"""

import copy
import json
from dataclasses import dataclass, field

from nncheck import cells

FULL = 20
PERFECT_RELU = "return np.maximum(0, z)"


@dataclass
class Animal:
    """One submission."""

    name: str
    data: bytes
    points: float | None
    says: tuple[str, ...] = ()
    mistakes: set[str] = field(default_factory=set)


def notebook(relu) -> dict:
    """The solution, to be changed."""
    return copy.deepcopy(relu.notebook)


def dump(content) -> bytes:
    return json.dumps(content).encode()


def set_source(content, grade_id, text):
    """Replace the text of one cell."""
    for cell in content["cells"]:
        if cells.metadata(cell).get("grade_id") == grade_id:
            cell["source"] = text
            return
    raise KeyError(grade_id)


def code_cell(text, **metadata):
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": [],
            "execution_count": None}


def with_body(relu, body, grade_id="relu", head="def relu(z):"):
    """The solution with another `relu`."""
    content = notebook(relu)
    lines = "\n".join("    " + line for line in body.split("\n"))
    set_source(content, grade_id, f"{head}\n{lines}\n")
    return dump(content)


def with_cell(relu, text, place=3, answer=False):
    """The solution with one more cell."""
    content = notebook(relu)
    marks = {"nbgrader": {"solution": True, "grade_id": "more"}} if answer else {}
    content["cells"].insert(place, code_cell(text, **marks))
    return dump(content)


def released(relu):
    from assignments._engine import release

    return release.student_notebook(relu)


def everything(relu, text):
    """An untouched release with one more answer cell at its end, and at its beginning."""
    content = released(relu)
    marks = {"nbgrader": {"solution": True, "grade_id": "mine"}}
    content["cells"].insert(0, code_cell(text, **marks))
    content["cells"].append(code_cell(text, **marks))
    return dump(content)


FORGE = """
import json, os, sys, threading
def forge():
    for fd in range(3, 64):
        try:
            os.write(fd, b'{"nonce": "0", "outcomes": [{"value": {"t": "none"}}]}\\n' * 3)
        except OSError:
            pass
forge()
threading.Thread(target=forge, daemon=True).start()
"""

TAKE_OVER = """
import sys
worker = sys.modules["nncheck.worker"]
steps = sys.modules["nncheck.steps"]
steps.execute = lambda s, n: [{"value": {"t": "plain", "v": True}, "passed": True} for _ in s]
judge = sys.modules.get("nncheck.judge")
if judge is not None:
    judge.judge = lambda *a: None
for frame in sys._current_frames().values():
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, dict) and "nonce" in value:
                value["points"] = 20
        frame = frame.f_back
"""

READ_ALL = """
import os, sys
for folder, below, files in os.walk("/"):
    if folder in ("/proc", "/usr", "/library", "/sys", sys.base_prefix):
        below.clear()
        continue
    for file in files:
        if file in ("checks.py", "mistakes.py", "seed.txt", "shadow") or file.endswith(
                (".ipynb", ".csv")):
            open(os.path.join(folder, file)).read()
            return np.maximum(0, z)
raise LookupError("found nothing to read")
"""

HOSTILE = """
class Hostile:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array__(self, *a, **k): raise SystemExit
    def __len__(self): return -1
    def __iter__(self): return iter(int, 1)
    def __reduce__(self): return (print, ("pickled",))
    def __class_getitem__(cls, item): raise KeyboardInterrupt
    @property
    def __class__(self): return np.ndarray
    shape = (4, 3)
    dtype = np.dtype(float)
    def __getattr__(self, name): raise MemoryError
"""


def zoo(relu) -> list[Animal]:
    """All animals that are one file."""
    return [*_table(relu), *_cells(relu), *_processes(relu), *_answers(relu), *_files(relu)]


def _table(relu):
    """The submissions that other graders were tried on."""
    yield Animal("perfect", dump(relu.notebook), FULL)
    yield Animal("untouched", dump(released(relu)), 0, ("not attempted yet",))
    content = notebook(relu)
    set_source(content, "relu", "def relu(z):\n    return np.abs(z)")
    set_source(content, "update", "def update(parameters, gradients, learning_rate):\n"
               "    return tuple(p - g for p, g in zip(parameters, gradients))")
    set_source(content, "increase", "def increase(y, before, after):\n"
               "    return (after == y).mean() - (before == y).mean()")
    yield Animal("three misconceptions", dump(content), FULL - 2 - 2 - 3 - 2, (),
                 {"relu-abs", "update-no-rate", "increase-share"})
    yield Animal("endless loop in a scratch cell", with_cell(relu, "while True:\n    pass"), FULL)
    yield Animal("endless loop in a function", with_body(relu, "while True: pass"), FULL - 2,
                 ("did not finish",))
    yield Animal("sys.exit in a scratch cell", with_cell(relu, "import sys\nsys.exit(0)"), FULL)
    yield Animal("os._exit in a scratch cell", with_cell(relu, "import os\nos._exit(0)"), FULL)
    yield Animal("os._exit in a function", with_body(relu, "import os\nos._exit(0)"), FULL - 2,
                 ("ended the whole process",))
    content = released(relu)
    for cell in content["cells"]:
        marks = cells.metadata(cell)
        if marks.get("grade") and cell["cell_type"] == "code":
            cell["source"], marks["points"] = "pass", 50
    yield Animal("public checks edited, points raised", dump(content), 0)
    content = notebook(relu)
    content["cells"] = [c for c in content["cells"]
                        if cells.metadata(c).get("grade_id") != "relu"]
    yield Animal("answer cell deleted", dump(content), FULL - 2,
                 ("`relu` is not defined. Was its cell deleted",))
    content = notebook(relu)
    content["cells"] = [c for c in content["cells"] if not str(
        cells.metadata(c).get("grade_id")).startswith("check-")]
    yield Animal("check cells deleted", dump(content), FULL)
    content = notebook(relu)
    set_source(content, "relu", "def relu(z)\n    return np.maximum(0, z)")
    yield Animal("syntax error", dump(content), FULL - 2,
                 ("SyntaxError on line 1: expected ':'",))
    yield Animal("memory bomb in a scratch cell", with_cell(
        relu, "x = [0]\nwhile True:\n    x = x + x"), FULL)
    yield Animal("memory bomb in a function", with_body(
        relu, "x = [0]\nwhile True:\n    x = x + x"), FULL - 2)
    yield Animal("too much memory at once", with_body(
        relu, "return bytearray(3_000_000_000)"), FULL - 2, ("MemoryError",))
    yield Animal("a warning on stderr", with_body(
        relu, "import sys\nnp.exp(np.array([1e4]))\nprint('warning', file=sys.stderr)\n"
        + PERFECT_RELU), FULL)
    yield Animal("writes files, opens sockets", with_body(
        relu, "import socket\nopen('/usr/zoo', 'w')\nreturn np.maximum(0, z)"), FULL - 2,
        ("OSError",))
    yield Animal("a socket", with_body(
        relu, "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)\n" + PERFECT_RELU),
        FULL - 2, ("unreachable",))
    patch = ("import numpy.testing\nnp.allclose = lambda *a, **k: True\n"
             "np.testing.assert_allclose = lambda *a, **k: None\n"
             "def relu(z): return z\ndef forward(*a): return 0, 0\n"
             "def backward(*a): return 0, 0, 0, 0\ndef update(*a): return ()\n"
             "def batches(*a): return []\ndef train_epoch(*a): return ()\n"
             "def increase(*a): return 0\n")
    yield Animal("trivial answers, NumPy patched", everything(relu, patch), 0)
    yield Animal("hooks into IPython", everything(
        relu, "get_ipython().events.register('post_run_cell', print)\n"
        "import builtins\nbuiltins.AssertionError = ()\n"), 0)
    yield Animal("forged replies", everything(relu, FORGE), 0)
    yield Animal("takes over the worker", everything(relu, TAKE_OVER), 0)
    content = notebook(relu)
    content["cells"].append(copy.deepcopy(next(
        c for c in content["cells"] if cells.metadata(c).get("grade_id") == "relu")))
    yield Animal("answer cell doubled", dump(content), FULL)
    content = notebook(relu)
    for cell in content["cells"]:
        cell["metadata"] = {}
    content["metadata"] = {}
    yield Animal("all metadata lost", dump(content), FULL)
    content = notebook(relu)
    content["metadata"]["kernelspec"] = {"name": "conda-env-ml-py", "language": "python"}
    yield Animal("a kernel of one's own", dump(content), FULL)


def _cells(relu):
    """Clumsy notebooks."""
    content = notebook(relu)
    stub = next(c for c in released(relu)["cells"]
                if cells.metadata(c).get("grade_id") == "relu")
    content["cells"].append(stub)
    yield Animal("a stub left below the answer", dump(content), FULL)
    content = notebook(relu)
    content["cells"] += [code_cell(""), code_cell("   \n\n"), {}, None, 7, {"cell_type": "code"},
                         {"cell_type": "code", "source": 5, "metadata": []}]
    yield Animal("empty and broken cells", dump(content), FULL)
    content = notebook(relu)
    content["cells"] = list(reversed(content["cells"]))
    yield Animal("cells in reverse order", dump(content), FULL)
    content = notebook(relu)
    set_source(content, "relu", "def my_relu(z):\n    return np.maximum(0, z)")
    yield Animal("function renamed", dump(content), FULL - 2, ("not defined",))
    content = notebook(relu)
    content["metadata"]["kernelspec"] = {"name": "ir", "language": "R"}
    content["cells"] = [code_cell("relu <- function(z) pmax(z, 0)")]
    yield Animal("written in R", dump(content), 0, ("kernel is for R",))
    yield Animal("magics and shell lines", with_cell(
        relu, "%matplotlib inline\n!pip install torch\nx = !ls\nrelu?\nHELPER = 1",
        answer=True), FULL)
    content = notebook(relu)
    set_source(content, "relu", "%%time\n!echo hello\ndef relu(z):\n    %timeit 1\n"
               "    return np.maximum(0, z)")
    yield Animal("magics within an answer", dump(content), FULL)
    yield Animal("a cell in another language", with_cell(relu, "%%bash\nrm -rf /"), FULL)
    yield Animal("input()", with_cell(relu, "n = int(input('how many? '))", answer=True), FULL,
                 ("input() has nobody to ask",))
    yield Animal("input() in a function", with_body(relu, "input()\n" + PERFECT_RELU), FULL - 2,
                 ("input() has nobody to ask",))
    yield Animal("an import that is not installed", with_cell(
        relu, "import not_installed_anywhere\nimport torch, tensorflow\nfrom nnlib import Network",
        answer=True), FULL, ("not_installed_anywhere is not there",))
    yield Animal("uses nnlib", with_body(
        relu, "from nnlib import activations\nreturn activations.relu(z)"), FULL - 2,
        ("use NumPy alone",))
    content = notebook(relu)
    set_source(content, "relu", "def relu(z):\n    return np.maximum(ZERO, z)")
    content["cells"].insert(2, code_cell("ZERO = np.zeros(1)[0]"))
    yield Animal("needs a variable of a scratch cell", dump(content), FULL - 2,
                 ("`ZERO` is made in cell 3, which is not run",))
    yield Animal("sys.exit at the end of an answer", with_cell(
        relu, "def helper(): pass\nimport sys\nsys.exit()", answer=True), FULL)
    yield Animal("endless loop in an answer cell", with_cell(
        relu, "def helper(): pass\nwhile True: pass", answer=True), FULL,
        ("did not finish",))
    yield Animal("recursion in an answer cell", with_cell(
        relu, "def f(n): return f(n + 1)\nf(0)", answer=True), FULL, ("RecursionError",))
    yield Animal("deep expressions", with_cell(
        relu, "x = " + "(" * 5000 + ")" * 5000 + "\n", answer=True), FULL)
    yield Animal("a long sum", with_cell(relu, "x = 1" + "+1" * 30_000, answer=True), FULL)
    yield Animal("null bytes and surrogates", with_cell(relu, "x = '\x00 \ud800'", answer=True),
                 FULL)


def _processes(relu):
    """Attacks on processes, files and the line to the grader."""
    yield Animal("reads the grader's files", with_body(
        relu, READ_ALL.strip()), FULL - 2, ("found nothing to read",))
    yield Animal("forks that leave the session", with_cell(
        relu, "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        time.sleep(600)\n        os._exit(0)", answer=True), FULL)
    yield Animal("a fork bomb", with_cell(
        relu, "import os\nwhile True:\n    os.fork()", answer=True), None)
    yield Animal("closes every file", with_cell(
        relu, "import os\nos.closerange(0, 64)", answer=True), None)
    yield Animal("stops itself", with_body(
        relu, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"), FULL - 2)
    yield Animal("kills its parents", with_body(
        relu, "import os\nos.kill(os.getppid() or 1, 9)\nos.kill(-1, 9)\n" + PERFECT_RELU),
        None)
    yield Animal("output of a gigabyte", with_body(
        relu, "line = 'x' * 10_000_000\nfor _ in range(10):\n    print(line)\n" + PERFECT_RELU),
        FULL)
    yield Animal("floods the reply line", with_body(
        relu, "import os\nfor fd in range(3, 64):\n    try:\n        while True:\n"
        "            os.write(fd, b'{}\\n' * 20000)\n    except OSError:\n        pass"),
        FULL - 2)
    yield Animal("fills the disk", with_body(
        relu, "with open('/tmp/big', 'wb') as f:\n    while True:\n"
        "        f.write(bytes(1 << 20))"), FULL - 2)
    yield Animal("eats standard input", with_body(
        relu, "import sys\nsys.stdin.read()\n" + PERFECT_RELU), FULL)
    yield Animal("signals and exit handlers", with_cell(
        relu, "import atexit, signal, threading\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "atexit.register(lambda: [None for _ in iter(int, 1)])", answer=True), FULL)


def _answers(relu):
    """Answers of every wrong kind."""
    wrong = {
        "nothing": ("np.maximum(0, z)", "returned None: is a `return` missing?"),
        "a list": ("return np.maximum(0, z).tolist()", "is a list. Put `np.array(...)`"),
        "a text": ("return 'relu'", "is a str"),
        "a number": ("return 3.0", "one number"),
        "transposed": ("return np.maximum(0, z).T", "It lies on its side"),
        "too short": ("return np.maximum(0, z)[:-1]", "has shape (3, 3); expected is (4, 3)"),
        "not a number": ("return z * np.nan", "contains nan"),
        "infinite": ("return np.where(z > 0, np.inf, 0)", "contains infinite values"),
        "complex": ("return np.maximum(0, z) + 0j", "is complex"),
        "objects": ("return np.maximum(0, z).astype(object)", "array of object"),
        "a generator": ("return (v for v in z)", "of type generator"),
        "a class": ("return dict", "of type type"),
        "very deep": ("x = []\nfor _ in range(10_000): x = [x]\nreturn x", "is a list"),
        "itself": ("x = []\nx.append(x)\nreturn x", "is a list"),
        "a huge int": ("return 10 ** 5000", "of type a huge int"),
        "a huge array": ("return np.zeros(10 ** 8, dtype=np.int8)", "too large to send"),
        "an endless iterator": ("import itertools\nreturn itertools.count()", "of type count"),
        "structured": ("return np.zeros(12, dtype='f8,f8')", "array of"),
        "an exception object": ("return ValueError('x')", "of type ValueError"),
        "an exception without text": (
            "class E(BaseException):\n    def __str__(self): raise E\nraise E", "raised E"),
        "recursion": ("return relu(z)", "RecursionError"),
        "NotImplemented": ("return NotImplemented", "of type NotImplementedType"),
    }
    for name, (body, says) in wrong.items():
        yield Animal(f"answer: {name}", with_body(relu, body), FULL - 2, (says,))
    yield Animal("answer: hostile object", with_body(
        relu, HOSTILE.strip() + "\nreturn Hostile()"), FULL - 2, ("of type Hostile",))
    content = notebook(relu)
    set_source(content, "increase", "def increase(y, before, after):\n"
               "    return np.array((after == y).sum() - (before == y).sum())")
    yield Animal("answer: a number as an array of no axes", dump(content), FULL)
    content = notebook(relu)
    set_source(content, "increase", "def increase(y, before, after):\n"
               "    return np.array([(after == y).sum() - (before == y).sum()])")
    yield Animal("answer: a number as an array of one", dump(content), FULL - 2,
                 ("has shape (1,); expected is ()",))
    yield Animal("answer: its own input", with_body(relu, "return z"), FULL - 2,
                 ("values are wrong",))
    yield Animal("answers learnt by heart", with_body(
        relu, "return {(4, 3): np.zeros((4, 3))}.get(z.shape, z)"), FULL - 2)
    yield Animal("other answers the second time", with_body(
        relu, "relu.n = getattr(relu, 'n', 0) + 1\nreturn np.maximum(0, z) * (relu.n < 2)"),
        FULL - 1)


def _files(relu):
    """Files that are no notebook, or hardly."""
    perfect = dump(relu.notebook)
    yield Animal("empty file", b"", 0, ("The file is empty",))
    yield Animal("not JSON", b"def relu(z): ...", 0, ("not valid JSON",))
    yield Animal("half a notebook", perfect[: len(perfect) // 2], 0, ("not valid JSON",))
    yield Animal("JSON, no notebook", b'{"hello": [1, 2]}', 0, ("not a notebook",))
    yield Animal("JSON, a list", b"[1, 2, 3]", 0, ("not a notebook",))
    yield Animal("an old format", b'{"worksheets": []}', 0, ("old format",))
    yield Animal("deep JSON", b"[" * 200_000, 0, ("not valid JSON",))
    yield Animal("a number with a million digits", b'{"cells": ' + b"9" * 1_000_000 + b"}", 0,
                 ("not valid JSON",))
    yield Animal("binary", bytes(range(256)) * 50, 0, ("not valid JSON",))
    yield Animal("byte-order mark", b"\xef\xbb\xbf" + perfect, FULL, ("byte-order mark",))
    yield Animal("UTF-16", perfect.decode().encode("utf-16"), FULL)
    text = json.dumps(relu.notebook, ensure_ascii=False).replace("Assignment", "Übung")
    yield Animal("not UTF-8", text.encode("cp1252", errors="replace"), FULL, ("not UTF-8",))
    yield Animal("no cells", dump(relu.notebook | {"cells": []}), 0, ("not defined",))
    yield Animal("cells is a text", dump(relu.notebook | {"cells": "x"}), 0, ("not a notebook",))
    yield Animal("strange metadata", dump(relu.notebook | {"metadata": [1]}), FULL)
    content = notebook(relu)
    for cell in content["cells"]:
        if cells.metadata(cell):
            cell["metadata"]["nbgrader"]["grade_id"] = ["relu"]
    yield Animal("strange grade ids", dump(content), FULL)
