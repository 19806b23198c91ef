"""Every page of the book in a real browser: over http and from a folder."""

import pytest
from sphinx_external_toc.parsing import parse_toc_yaml

from tests.site.inspector import LOADED, PHONE
from tests.site.links import broken_links
from tools.notebooks import REPOSITORY

PAGES = [*parse_toc_yaml(REPOSITORY / "_toc.yml"), "search", "genindex"]
PAGES = [page.removesuffix(".md").removesuffix(".ipynb") for page in PAGES]


@pytest.fixture(scope="session")
def address(site, serve):
    """Where the site is: over http, and in its folder."""
    return {"http": serve(site), "file": site.as_uri()}


@pytest.mark.parametrize("how", ["http", "file"])
@pytest.mark.parametrize("page", PAGES)
def test_page(inspector, address, page, how):
    faults = inspector.faults(f"{address[how]}/{page}.html")
    if faults:
        pytest.fail("\n".join([f"{page} ({how})", *faults]), pytrace=False)


@pytest.mark.parametrize("how", ["http", "file"])
def test_search_finds_the_word_backpropagation(inspector, address, how):
    page, faults = inspector.open(f"{address[how]}/search.html?q=backpropagation")
    try:
        page.wait_for_selector("#search-results li a", timeout=10_000)
        target = page.locator("#search-results li a").first.get_attribute("href")
        assert ".html" in target
        assert not faults
    finally:
        page.close()


def test_links_inside_the_book_lead_somewhere(site):
    broken = broken_links(site)
    if broken:
        pytest.fail("\n".join(["links that lead nowhere:", *broken]), pytrace=False)


def test_a_figure_of_several_panels_scrolls_on_a_telephone_and_keeps_its_letters(inspector, site):
    page, faults = inspector.open(f"{site.as_uri()}/chapters/03_gates.html")
    try:
        measure = """() => [...document.querySelectorAll("div.cell_output img.wide")]
          .filter((one) => one.checkVisibility())
          .map((one) => [one, one.closest("div.cell_output")])
          .map(([one, box]) => [one.naturalWidth, one.getBoundingClientRect().width,
                                box.clientWidth, box.scrollWidth])"""
        page.evaluate(LOADED)
        assert all(shown <= box for _, shown, box, _ in page.evaluate(measure))
        page.set_viewport_size(PHONE)
        pictures = page.evaluate(measure)
        assert len(pictures) >= 3
        for natural, shown, box, scrolls in pictures:
            assert natural / 2 > 760 and box < PHONE["width"] and scrolls >= shown
            assert 11 * 220 / 72 * shown / natural > 9  # pixels: letters of 11 points at 220 dpi
        assert not faults
    finally:
        page.close()


@pytest.mark.parametrize("page", PAGES)
def test_code_fits_on_a_laptop_without_scrolling_sideways(inspector, site, page):
    """Between both side bars, folded code and solutions too."""
    context = inspector.browser.new_context(viewport={"width": 1200, "height": 800})
    try:
        view = context.new_page()
        view.goto((site / f"{page}.html").as_uri(), wait_until="load")
        too_wide = view.evaluate("""() => {
          document.querySelectorAll("article details").forEach((e) => (e.open = true));
          const longest = (e) => e.textContent.split("\\n").sort((a, b) => b.length - a.length)[0];
          return [...document.querySelectorAll("article div.highlight pre")]
            .filter((e) => e.scrollWidth > e.clientWidth + 1).map(longest);
        }""")
    finally:
        context.close()
    assert not too_wide
