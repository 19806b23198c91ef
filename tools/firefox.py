"""Open every chapter with a figure in Firefox, work each figure once: `python -m tools.firefox`.

    python -m tools.firefox [PAGES]      default: every chapter that has a figure

The book must be built (`make book`).  Firefox speaks the WebDriver BiDi protocol by itself (a
W3C draft, https://w3c.github.io/webdriver-bidi/): nothing but the browser is needed, no driver.
Where it is missing, that is said and nothing is tested.

Of each figure: it gets ready, its bet is skipped, its first slider (or list, or button) is moved
with real keys, and its state or its numbers are then others.  The command fails where one of this
does not happen, or where the page writes an error into its console.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.serve import served

REPOSITORY = Path(__file__).resolve().parent.parent
SITE = REPOSITORY / "_build" / "html"
NAMES = ("firefox", "firefox-esr")
PATIENCE = 60  # seconds
LEFT_TOO_SOON = "status=2152398850"  # NS_BINDING_ABORTED: a font of the page that was left
# A test's profile: nothing is fetched by the browser itself.
QUIET = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
"""

# What is seen of a figure: its state, and the text of all that it says.
SEEN = """(k) => {
  const figure = document.querySelectorAll(".nn-static[data-module]")[k];
  const root = figure.querySelector(".nn");
  return JSON.stringify({ ...root?.dataset }) + root?.innerText;
}"""
READY = """async (k) => {
  const figure = document.querySelectorAll(".nn-static[data-module]")[k];
  figure.scrollIntoView({ block: "center", behavior: "instant" });
  while (!figure.dataset.ready && !figure.dataset.error)
    await new Promise((resolve) => setTimeout(resolve, 50));
  figure.querySelector("[data-skip]")?.click();
  return figure.dataset.error || "";
}"""
# Puts the focus on the first control that can be worked, and says which keys work it.
FOCUS = """(k) => {
  const figure = document.querySelectorAll(".nn-static[data-module]")[k];
  const usable = (one) => one.checkVisibility() && !one.disabled && one.ariaDisabled !== "true"
    && !one.closest(".nn-share");
  const first = (what) => [...figure.querySelectorAll(what)].find(usable);
  const slider = [...figure.querySelectorAll(".nn input[type=range]")]
    .find((one) => usable(one) && one.min !== one.max);
  const control = slider ?? first(".nn-cell") ?? first(".nn button.nn-option, .nn-controls button");
  control.focus();
  return slider ? (slider.value === slider.max ? "left" : "right") : "enter";
}"""
KEYS = {"left": "\ue012", "right": "\ue014", "enter": "\ue007"}


class FirefoxError(Exception):
    """Firefox does not start, or does not do what it is told."""


class Firefox:
    """A Firefox without a window, spoken to in WebDriver BiDi."""

    def __init__(self, program: str, folder: str):
        import websocket

        Path(folder, "user.js").write_text(QUIET)
        command = [program, "--headless", "--no-remote", "--profile", folder]
        self.process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        address = self._address()
        # It keeps draining what Firefox says, which would fill the pipe.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.socket = websocket.create_connection(
            f"{address}/session", timeout=PATIENCE, suppress_origin=True
        )
        self.number = 0
        self.complaints: list[str] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        self.tab = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self) -> str:
        too_late = threading.Timer(PATIENCE, self.process.kill)
        too_late.start()
        try:
            for line in self.process.stderr:
                if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                    return found[1]
        finally:
            too_late.cancel()
        raise FirefoxError("Firefox is here, but does not listen")

    def send(self, method: str, **parameters) -> dict:
        """Send a command; return the answer. What the console says meanwhile is kept."""
        self.number += 1
        call = {"id": self.number, "method": method, "params": parameters}
        self.socket.send(json.dumps(call))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.complaints.append(answer["params"]["text"])
            if answer.get("id") == self.number:
                break
        if answer["type"] == "error":
            raise FirefoxError(f"{method}: {answer['message']}")
        return answer["result"]

    def open(self, address: str) -> None:
        self.send("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def ask(self, function: str, *arguments: int):
        """Call a function in the page; return its answer, a number or a text."""
        values = [{"type": "number", "value": one} for one in arguments]
        answer = self.send(
            "script.callFunction", functionDeclaration=function, arguments=values,
            target={"context": self.tab}, awaitPromise=True,
        )  # fmt: skip
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a real key."""
        actions = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self.send("input.performActions", context=self.tab, actions=[keyboard])

    def close(self) -> None:
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def find() -> str | None:
    """Return the path of a Firefox, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def opened(program: str) -> Iterator[Firefox]:
    """A Firefox with a profile of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        firefox = Firefox(program, folder)
        try:
            yield firefox
        finally:
            firefox.close()


def with_figures(site: Path) -> list[str]:
    """The chapters that have a figure."""
    pages = sorted(site.glob("chapters/*.html"))
    return [page.stem for page in pages if 'data-module="' in page.read_text(encoding="utf-8")]


def work(firefox: Firefox, which: int) -> str | None:
    """Work the figure of this number; return what is wrong, or None."""
    if error := firefox.ask(READY, which):
        return f"does not start: {error}"
    before = firefox.ask(SEEN, which)
    firefox.press(firefox.ask(FOCUS, which))
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if firefox.ask(SEEN, which) != before:
            return None
        time.sleep(0.05)
    return "a key on its first control changes nothing"


def faults(firefox: Firefox, address: str) -> tuple[list[str], list[str]]:
    """Open a page, work its figures; return their modules and what is wrong."""
    firefox.complaints.clear()
    firefox.open(address)
    modules = firefox.ask(
        "() => [...document.querySelectorAll('.nn-static[data-module]')]"
        ".map((one) => one.dataset.module).join()"
    ).split(",")
    found = []
    for which, module in enumerate(modules):
        if wrong := work(firefox, which):
            found.append(f"{module} {wrong}")
    said = [text for text in firefox.complaints if LEFT_TOO_SOON not in text]
    return modules, found + [f"console: {text[:200]}" for text in said]


def main(pages: list[str]) -> int:
    program = find()
    if program is None:
        print("Firefox is skipped: it is not on this machine (Debian: apt install firefox-esr).")
        return 0
    failed = False
    with served(SITE) as site, opened(program) as firefox:
        for page in pages or with_figures(SITE):
            modules, wrong = faults(firefox, f"{site}/chapters/{page}.html")
            print(f"{page}: {', '.join(modules)}: {'; '.join(wrong) or 'all work'}", flush=True)
            failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
