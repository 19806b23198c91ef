"""The site as strangers meet it: search engines, link previews, a wrong address, the search."""

import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from tests.site.test_site import PAGES
from tools.notebooks import REPOSITORY

sys.path.append(str(REPOSITORY / "_ext"))
from nnsite import head, names, pictures, search, weight  # noqa: E402


class Head(HTMLParser):
    """Title, meta tags and links of a page."""

    def __init__(self, path):
        super().__init__()
        self.meta, self.links, self.title, self._inside = {}, {}, "", False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "meta":
            name = attributes.get("name") or attributes.get("property") or ""
            self.meta[name] = attributes.get("content")
        elif tag == "link":
            self.links[attributes.get("rel")] = attributes.get("href")
        self._inside = tag == "title" and not self.title

    def handle_data(self, data):
        if self._inside:
            self.title += data

    def handle_endtag(self, tag):
        self._inside = False


def test_every_page_has_a_title_of_its_own_and_says_what_it_is_about(site):
    heads = {page: Head(site / f"{page}.html") for page in PAGES}
    titles = [one.title for one in heads.values()]
    assert len(set(titles)) == len(titles)
    for page, one in heads.items():
        halves = [half.strip() for half in one.title.split("—")]
        assert len(set(halves)) == len(halves), f"{page}: {one.title!r} says its name twice"
        description = one.meta["description"]
        assert 30 <= len(description) <= head.LONGEST, f"{page}: {description!r}"
        assert not re.search(r"[$\\]", description), f"{page}: {description!r}"
        assert one.meta["og:title"] and one.meta["og:description"] == description
        assert "canonical" not in one.links and "og:image" not in one.meta  # no address is known
    chapters = [one.meta["description"] for page, one in heads.items() if "/0" in page]
    assert len(set(chapters)) == len(chapters)


