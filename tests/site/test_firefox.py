"""The interactives in Firefox: each starts, answers a key, and the console stays empty."""

import pytest

from tools import firefox

pytest.importorskip("websocket", reason="no websocket-client here: Firefox is not spoken to")


@pytest.fixture(scope="module")
def fox():
    program = firefox.find()
    if program is None:
        pytest.skip("no Firefox on this machine (apt install firefox-esr)")
    opening = firefox.opened(program)
    try:
        one = opening.__enter__()
    except firefox.FirefoxError as error:
        pytest.skip(str(error))
    yield one
    opening.__exit__(None, None, None)


def test_every_figure_answers_a_key_and_the_console_is_empty(fox, site, serve):
    address, seen, wrong = serve(site), [], {}
    for page in firefox.with_figures(site):
        modules, found = firefox.faults(fox, f"{address}/chapters/{page}.html")
        seen += modules
        if found:
            wrong[page] = found
    assert wrong == {}
    assert len(set(seen)) >= 13, sorted(set(seen))


def test_what_goes_wrong_is_told(fox, tmp_path, serve):
    (tmp_path / "index.html").write_text(
        """<!doctype html><title>Two figures</title>
        <div class="nn-static" data-module="dumb" data-ready="1"><section class="nn">
        <input type="range" min="0" max="3"></section></div>
        <div class="nn-static" data-module="broken" data-error="no data"></div>
        <script>console.error("something broke")</script>"""
    )
    modules, found = firefox.faults(fox, f"{serve(tmp_path)}/index.html")
    assert modules == ["dumb", "broken"]
    assert found[:2] == [
        "dumb a key on its first control changes nothing",
        "broken does not start: no data",
    ]
    assert "console: something broke" in found
