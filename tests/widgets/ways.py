"""The ways in which a reader works a figure: with a mouse, with a finger, with keys."""

import pytest

EVERY_WAY = pytest.mark.parametrize("way", ["mouse", "touch", "keys"])


def open_alone(open_page, site_of, figure, way):
    """A page with this one figure, once it is ready; a finger gets a telephone."""
    size = {"viewport": {"width": 360, "height": 900}} if way == "touch" else {}
    address = (site_of(figure) / "index.html").as_uri()
    page = open_page(address, has_touch=way == "touch", **size)
    page.locator(".nn-static[data-ready]").wait_for()
    return page


def press(way, what):
    """Press a button, or whatever else can be pressed."""
    if way == "mouse":
        what.click()
    elif way == "touch":
        what.tap()
    else:
        what.focus()
        what.press("Enter")


def slide(way, shown, name, value):
    """Move a slider step by step until it shows this value."""
    slider = shown.get_by_role("slider", name=name, exact=True)
    for _ in range(25):
        now = float(slider.get_attribute("aria-valuetext"))
        if now == value:
            return
        up = now < value
        if way == "keys":
            slider.press("ArrowRight" if up else "ArrowLeft")
        else:
            nudge = f"{name}: one step {'up' if up else 'down'}"
            press(way, shown.get_by_role("button", name=nudge))
    raise AssertionError(f"{name} never shows {value}")


def by_mouse(page, pad, places):
    """Press at the first place (shares of the pad's width and height), draw to the others."""
    box = pad.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def by_touch(page, pad, places):
    """The same with a finger."""
    box = pad.bounding_box()
    session = page.context.new_cdp_session(page)
    at = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in places]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at[:1]})
    for place in at[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    # The finger rests before it is lifted: its speed would be a fling, which swallows the next tap.
    page.wait_for_timeout(300)
    still = [{"x": at[-1]["x"] + 0.2, "y": at[-1]["y"]}]
    session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": still})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
