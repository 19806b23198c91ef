"""What the assignments' tests share: a sandbox, the first assignment, its questions."""

import pytest

from assignments._engine import battery, sandbox, source


@pytest.fixture(scope="session")
def walls():
    """The best sandbox there is."""
    try:
        return sandbox.choose()
    except sandbox.NoSandbox as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def relu():
    """Assignment 2."""
    return source.load_assignment("relu")


@pytest.fixture(scope="session")
def questions(relu):
    """Its questions for one secret seed."""
    return battery.make(relu, "a secret of the tests")
