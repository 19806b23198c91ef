"""What all interactives share: the front-end's source, and how a figure shows itself.

A front-end is one ES module under ``static``. esbuild bundles it (``tests/widgets/bundle.mjs``)
into ``bundled``, apart from what it shares with others, which is ``kit.js``. A page loads the kit
once; Jupyter gets kit and figure as one module through anywidget. Importing this module needs
neither anywidget nor a kernel.
"""

from __future__ import annotations

import base64
import html
import json
from functools import cache
from pathlib import Path

import numpy as np

STATIC = Path(__file__).parent / "static"
BUNDLED = Path(__file__).parent / "bundled"
RECORDED = Path(__file__).parent / "recorded"
_PRIVATE = "application/vnd.jupyter.widget-view+json"
_NO_FIGURE = ("kit", "host", "quiz")  # bundled, too


def module_names() -> list[str]:
    """The figures' front-ends, by file name."""
    return sorted(path.stem for path in BUNDLED.glob("*.js") if path.stem not in _NO_FIGURE)


def bundle(name: str) -> str:
    """The text of one bundled file, such as ``"kit.js"`` or ``"host.css"``."""
    return (BUNDLED / name).read_text(encoding="utf-8")


@cache
def module_source(name: str) -> str:
    """One self-contained ES module: the shared parts and one figure.

    Parameters
    ----------
    name : str
        File name under ``static`` without ``.js``, for instance ``"player"``.
    """
    if name not in module_names():
        raise ValueError(
            f"no interactive is called {name!r}; there are {module_names()}. "
            "A new one is bundled by `npm run --prefix tests/widgets bundle`"
        )
    return f"{bundle('kit.js')}{bundle(f'{name}.js')}export default nnFigures.{name}.default;\n"


def style_source() -> str:
    """The style sheet of all interactives."""
    return bundle("host.css")


def pack(arrays: dict[str, np.ndarray]) -> tuple[bytes, dict[str, list]]:
    """Arrays in one block of bytes, and where each lies: [offset, length, type]."""
    block, layout = b"", {}
    for name, array in arrays.items():
        block += b"\0" * (-len(block) % 8)  # the browser wants numbers at their own multiples
        layout[name] = [len(block), array.size, array.dtype.name]
        block += array.astype(array.dtype.newbyteorder("<")).tobytes()
    return block, layout


class Interactive:
    """A figure with a front-end, live in a kernel and readable without one.

    A subclass names its `module`, prepares `settings` (small, JSON) and `recording`
    (bytes, may be empty), and may answer messages in `receive`. On display it hands out
    the live view for Jupyter and, as an output of its own, an HTML copy for the published
    page and for notebooks opened without a kernel; the live view hides it.

    Parameters
    ----------
    settings : dict
        What the front-end starts from. Numbers must already be rounded, because stored
        outputs are compared byte for byte.
    recording : bytes, optional
    caption : str
        Says what the figure shows; also its text alternative.
    still : str, optional
        HTML shown where no script runs, usually an SVG picture.
    """

    module = ""

    def __init__(
        self, settings: dict, recording: bytes = b"", *, caption: str, still: str = ""
    ) -> None:
        self.settings = settings
        self.recording = recording
        self.caption = caption
        self.still = still
        self._view = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def receive(self, view: object, content: dict) -> None:
        """Answer one message of a front-end (subclasses that use the kernel)."""

    def _repr_mimebundle_(self, **options: object) -> tuple[dict, dict]:
        if self._view is None:
            self._view = _live_view(self)
        # The second part tells Colab where its widget manager is; elsewhere it is empty.
        display_live(*self._view._repr_mimebundle_(**options))
        return {"text/plain": repr(self), "text/html": self._repr_html_()}, {}

    def _repr_html_(self) -> str:
        """The copy for the page: caption, still picture, and the data of the figure."""
        data = {
            "module": self.module,
            "state": {"settings": self.settings, "caption": self.caption},
            "buffers": {"recording": base64.b64encode(self.recording).decode()},
        }
        text = json.dumps(data, separators=(",", ":"), sort_keys=True)
        text = text.replace("</", "<\\/")  # must not end the script element
        caption = html.escape(self.caption)
        return (
            f'<div class="nn-static" data-module="{self.module}">'
            f'<div class="nn-fallback">{self.still}<p>{caption}</p></div>'
            f'<script type="application/json">{text}</script></div>'
        )


def display_live(data: dict, about: dict | None = None) -> None:
    """Display a live view as an output of its own.

    In a notebook that is opened again without a kernel Jupyter can show none, and would
    show nothing else of the same output: what is to be seen then is the next one.
    """
    from IPython.display import display

    metadata = {**(about or {}), "nnlib": {"live": True}}
    display({_PRIVATE: data[_PRIVATE]}, metadata=metadata, raw=True)


def _live_view(figure: Interactive):
    """The anywidget that carries a figure's front-end and messages."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(
            f"{type(figure).__name__} needs the package anywidget: "
            "run `pip install anywidget` and restart the kernel"
        ) from error

    class View(anywidget.AnyWidget):
        _esm = module_source(figure.module)
        _css = style_source()
        settings = traitlets.Dict(figure.settings).tag(sync=True)
        caption = traitlets.Unicode(figure.caption).tag(sync=True)
        recording = traitlets.Bytes(figure.recording).tag(sync=True)

    view = View()
    view.on_msg(lambda _, content, buffers: figure.receive(view, content))
    return view
