"""Build the book once, serve it, and open a browser, for all tests of the site."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.notebooks import REPOSITORY


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


class SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def serve():
    """Return a function that serves a folder and returns its address."""
    servers = []

    def start(folder):
        handler = partial(SilentHandler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def inspector(request):
    """A browser that may speak to this machine only."""
    from tests.site.inspector import Inspector, find_browser

    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium or Chrome on this machine (apt install chromium)")
    inspector = Inspector(request.getfixturevalue("playwright"), executable)
    yield inspector
    inspector.close()
