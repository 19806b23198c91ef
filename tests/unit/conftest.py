"""What the unit tests share: one hypothesis profile, small data, a walk over all numbers."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "course",
    derandomize=True,  # the same examples on every machine: a failure can be seen again
    deadline=None,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def digits_like(rng):
    """Forty rows of six inputs in three classes."""
    return rng.normal(size=(40, 6)), rng.integers(0, 3, 40)


def arrays_of(value, path="run", seen=None):
    """Yield (path, array) of every array that can be reached from an object."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, (np.ndarray, np.generic)):
        yield path, np.asarray(value)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from arrays_of(entry, f"{path}[{key!r}]", seen)
    elif isinstance(value, (list, tuple, set)):
        for place, entry in enumerate(value):
            yield from arrays_of(entry, f"{path}[{place}]", seen)
    elif type(value).__module__.startswith("nnlib"):
        for name in getattr(value, "__dict__", {}):
            yield from arrays_of(vars(value)[name], f"{path}.{name}", seen)
