"""A figure with knobs: ipywidgets' controls with a kernel, recorded frames without one.

Stored are a line that leads to a kernel, with the frames of a grid of settings for the page
(`frames`), and the figure at a few settings, each a line and a picture that is compared like
every other figure. Before them Jupyter shows the live view, and while it lives it hides them;
so does the page's figure.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from nncourse import figures
from nncourse.widgets import frames
from nncourse.widgets.base import display_live

_WAY = (
    "Recorded at a few settings. To turn the knobs yourself, "
    "[open the chapter as a notebook](how_to_use.md#running) and run this cell."
)


def explore(
    function: Callable[..., tuple[Figure, str]],
    /,
    *,
    recorded: Sequence[dict],
    grid: Mapping[str, Sequence] | None = None,
    **controls,
) -> None:
    """Show a figure with controls above it, and at recorded settings where no kernel runs.

    Parameters
    ----------
    function : callable
        ``function(**settings)`` draws the figure and returns it with its text alternative.
        It is called while one drags: a tenth of a second is long.
    recorded : sequence of dict
        Two or three settings to be shown without a kernel, each with a value for every
        control. The controls start at the first.
    grid : mapping of str to sequence, optional
        For each control the values that it takes on the published page, where the figure then
        answers without a kernel: every combination is drawn now (some fifty are enough, and may
        take 200 kB together).
    **controls
        For each argument of the function what `ipywidgets.interact` takes: ``(-2.0, 2.0)``
        or ``(0, 10, 1)`` for a slider, a list or dict for a choice, ``True`` for a box to
        tick, or a widget such as ``FloatLogSlider(min=-3, max=0)``.
    """
    from IPython.display import display

    if not controls or not recorded:
        raise ValueError("explore needs at least one control, and one recorded setting of it")
    if grid is not None and set(grid) != set(controls):
        raise ValueError(f"grid must have values for each of {[*controls]}, got {[*grid]}")
    outputs = []
    for settings in recorded:
        if set(settings) != set(controls):
            raise ValueError(f"recorded: {settings} must have a value for each of {[*controls]}")
        words = ", ".join(_words(name, controls[name], settings[name]) for name in controls)
        outputs += [_line(f"**{words}**"), _drawn(function, settings)]
    view = _live_view(function, recorded, controls, outputs[1])
    if view:
        display_live(view)
    way, about = _line(_WAY)
    if grid is not None:
        labels = {name: _label(name, controls[name]) for name in grid}
        way[frames.MIME] = frames.record(function, grid, labels, recorded[0])
        way[frames.MIME]["pictures"] = len(outputs)
    for data, metadata in [(way, about), *outputs]:
        display(data, metadata=metadata, raw=True)


def _label(name: str, control: object) -> str:
    return getattr(control, "description", "") or name.replace("_", " ")


def _words(name: str, control: object, value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{_label(name, control)} = {text}".replace(" ", "\N{NO-BREAK SPACE}")


def _line(words: str) -> tuple[dict, dict]:
    """A line of Markdown; the numbers in it are settings, and prove nothing measured."""
    return {"text/markdown": words, "text/plain": words}, {"nnlib": {"typed": True}}


def _drawn(function: Callable, settings: dict) -> tuple[dict, dict]:
    """The figure at some settings, in the form in which `figures.show` displays it."""
    match function(**settings):
        case (Figure() as figure, alt):
            return figures.picture(figure, alt=alt)
        case other:
            raise TypeError(f"the function must return a figure and its text, got {other!r}")


def _live_view(function: Callable, recorded, controls: dict, start: tuple) -> dict:
    """Controls and figure in Jupyter's form; empty where there is no ipywidgets."""
    try:
        import ipywidgets
    except ImportError:
        return {}
    widgets = {name: _widget(name, control, recorded) for name, control in controls.items()}
    picture, trouble = ipywidgets.HTML(_image(*start)), ipywidgets.HTML()

    def redraw(change: dict) -> None:
        try:
            settings = {name: widget.value for name, widget in widgets.items()}
            picture.value, trouble.value = _image(*_drawn(function, settings)), ""
        except Exception as error:  # whatever it is, it belongs where the reader looks
            plt.close("all")
            message = html.escape(f"{type(error).__name__}: {error}")
            trouble.value = f'<p role="alert"><strong>{message}</strong></p>'

    for widget in widgets.values():
        widget.observe(redraw, "value")
    name, style = _hiding(2 * len(recorded) + 1)
    panel = ipywidgets.VBox([*widgets.values(), trouble, picture, ipywidgets.HTML(style)])
    panel.add_class(name)
    return panel._repr_mimebundle_()


def _hiding(count: int) -> tuple[str, str]:
    """A class, and the style that hides so many outputs after it in JupyterLab and Notebook."""
    name, output = f"nn-before-{count}", ".jp-OutputArea-child"
    following = [f"{output}:has(.{name})" + f" + {output}" * k for k in range(1, count + 1)]
    return name, f"<style>{', '.join(following)} {{ display: none }}</style>"


def _image(data: dict, metadata: dict) -> str:
    """The figure as HTML, for ipywidgets' own image has no text alternative."""
    png, about = data["image/png"], metadata["image/png"]
    alt, width, height = html.escape(about["alt"]), about["width"], about["height"]
    return (  # the size keeps the place while the browser decodes
        f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{width}" '
        f'height="{height}" style="max-width: 100%; height: auto">'
    )


def _widget(name: str, control: object, recorded: Sequence[dict]):
    """The control as a widget, at its first recorded value; the others must fit it too."""
    import ipywidgets

    widget = ipywidgets.interactive.widget_from_abbrev(control)
    if not isinstance(widget, ipywidgets.ValueWidget):
        raise TypeError(f"{name}={control!r} is nothing that ipywidgets.interact takes")
    if widget is not control and isinstance(widget, ipywidgets.FloatSlider):
        widget.readout_format = ".4"  # 0.095, where the default says 0.10
    widget.description = widget.tooltip = _label(name, control)
    widget.style.description_width = "8rem"
    widget.layout.width, widget.layout.max_width = "32rem", "100%"
    for settings in reversed(recorded):
        with suppress(Exception):  # traitlets' word for it would name no control
            widget.value = settings[name]
        if widget.value != settings[name]:
            raise ValueError(f"recorded: {name} = {settings[name]!r} is out of its control's reach")
    return widget
