"""The ways in which a reader draws or drags: with a mouse, with a finger."""


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
