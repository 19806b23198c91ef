"""What a page weighs and whether it jumps, measured in a browser behind a compressing server."""

import re
import threading
from functools import partial
from http.server import ThreadingHTTPServer

import pytest

from tests.site.inspector import DESK, PHONE
from tests.site.test_site import PAGES
from tools.serve import PagesHandler

START = "chapters/index"
CHAPTERS = [page for page in PAGES if re.match(r"chapters/\d\d_", page)]
MOST = {"start": 400_000, "chapter": 1_000_000, "next": 150_000}  # bytes, as transferred
MOST_SHIFT = 0.02

SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture(scope="module")
def pages(site):
    """The address of the site on a server like GitHub's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(PagesHandler, directory=str(site)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Visit:
    """A reader's visit, with a cache of its own, that counts what is transferred."""

    def __init__(self, inspector, screen):
        self.context = inspector.browser.new_context(viewport=screen)
        self.page = self.context.new_page()
        self.page.add_init_script(f"({SHIFTS})()")
        network = self.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.responseReceived", self._name)
        network.on("Network.loadingFinished", self._count)
        self.names, self.loaded = {}, {}

    def _name(self, event):
        self.names[event["requestId"]] = event["response"]["url"]

    def _count(self, event):
        name = self.names.get(event["requestId"], event["requestId"])
        self.loaded[name] = event["encodedDataLength"]

    def open(self, address):
        """Open a page, wait until nothing more comes; return the bytes."""
        self.loaded.clear()
        self.page.goto(address, wait_until="networkidle")
        self.page.evaluate("() => window.MathJax?.startup?.promise")
        self.page.wait_for_load_state("networkidle")
        return sum(self.loaded.values())

    def heaviest(self):
        ranking = sorted(self.loaded.items(), key=lambda one: -one[1])[:6]
        return "\n".join(f"{size:9,.0f}  {name}" for name, size in ranking)


@pytest.fixture
def visit(inspector, request):
    one = Visit(inspector, getattr(request, "param", DESK))
    yield one
    one.context.close()


def test_the_start_page_is_light_and_so_is_the_next(visit, pages):
    weight = visit.open(f"{pages}/{START}.html")
    assert weight < MOST["start"], visit.heaviest()
    assert not any("mathjax" in name for name in visit.loaded), "no formula, no MathJax"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_light(visit, pages, chapter):
    weight = visit.open(f"{pages}/{chapter}.html")
    assert weight < MOST["chapter"], visit.heaviest()
    others = [page for page in CHAPTERS if page != chapter]
    after = visit.open(f"{pages}/{others[0]}.html")
    assert after < MOST["next"], visit.heaviest()


@pytest.mark.parametrize("visit", [DESK, PHONE], ids=["desk", "phone"], indirect=True)
@pytest.mark.parametrize("page", [START, *CHAPTERS])
def test_nothing_jumps_while_a_page_is_loaded(visit, pages, page):
    visit.open(f"{pages}/{page}.html")
    visit.page.wait_for_timeout(300)
    shifted = visit.page.evaluate("() => window.shifted")
    assert shifted < MOST_SHIFT


def test_pictures_have_their_room_before_they_are_loaded(visit, pages):
    visit.open(f"{pages}/{CHAPTERS[2]}.html")
    pictures = visit.page.evaluate("""() => [...document.querySelectorAll("article img")]
      .filter((one) => one.checkVisibility()).map((one) => [
        one.loading, one.getAttribute("width"), one.getAttribute("height"), one.complete,
        one.getBoundingClientRect().width / one.getBoundingClientRect().height])""")
    assert len(pictures) > 5
    for loading, width, height, _, shape in pictures:
        assert loading == "lazy"
        assert shape == pytest.approx(int(width) / int(height), rel=0.02)
    assert not all(complete for *_, complete, _ in pictures), "far ones wait"


def test_every_icon_on_a_page_is_in_the_cut_font(visit, pages):
    visit.open(f"{pages}/{CHAPTERS[0]}.html")
    blank = visit.page.evaluate("""async () => {
      await document.fonts.ready;
      const draw = (text, family, weight) => {
        const canvas = new OffscreenCanvas(40, 40), context = canvas.getContext("2d");
        context.font = `${weight} 30px ${family}, monospace`;
        context.fillText(text, 4, 32);
        return context.getImageData(0, 0, 40, 40).data.join();
      };
      const faults = [];
      for (const icon of document.querySelectorAll("i[class*=fa-]")) {
        const style = getComputedStyle(icon, "::before");
        const text = style.content.replaceAll('"', "");
        if (text === "none") { faults.push(`${icon.className}: no rule`); continue; }
        const own = draw(text, style.fontFamily, style.fontWeight);
        if (own === draw(text, "serif", style.fontWeight))
          faults.push(`${icon.className}: not in the font`);
      }
      return faults;
    }""")
    assert blank == []
