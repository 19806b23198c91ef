"""A Jupyter server of a test's own, and a notebook opened in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = """
c.IdentityProvider.token = ""
c.ServerApp.password = ""
c.ServerApp.disable_check_xsrf = True
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""
READY = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 100));
  while (!app.shell.currentWidget?.context) await sleep();
  const { context } = app.shell.currentWidget;
  await context.ready;
  await context.sessionContext.ready;
}"""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve what lies in ``folder / "work"`` with JupyterLab and Notebook; the address."""
    settings = folder / "config" / "jupyter_server_config.py"
    settings.parent.mkdir()
    settings.write_text(SETTINGS)
    places = {
        f"JUPYTER{name}": str(folder / name.lower())
        for name in ("_DATA_DIR", "_RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
    }
    environment = os.environ | places | {
        "JUPYTER_CONFIG_DIR": str(settings.parent),
        "PYTHONPATH": str(REPOSITORY),
        "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--port=0", "--ip=127.0.0.1"],
            cwd=folder / "work", env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield _address(folder / "_runtime_dir", process, folder / "log.txt")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(runtime: Path, server: subprocess.Popen, log: Path) -> str:
    """The address that the server wrote down, once it answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                address = json.loads(path.read_text())["url"]
                urllib.request.urlopen(address + "api/status", timeout=5).close()
                return address
            except (OSError, ValueError, KeyError):
                pass
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def go_to(page, address: str) -> None:
    """Open the notebook at this address, and wait for its kernel."""
    page.goto(address)
    wait_for_kernel(page)


def wait_for_kernel(page) -> None:
    """Wait until a notebook is there with its kernel, as after a reload."""
    page.wait_for_function("window.jupyterapp")
    page.evaluate(READY)


@contextmanager
def opened(browser, address: str, patience: int = 30_000) -> Iterator:
    """The page with this notebook, all its cells run; no figure may raise an error.

    Figures come from a blob; Notebook has errors of its own.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(patience)
    errors = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    go_to(page, address)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    yield page
    page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    context.close()
    assert [error for error in errors if "blob:" in error] == []
