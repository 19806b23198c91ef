"""A drawing at many settings, small enough for a page: its SVG line by line, each line once.

From one setting to the next few lines of a drawing change, so that some fifty frames take hardly
more room than three. Text stays text and colours follow the page, light or dark.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from nncourse.widgets.base import Interactive

MIME = "application/vnd.nncourse.frames+json"
MOST = 200_000  # bytes

class Explored(Interactive):
    """What `explore` recorded, as a figure of the page.

    Parameters
    ----------
    recorded : dict
        What `record` returned.
    name : str
        For links to it.
    pictures : int
        Outputs after it that it stands for where a script runs.
    """

    module = "explore"

    def __init__(self, recorded: dict, name: str, pictures: int = 0) -> None:
        caption = "Recorded at the settings that the knobs stop at."
        settings = {
            "name": name, "title": "A figure with knobs", "heading": False, "goals": [],
            "caption": caption, "recorded": recorded,
        }  # fmt: skip
        super().__init__(settings, caption=caption)
        self.pictures = pictures

    def _repr_html_(self) -> str:
        """As every figure's, and how many outputs it stands for."""
        marked = f'class="nn-static nn-explore" data-stands-for="{self.pictures}"'
        return super()._repr_html_().replace('class="nn-static"', marked, 1)


_COLOURS = {"#ffffff": "var(--paper,#fff)", "#000000": "var(--ink,#000)"}
_SALT = {"svg.fonttype": "none", "svg.hashsalt": "nncourse"}


def svg_lines(figure: Figure) -> list[str]:
    """The figure's SVG in lines, places to two decimals, without what only editors need."""
    stream = io.StringIO()
    with plt.rc_context(_SALT):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    # A path over many lines is one.
    text = re.sub(r' d="([^"]*)"', lambda m: f' d="{" ".join(m[1].split())}"', text)
    text = _NUMBERS.sub(_shorter, text)
    for old, new in _COLOURS.items():
        text = text.replace(old, new)
    return [line.strip() for line in text.splitlines() if line.strip()]


# What a reader reads stays as it is, and of a picture no digit is a number.
_NUMBERS = re.compile(r'(>[^<]*<|xlink:href="data:[^"]*")|-?\d+\.\d{2,}')


def _shorter(match: re.Match) -> str:
    return match[1] or f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def record(
    draw: Callable[..., tuple[Figure, str]],
    grid: Mapping[str, Sequence],
    labels: Mapping[str, str],
    start: Mapping[str, object],
) -> dict:
    """Frames at every combination of the grid's values, as the front-end takes them.

    Parameters
    ----------
    draw : callable
        ``draw(**settings)`` returns a figure and its text.
    grid : mapping
        The values of each control.
    labels : mapping
        What each control is called.
    start : mapping
        Where the controls stand at first: the nearest values of the grid are taken.

    Raises
    ------
    ValueError
        If the frames take more than `MOST` bytes: then say how many there are.
    """
    known: dict[str, int] = {}
    frames, words = [], []
    for values in itertools.product(*grid.values()):
        figure, alt = draw(**dict(zip(grid, values, strict=True)))
        frames.append([known.setdefault(line, len(known)) for line in svg_lines(figure)])
        words.append(" ".join(alt.split()))
    size = sum(map(len, known)) + sum(map(len, words)) + 4 * sum(map(len, frames))
    if size > MOST:
        raise ValueError(
            f"the grid's {len(frames)} frames take {size:,} bytes of at most {MOST:,}: "
            "give the controls fewer values, or draw less"
        )
    controls = [
        {"name": name, "label": labels[name], "values": list(values),
         "start": _nearest(values, start[name])}
        for name, values in grid.items()
    ]  # fmt: skip
    return {"controls": controls, "lines": list(known), "frames": frames, "words": words}


def _nearest(values: Sequence, wanted: object) -> object:
    if wanted in values or isinstance(wanted, (str, bool)):
        return wanted if wanted in values else values[0]
    return min(values, key=lambda value: abs(value - wanted))


def differences(old: dict, new: dict, tolerance: float = 1.0) -> list[str]:
    """What differs between two recordings: texts, or places farther apart than `tolerance` pixels.

    Pictures within frames are not compared; what is drawn from the same numbers is.
    """
    if [old["controls"], old["words"]] != [new["controls"], new["words"]]:
        return ["the frames' controls or texts have changed"]
    faults = []
    for k, (before, after) in enumerate(zip(old["frames"], new["frames"], strict=True)):
        one, two = (
            "\n".join(which["lines"][line] for line in frame)
            for which, frame in ((old, before), (new, after))
        )
        if not _alike(one, two, tolerance):
            faults.append(f"frame {k} has changed: {new['words'][k]}")
    return faults


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _alike(one: str, two: str, tolerance: float) -> bool:
    pictures = r'xlink:href="data:[^"]*"|(?:id|clip-path|xlink:href)="[^"]*"'
    one, two = re.sub(pictures, "", one), re.sub(pictures, "", two)
    if _NUMBER.sub("0", one) != _NUMBER.sub("0", two):
        return False
    numbers = zip(_NUMBER.findall(one), _NUMBER.findall(two), strict=True)
    return all(abs(float(a) - float(b)) <= tolerance for a, b in numbers)
