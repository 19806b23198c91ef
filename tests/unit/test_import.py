"""`import nnlib` needs NumPy alone, and the rest is opened when it is asked for."""

import ast
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
