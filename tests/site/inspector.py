"""Open a page in a real browser and say what is wrong with it.

The browser may speak to this machine only: everything else goes through a
proxy that refuses and writes down who was asked for. (The browser's own list
of requests misses those of workers; the proxy misses none.)
"""

import re
import socketserver
import threading
from contextlib import suppress

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as BrowserError

from tools.chromium import FLAGS

# Wait until the pictures that are shown are loaded; of a light and a dark form one is hidden,
# is never loaded (it is lazy), and would be waited for without end.
# (Chromium may never say that a picture is decoded: after 20 s it counts what has come.)
LOADED = """() => {
  const shown = [...document.images].filter((one) => one.checkVisibility());
  for (const one of shown) one.loading = "eager";
  const missing = () => shown.filter((one) => !one.complete || !one.naturalWidth)
    .map((one) => one.src.slice(0, 80));
  const late = new Promise((resolve, reject) => setTimeout(
    () => (missing().length ? reject(new Error(`not loaded: ${missing()}`)) : resolve()), 20000));
  return Promise.race([Promise.all(shown.map((one) => one.decode())), late]);
}"""

# Hosts the browser asks by itself, whatever the page.
BROWSERS_OWN = re.compile(
    r"(^|\.)(google|googleapis|gstatic|gvt1|google-analytics|doubleclick)\.com(:|$)"
)
LOCAL = re.compile(r"(?:https?://(?:127\.0\.0\.1|localhost)[:/]|file:|data:|blob:|about:)")

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
NARROWEST = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10: nothing need be scrolled sideways

# Runs in the page; returns a list of faults.
LOOK = r"""() => {
  const faults = [];
  const shorten = (text) => text.trim().replace(/\s+/g, " ").slice(0, 80);
  for (const image of document.images) {
    if (!image.hasAttribute("alt") || (image.closest("article") && !image.alt.trim()))
      faults.push(`picture without alternative text: ${shorten(image.src)}`);
    else if (/\.(png|jpe?g|svg|gif|webp)$/i.test(image.alt.trim()))
      faults.push(`the alternative text is a file name: ${shorten(image.alt)}`);
  }
  for (const bad of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
    faults.push(`formula with an error: ${shorten(bad.dataset.mjxError || bad.textContent)}`);
  for (const formula of document.querySelectorAll(".math:not(:has(mjx-container))"))
    faults.push(`unrendered formula: ${shorten(formula.textContent)}`);
  const hidden = "code, pre, script, style, textarea, mjx-container, svg, option";
  const walker = document.createTreeWalker(
    document.querySelector("article") || document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent;
    if (/\$|\\[a-zA-Z([]/.test(text) && !walker.currentNode.parentElement.closest(hidden))
      faults.push(`raw TeX: ${shorten(text)}`);
    if (/\{[a-z:]+\}$/.test(text.trim()) && !walker.currentNode.parentElement.closest(hidden))
      faults.push(`raw MyST: ${shorten(text)}`);
  }
  for (const widget of document.querySelectorAll(".nn-static")) {
    if (widget.dataset.error) faults.push(`interactive: ${widget.dataset.error}`);
    else if (widget.dataset.module && !widget.dataset.ready)
      faults.push(`interactive that does not start: ${widget.dataset.module}`);
  }
  return faults;
}"""

# The widest things that stick out of the page and do not scroll in a box of their own.
OVERFLOW = r"""() => {
  const page = document.documentElement, width = page.clientWidth;
  if (page.scrollWidth <= width) return [];
  const boxed = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter(
    (one) => one.getBoundingClientRect().right > width + 1 && !boxed(one));
  const name = (one) => `<${one.tagName.toLowerCase()} class="${one.className}">`;
  return [`scrolls sideways, ${page.scrollWidth} pixels wide on a screen of ${width}: ` +
          wide.slice(0, 3).map(name).join(", ")];
}"""

THEME_IS = "scheme => [undefined, scheme].includes(document.documentElement.dataset.theme)"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"

