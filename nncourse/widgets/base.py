"""What all interactives share: the front-end's source, and how a figure shows itself.

A front-end is one ES module under ``static``. It may import from its neighbours there;
`module_source` joins them into one self-contained module, which Jupyter gets through
anywidget and the published page through the Sphinx extension and ``host.js``. Importing
this module needs neither anywidget nor a kernel.
"""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cache
from pathlib import Path

import numpy as np

STATIC = Path(__file__).parent / "static"
RECORDED = Path(__file__).parent / "recorded"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_COMMENT = re.compile(r"/\*\*.*?\*/ ?|^\s*//[^\n]*\n", re.DOTALL | re.MULTILINE)
_PRIVATE = "application/vnd.jupyter.widget-view+json"


@cache
def module_source(name: str) -> str:
    """One self-contained ES module: the named file with its neighbours put before it.

    Comments and indentation stay behind: they are a third of what a page would load.

    Parameters
    ----------
    name : str
        File name under ``static`` without ``.js``, for instance ``"player"``.
    """
    if name not in _module_names():
        raise ValueError(f"no interactive is called {name!r}; there are {_module_names()}")
    parts: dict[str, str] = {}

    def add(part: str) -> None:
        if part in parts:
            return
        text = (STATIC / f"{part}.js").read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            add(needed)
        parts[part] = _IMPORT.sub("", text)

    add(name)
    own = parts.pop(name)
    joined = "".join(_EXPORT.sub("", text) for text in parts.values()) + own
    return re.sub(r"\n\s+", "\n", _COMMENT.sub("", joined))


def module_sources() -> dict[str, str]:
    """Every interactive's module, by name."""
    return {name: module_source(name) for name in _module_names()}


def style_source() -> str:
    """The style sheet of all interactives."""
    return (STATIC / "host.css").read_text(encoding="utf-8")


@cache
def _module_names() -> tuple[str, ...]:
    """The files that export a front-end, as opposed to shared parts."""
    return tuple(
        path.stem
        for path in sorted(STATIC.glob("*.js"))
        if "\nexport default " in path.read_text(encoding="utf-8")
    )


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
