"""Build the book once, serve it, and open a browser, for all tests of the site."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from tools.notebooks import REPOSITORY
from tools.serve import SilentHandler, served


def build(folder, repository=REPOSITORY):
    """Run what `make book` runs, with the output in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tools.build", str(folder)],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built book."""
    folder = tmp_path_factory.mktemp("site in a folder with spaces")
    outcome = build(folder)
    if outcome.returncode:
        pytest.fail(
            f"the book does not build:\n{outcome.stdout}\n{outcome.stderr}", False
        )
    return folder / "_build" / "html"


@pytest.fixture(scope="session")
def serve():
    """Return a function that serves a folder and returns its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder, SilentHandler))


@pytest.fixture(scope="session")
def pages(site):
    """The address of the site on a server like GitHub's."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def inspector(request):
    """A browser that may speak to this machine only."""
    from tests.site.inspector import Inspector
    from tools.chromium import find_browser

    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium or Chrome on this machine (apt install chromium)")
    inspector = Inspector(request.getfixturevalue("playwright"), executable)
    yield inspector
    inspector.close()