# Each place is held for a frame, however long that takes: what is in sight is noticed then.
SCROLL_THROUGH = r"""async () => {
  const step = window.innerHeight * 0.8;
  for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
    window.scrollTo(0, y);
    await new Promise((done) => {
      requestAnimationFrame(() => setTimeout(done));
      setTimeout(done, 1000);  // a page that nobody looks at may get no frame
    });
  }
  window.scrollTo(0, 0);
}"""

SETTLED = r"""() => [...document.querySelectorAll(".nn-static[data-module]")].every(
  (one) => one.dataset.ready || one.dataset.error)"""
FORMULAS_SET = """() => !window.MathJax
  || !document.querySelector(".math:not(:has(mjx-container))")"""


class RefusingProxy(socketserver.ThreadingTCPServer):
    """A proxy that lets nothing through and keeps the names of the hosts."""

    daemon_threads = True
    allow_reuse_address = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            words = self.rfile.readline().decode("latin-1").split()
            if len(words) > 1:
                host = re.sub(r"^\w+://", "", words[1]).split("/")[0]
                self.server.asked.append(host)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def foreign(self) -> list[str]:
        """Return, and forget, the hosts that pages asked for."""
        asked, self.asked = self.asked, []
        return [host for host in asked if not BROWSERS_OWN.search(host)]


class Inspector:
    """A browser behind a `RefusingProxy`, and what it sees on a page."""

    def __init__(self, playwright: Playwright, executable: str):
        self.proxy = RefusingProxy()
        self.browser: Browser = playwright.chromium.launch(
            executable_path=executable,
            args=[*FLAGS, f"--proxy-server=127.0.0.1:{self.proxy.port}"],
        )

    def close(self) -> None:
        self.browser.close()
        self.proxy.shutdown()
        self.proxy.server_close()

    def open(self, url: str):
        """Open a page; return it and the growing list of what went wrong."""
        page = self.browser.new_page(viewport=DESK)
        faults: list[str] = []

        def on_console(message):
            if message.type == "error":
                faults.append(f"console: {message.text}")

        def on_request(request):
            if not LOCAL.match(request.url):
                faults.append(f"foreign request: {request.url[:100]}")

        def on_failure(request):
            faults.append(f"missing: {request.url} ({request.failure})")

        def on_response(response):
            if response.status >= 400:
                faults.append(f"missing: {response.url} ({response.status})")

        page.on("console", on_console)
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("request", on_request)
        page.on("requestfailed", on_failure)
        page.on("response", on_response)
        page.goto(url, wait_until="load")
        page.evaluate(
            "() => Promise.race([window.MathJax?.startup?.promise,"
            " new Promise((done) => setTimeout(done, 30000))])"
        )
        return page, faults

    def faults(self, url: str, patience: float = 10_000) -> list[str]:
        """Open a page, scroll through it, and return what is wrong with it.

        Interactives get `patience` (milliseconds) to start.
        """
        self.proxy.foreign()
        page, faults = self.open(url)
        try:
            page.evaluate(SCROLL_THROUGH)
            with suppress(BrowserError):  # LOOK names those that did not start
                page.wait_for_function(SETTLED, timeout=patience)
            with suppress(BrowserError):
                page.wait_for_function(FORMULAS_SET, timeout=30_000)
            faults += page.evaluate(LOOK)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                with suppress(BrowserError):  # the page is told of it a little later
                    page.wait_for_function(THEME_IS, arg=scheme, timeout=patience)
                for screen in (NARROWEST, PHONE, DESK):
                    page.set_viewport_size(screen)
                    with suppress(BrowserError):  # a side bar may be on its way out
                        page.wait_for_function(FITS, timeout=1000)
                    seen = page.evaluate(OVERFLOW)
                    faults += [f"{scheme}, {fault}" for fault in seen]
            shown = page.evaluate("() => document.documentElement.dataset.theme")
            if shown not in (None, "dark"):
                faults.append(f"a reader who prefers dark mode gets {shown!r}")
        finally:
            page.close()
        faults += [f"foreign host: {host}" for host in self.proxy.foreign()]
        return list(dict.fromkeys(faults))
