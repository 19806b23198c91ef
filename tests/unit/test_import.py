"""`import nnlib` needs NumPy alone, and the rest is opened when it is asked for."""

import ast
import doctest
import graphlib
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib


def run(program):
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True,
                          text=True, timeout=60, cwd=Path(nnlib.__file__).parents[1])  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_brings_nothing_beside_numpy_and_the_standard_library():
    loaded = json.loads(run(
        "import sys, json, numpy.random; before = set(sys.modules); import nnlib;"
        "print(json.dumps(sorted({m.partition('.')[0] for m in set(sys.modules) - before})))"
    ))  # fmt: skip
    foreign = set(loaded) - {"nnlib", "numpy"} - set(sys.stdlib_module_names)
    assert foreign == set()


def test_the_core_trains_where_only_numpy_is_installed():
    program = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {"nnlib", "numpy", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"no {name}", name=name)
sys.meta_path.insert(0, Nothing())
import nnlib
from nnlib import Dense, Network, fit
X, y = nnlib.datasets.load_gate("xor")
net = Network(2, [Dense(3, "tanh"), Dense(2)], seed=1)
print(fit(net, X, y, epochs=5).epochs, nnlib.check_gradients(net, X, y).largest < 1e-6)
"""
    assert run(program).split() == ["5", "True"]


def test_every_name_at_the_front_door_is_there():
    for name in nnlib.__all__:
        assert getattr(nnlib, name) is not None
    for name in ("estimators", "MLPClassifier", "MLPRegressor", "sweep"):
        assert getattr(nnlib, name) is not None
    with pytest.raises(AttributeError, match="nnlib has no 'Sigmoid'"):
        _ = nnlib.Sigmoid


def test_the_library_knows_nothing_of_the_course():
    """`nncourse` imports `nnlib`, never the reverse, not even lazily or by name."""
    for path in Path(nnlib.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names = [node.value]  # as importlib.import_module takes it
            assert not [n for n in names if re.match(r"nncourse(\.|$)", n)], f"{path}: {names}"


def imports_of(path):
    """The modules of nnlib that a file imports, anywhere in it; not those for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "nnlib":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nnlib."):
            yield node.module.split(".")[1]


def test_no_module_imports_itself_in_a_circle_not_even_late():
    folder = Path(nnlib.__file__).parent
    graph = {
        path.stem: {name for name in imports_of(path) if (folder / f"{name}.py").exists()}
        for path in folder.glob("*.py")
        if path.stem != "__init__"
    }
    assert "network" in graph["training"] and "training" in graph["storage"]
    order = graphlib.TopologicalSorter(graph).static_order()
    assert len(list(order)) == len(graph)


@pytest.mark.parametrize("path", sorted(Path(nnlib.__file__).parent.glob("*.py")),
                         ids=lambda path: path.stem)  # fmt: skip
def test_the_examples_in_docstrings_run(path):
    if path.stem == "estimators":
        pytest.skip("its examples are scikit-learn's own")
    name = "nnlib" if path.stem == "__init__" else f"nnlib.{path.stem}"
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder().find(module, globs={}):  # as pasted by a reader
        failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
        assert failed == 0, f"{test.name}: see the captured output"


def test_importing_takes_no_memory_aside():
    program = """
import tracemalloc, numpy.random
tracemalloc.start()
import nnlib
print(tracemalloc.get_traced_memory()[1])
"""
    assert int(run(program)) < 16e6


def test_the_lines_that_are_promised_are_those_there_are():
    promised = dict(re.findall(r"``(\w+)``\s+\(?(\d+)", nnlib.__doc__))
    assert len(promised) == 13
    for name, lines in promised.items():
        path = Path(nnlib.__file__).with_name(f"{name}.py")
        found = len(path.read_text(encoding="utf-8").splitlines())
        assert abs(found - int(lines)) <= 0.05 * found, f"{name} has {found} lines: say so"
