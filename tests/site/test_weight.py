"""What a page weighs and whether it jumps, measured in a browser behind a compressing server."""

import re

import pytest

from tests.site.inspector import DESK, PHONE
from tests.site.test_site import PAGES

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


# -- formulas --------------------------------------------------------------------------------------

HEAVY = "chapters/06_backpropagation"  # the chapter with the most formulas
BARE = "document.querySelectorAll('.math:not(:has(mjx-container))').length"


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_words_are_there_before_mathjax_is_asked_for(visit, pages):
    visit.open(f"{pages}/{HEAVY}.html")
    painted, asked = visit.page.evaluate(
        """() => [
          performance.getEntriesByName("first-contentful-paint")[0].startTime,
          Math.min(...performance.getEntriesByType("resource")
            .filter((one) => one.name.includes("mathjax/") && one.name.endsWith(".js"))
            .map((one) => one.startTime)),
        ]"""
    )
    assert painted < asked < float("inf")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
@pytest.mark.parametrize("deed", ["scroll", "key", "paper"])
def test_near_formulas_are_set_first_and_all_when_the_reader_does_anything(visit, pages, deed):
    visit.open(f"{pages}/{HEAVY}.html")
    near = visit.page.evaluate(
        """() => [...document.querySelectorAll(".math:not(:has(mjx-container))")]
          .map((one) => one.getBoundingClientRect())
          .filter(({ top, height }) => height && top < innerHeight).length"""
    )
    assert near == 0 and visit.page.evaluate(BARE) > 50
    if deed == "scroll":
        visit.page.mouse.wheel(0, 300)
    elif deed == "key":
        visit.page.keyboard.press("Tab")
    else:
        visit.page.pdf()
        assert visit.page.evaluate(BARE) == 0
    visit.page.wait_for_function(f"() => {BARE} === 0")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_link_into_a_chapter_leads_there_and_stays(visit, pages):
    """Formulas above the place take another room when they are set: the reader sees no jump."""
    address = f"{pages}/{HEAVY}.html"
    visit.open(address)
    target = visit.page.locator("article section[id]").last.get_attribute("id")
    visit.open("about:blank")
    visit.open(f"{address}#{target}")
    top = f"document.getElementById('{target}').getBoundingClientRect().top"
    visit.page.keyboard.press("Shift")
    visit.page.wait_for_function(f"() => {BARE} === 0")
    assert -5 < visit.page.evaluate(top) < PHONE["height"] / 3


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_boxes_that_scroll_are_stops_for_the_tab_key_and_others_are_not(visit, pages):
    """What the theme does, also in slices (weight.py)."""
    visit.open(f"{pages}/{HEAVY}.html")
    wrong = """() => [...document.querySelectorAll("article pre")].filter((one) =>
      one.tabIndex !== (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight
        ? 0 : -1)).length"""
    visit.page.wait_for_function(f"() => ({wrong})() === 0")
    assert visit.page.locator("article pre[tabindex='0']").count() > 0


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
