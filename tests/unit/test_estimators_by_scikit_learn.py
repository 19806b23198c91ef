"""scikit-learn's own tests of its MLPClassifier and MLPRegressor, run on ours.

Their source is executed here with one line changed: where the classes come from.
"""

from __future__ import annotations

import inspect

import pytest

theirs = pytest.importorskip("sklearn.neural_network.tests.test_mlp")
IMPORT = "from {} import MLPClassifier, MLPRegressor\n"


@pytest.fixture
def global_random_seed():
    return 42


source = inspect.getsource(theirs)
ours = source.replace(IMPORT.format("sklearn.neural_network"), IMPORT.format("nnlib.estimators"))
assert ours != source
exec(compile(ours, theirs.__file__, "exec"))
