"""What the tests of the interactives need: Node, a browser, a small page, a JupyterLab."""

import json
import shutil
import subprocess
from contextlib import ExitStack

import pytest

from nncourse.widgets.base import BUNDLED, STATIC, bundle
from tools.serve import SilentHandler, served


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


@pytest.fixture(scope="session")
def browser(request):
    """Chromium, or whatever of its kind there is."""
    from tools.chromium import FLAGS, find_browser

    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium or Chrome on this machine (apt install chromium)")
    playwright = request.getfixturevalue("playwright")
    browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
    yield browser
    browser.close()


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="host.css">
<script defer src="host.js"></script></head>
<body style="background:#fff;margin:12px;font-family:sans-serif">
<main>{figures}</main></body></html>
"""


@pytest.fixture(scope="session")
def site_of(tmp_path_factory):
    """Write a small static page with the given figures; return the folder."""

    def write(*figures):
        folder = tmp_path_factory.mktemp("static page")
        for path in BUNDLED.iterdir():
            shutil.copy(path, folder)
        (folder / "host.js").write_text(bundle("kit.js") + bundle("host.js"))
        shown = "\n".join(figure._repr_html_() for figure in figures)
        (folder / "index.html").write_text(PAGE.replace("{figures}", shown))
        return folder

    return write


@pytest.fixture(scope="session")
def serve():
    """Serve a folder from this machine; return the address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder, SilentHandler)) + "/index.html"


@pytest.fixture
def open_page(browser):
    """Open a page; the test fails if the page complains in its console."""
    pages, complaints = [], []

    def open_at(address, **options):
        pages.append(new_page(browser, address, options, complaints))
        return pages[-1]

    yield open_at
    for page in pages:
        page.context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def kept_pages():
    """Pages that stay open for the tests of a module, and what they complained of."""
    kept = {}
    yield kept
    for page, _ in kept.values():
        page.context.close()


@pytest.fixture
def shared_page(browser, kept_pages, request):
    """Like `open_page`, but one test asks for the same page with each of its parameters.

    Each time it must work another figure of the page, and leave the others as they were.
    """
    used = []

    def open_at(address, **options):
        key = request.function.__name__, address, json.dumps(options, sort_keys=True)
        if key not in kept_pages:
            complaints = []
            kept_pages[key] = new_page(browser, address, options, complaints), complaints
        page, complaints = kept_pages[key]
        used.append(complaints)
        return page

    yield open_at
    said = [one for complaints in used for one in complaints]
    for complaints in used:
        complaints.clear()
    assert said == []


def new_page(browser, address, options, complaints):
    """A page in a context of its own; errors in its console are noted among the complaints."""
    context = browser.new_context(**({"viewport": {"width": 1000, "height": 900}} | options))
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.goto(address)
    return page
