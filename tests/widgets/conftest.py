"""What the tests of the interactives need: Node, a browser, a small page, a JupyterLab."""

import json
import shutil
import subprocess

import pytest

from nnlib.widgets.base import STATIC


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    """Run a JavaScript text beside the front-end's files: script, input -> its JSON."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node on this machine: the front-end's unit tests are skipped")
    folder = tmp_path_factory.mktemp("node")
    for path in STATIC.glob("*.js"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}')

    def run(script: str, given=None):
        (folder / "given.json").write_text(json.dumps(given))
        read = 'import { readFileSync } from "node:fs";\n'
        read += 'const given = JSON.parse(readFileSync("given.json", "utf8"));\n'
        (folder / "check.js").write_text(read + script)
        done = subprocess.run(
            [program, "check.js"], cwd=folder, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