def test_the_pages_nobody_links_to(site):
    start = (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in start and "<title>" in start and "<a href=" in start
    assert (site / ".nojekyll").exists()
    assert "User-agent" in (site / "robots.txt").read_text()
    assert not (site / "sitemap.xml").exists()


@pytest.mark.parametrize("wrong", ["nothing.html", "chapters/nothing.html", "chapters/a/b/c"])
def test_from_a_wrong_address_one_finds_back(inspector, site, pages, wrong):
    page = inspector.browser.new_page()
    try:
        page.goto(f"{pages}/{wrong}")
        assert page.title().startswith("Page not found")
        page.locator("a", has_text="Softmax").first.click()
        page.wait_for_load_state()
        assert page.url.endswith("chapters/05_softmax.html")
        assert page.locator("article h1").count() == 1
    finally:
        page.close()


def test_where_the_address_is_known_it_is_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_ADDRESS", "https://example.org/course")
    config = SimpleNamespace(html_baseurl="", html_title="A course", project="", language="en",
                             root_doc="chapters/index")  # fmt: skip
    head.use_address(None, config)
    assert config.html_baseurl == "https://example.org/course/"
    docs = ("a", "chapters/index")
    titles = {name: SimpleNamespace(astext=lambda name=name: name) for name in docs}
    app = SimpleNamespace(
        outdir=tmp_path,
        config=config,
        builder=SimpleNamespace(format="html", get_target_uri=lambda name: f"{name}.html"),
        env=SimpleNamespace(found_docs=set(titles), titles=titles),
    )
    (tmp_path / "_static").mkdir()
    head.write_pages(app, None)
    sitemap = (tmp_path / "sitemap.xml").read_text()
    assert "<loc>https://example.org/course/chapters/index.html</loc>" in sitemap
    assert "<loc>https://example.org/course/a.html</loc>" in sitemap
    robots = (tmp_path / "robots.txt").read_text()
    assert "Sitemap: https://example.org/course/sitemap.xml" in robots
    assert '<base href="/course/" />' in (tmp_path / "404.html").read_text()
    assert (tmp_path / head.PREVIEW).read_bytes().startswith(b"\x89PNG")
    context = {"title": "A <em>chapter</em>", "pageurl": "https://example.org/course/a.html"}
    head.describe(app, "a", "page.html", context, None)
    assert 'property="og:image" content="https://example.org/course/_static/preview.png"' in (
        context["metatags"]
    )
    assert 'property="og:title" content="A chapter"' in context["metatags"]


# -- the search --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["http", "file"])
@pytest.mark.parametrize(
    ("query", "page"),
    [("momentum", None), ("gradient check", "06_"), ("overfitting", None), ("perceptron", "03_")],
)
def test_the_search_leads_to_a_section_and_shows_a_line_of_it(
    inspector, site, serve, how, query, page
):
    root = serve(site) if how == "http" else site.as_uri()
    tab, faults = inspector.open(f"{root}/search.html?q={query.replace(' ', '+')}")
    try:
        tab.wait_for_selector("#search-results p.nn-found", timeout=15_000)
        tab.wait_for_timeout(500)
        results = tab.locator("#search-results li:has(p.nn-found)")
        found = [
            (one.locator("a").get_attribute("href"), one.locator("p.nn-found").inner_text())
            for one in results.all()[:4]
        ]
        assert sum("#" in target for target, _ in found) >= 2, found
        assert page is None or any(page in target for target, _ in found), found
        stems = [word[:6].lower() for word in query.split()]
        assert stems[-1] in found[0][1].lower()
        for _, line in found[:2]:
            assert any(stem in line.lower() for stem in stems)
            assert len(line) < 330 and not re.search(r"\\[a-z(]|\$", line)
        target = next(target for target, _ in found if "#" in target)
        tab.goto(f"{root}/{target}")
        assert tab.locator(f"[id='{target.split('#')[1]}']").count() == 1
        assert not faults
    finally:
        tab.close()


@pytest.mark.parametrize(
    ("tex", "text"),
    [(r"\eta = 0.1", "η = 0.1"), (r"\frac{1}{n}", "1/n"), (r"W^{(l)}", "W^ (l)"),
     (r"\operatorname*{arg\,max}_k", "arg max _k")],
)  # fmt: skip
def test_formulas_are_plain_in_the_searchs_lines(tex, text):
    assert re.sub(r"\s", "", search.plain(tex)) == re.sub(r"\s", "", text)


# -- names, printing, the keyboard -----------------------------------------------------------------


def test_the_name_of_a_fold_is_what_is_written_on_it():
    body = '<summary aria-label="Toggle hidden content"><span>Show code</span></summary>'
    context = {"body": body}
    names.mend_names(None, "p", "page.html", context, None)
    assert context["body"] == "<summary><span>Show code</span></summary>"


def test_no_page_has_a_name_that_hides_what_is_written(site):
    for page in PAGES:
        assert "Toggle hidden content" not in (site / f"{page}.html").read_text(encoding="utf-8")


def test_formulas_are_no_stops_for_the_tab_key(inspector, site):
    tab, _ = inspector.open(f"{site.as_uri()}/chapters/06_backpropagation.html")
    try:
        tab.keyboard.press("Shift")
        tab.wait_for_function("() => document.querySelectorAll('mjx-container').length > 50")
        assert tab.locator("mjx-container[tabindex='0']").count() == 0
    finally:
        tab.close()


def test_the_headers_buttons_show_where_the_keyboard_is(inspector, site):
    tab, _ = inspector.open(f"{site.as_uri()}/chapters/06_backpropagation.html")
    try:
        unseen = tab.evaluate("""() => {
          const faults = [];
          for (const one of document.querySelectorAll(
              ".bd-header-article button, .bd-header-article a")) {
            if (!one.checkVisibility()) continue;
            one.focus({ focusVisible: true });
            const style = getComputedStyle(one);
            if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)
              faults.push(one.outerHTML.slice(0, 120));
          }
          return faults;
        }""")
        assert unseen == []
    finally:
        tab.close()


def test_from_a_dark_screen_ink_on_paper(inspector, site):
    context = inspector.browser.new_context(color_scheme="dark")
    tab = context.new_page()
    try:
        tab.goto(f"{site.as_uri()}/chapters/05_softmax.html")
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
        tab.evaluate("""() => addEventListener("beforeprint", () => {
          window.printed = ["color", "backgroundColor"].map(
            (name) => getComputedStyle(document.querySelector("article p"))[name]);
          window.background = getComputedStyle(document.body).backgroundColor;
        })""")
        tab.pdf()
        ink = [int(n) for n in re.findall(r"\d+", tab.evaluate("window.printed[0]"))[:3]]
        assert max(ink) < 100, f"pale ink: {ink}"
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    finally:
        context.close()


# -- pictures and weight, without a browser -------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "natural", "expected"),
    [
        ('<img alt="a" src="x.png" />', (836, 286), 'width="836" height="286"'),
        ('<img src="x.png" style="width: 640px;" />', (1280, 720), 'width="640" height="360"'),
        ('<img src="x.png" width="640" />', (1280, 720), 'width="640" height="360"'),
        ('<img src="x.png" style="width: 50%" />', (1280, 720), 'style="width: 50%"'),
    ],
)
def test_a_picture_says_its_size(tag, natural, expected):
    written = pictures.with_size(tag, natural)
    assert expected in written and 'loading="lazy"' in written


def test_the_size_of_pngs_and_svgs_is_read():
    png = b"\x89PNG\r\n\x1a\n" + bytes(8) + (640).to_bytes(4, "big") + (360).to_bytes(4, "big")
    assert pictures.natural_size(png) == (640, 360)
    svg = b'<?xml version="1.0"?>\n<svg xmlns="x" width="460.8pt"\n height="259.2pt" id="x">'
    assert pictures.natural_size(svg) == pytest.approx((614.4, 345.6))
    assert pictures.natural_size(b'<svg viewBox="0 0 480 260">') == (480, 260)
    assert pictures.natural_size(b"GIF89a") is None


def test_of_the_icons_those_in_use_stay():
    css = '.fa-sun:before{content:"\\f185"}'
    css += '.fa-a:before,.fa-b:before{content:"\\f001"}p{--x:"\\f05a"}'
    kept, letters = weight.keep_used_icons(css, {"fa-b", "fa-solid"})
    assert "fa-sun" not in kept and "fa-b" in kept
    assert letters == {0xF001, 0xF05A}
