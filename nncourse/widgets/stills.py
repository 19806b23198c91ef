"""Still pictures of the figures, as SVG text: what shows where no script runs.

Colours are of middle brightness and text takes the page's colour, so that they can be
seen on light and dark pages alike.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

_LADDER = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]])


def curves(train: np.ndarray, validation: np.ndarray, *, label: str, top: float) -> str:
    """Two loss curves over the epochs, the lowest validation loss marked.

    The text alternative is ``label`` and the numbers that the picture shows.
    """
    width, height, left, bottom = 480, 260, 44, 220
    last = len(train) - 1

    def x(epoch: float) -> float:
        return left + epoch / last * (width - left - 12)

    def y(loss: float) -> float:
        return bottom - min(loss, top) / top * (bottom - 20)

    def line(values: np.ndarray, style: str) -> str:
        points = " ".join(f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate(values))
        return f'<polyline fill="none" stroke-width="2.5" {style} points="{points}"/>'

    best = int(np.argmin(validation))
    said = (
        f"{label} Loss over {last} epochs: training from {train[0]:.2f} to {train[-1]:.2f}; "
        f"validation from {validation[0]:.2f}, lowest at epoch {best} with "
        f"{validation[best]:.2f}, and {validation[-1]:.2f} at the end."
    )
    side, anchor = (5, "start") if best < last / 2 else (-5, "end")
    ticks = [_text(x(e), bottom + 18, f"{e:g}") for e in np.linspace(0, last, 5)]
    ticks += [_text(left - 8, y(v) + 4, f"{v:.2g}", "end") for v in (0, top / 2, top)]
    parts = [
        f'<path d="M{left},20V{bottom}H{width - 12}" fill="none" stroke="#888"/>',
        f'<path d="M{x(best):.1f},20V{bottom}" stroke="#1a9870" stroke-width="2"/>',
        line(train, 'stroke="#2b8cc4"'),
        line(validation, 'stroke="#d9722a" stroke-dasharray="7 3"'),
        _text(x(best) + side, 32, f"lowest validation loss: epoch {best}", anchor),
        _text((left + width) / 2, height - 4, "epoch (solid: training, dashed: validation)"),
        _text(4, 12, "loss", "start"),
        *ticks,
    ]
    return _picture(width, height, said, parts)


def grid(
    scores: np.ndarray,
    diverged: np.ndarray,
    chaotic: np.ndarray,
    rates: Sequence[float],
    penalties: Sequence[float],
    *,
    label: str,
) -> str:
    """Scores (size, size) as coloured cells, learning rate up, L2 strength across.

    What diverged or is chaotic has no score.  The text alternative is ``label`` and the numbers
    that the picture shows.
    """
    lost = diverged | chaotic
    size, left, cell = len(rates), 60, 400 / len(rates)
    shown = np.where(lost, np.nan, scores)
    row, column = np.unravel_index(np.nanargmax(shown), shown.shape)
    rows = (
        f"{rates[k]:.2g}: {100 * np.nanmax(shown[k]):.0f} %"
        for k in reversed(range(size))
        if not lost[k].all()
    )
    said = (
        f"{label} The best of each learning rate, {', '.join(rows)}. The best of all, "
        f"{100 * shown[row, column]:.1f} %, has learning rate {rates[row]:.2g} and L2 strength "
        f"{penalties[column]:.2g}. {int(diverged.sum())} of {size * size} diverged, "
        f"{int(chaotic.sum())} more are chaotic."
    )
    parts = [_text(4, 12, "learning rate", "start")]
    for row, column in np.ndindex(scores.shape):
        x, y = left + column * cell, 20 + (size - 1 - row) * cell
        score = float(scores[row, column])
        fill = "none" if lost[row, column] else f"rgb{_shade(score)}"
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell - 2:.1f}" height="{cell - 2:.1f}" '
            f'fill="{fill}" stroke="#888" stroke-width="0.5"/>'
        )
        if lost[row, column]:
            parts.append(_text(x + cell / 2, y + cell / 2 + 4, "×"))
    for k in range(0, size, size // 6):
        parts.append(_text(left - 6, 24 + (size - 0.5 - k) * cell, f"{rates[k]:g}", "end"))
        parts.append(_text(left + (k + 0.5) * cell, 436, f"{penalties[k]:g}"))
    said_of_colours = "L2 strength (bright: more right answers; ×: diverged, chaotic)"
    parts.append(_text(left + 200, 456, said_of_colours))
    return _picture(470, 464, said, parts)


def _shade(value: float) -> tuple[int, ...]:
    place = min(max(value, 0.0), 1.0) * (len(_LADDER) - 1)
    k = min(int(place), len(_LADDER) - 2)
    mixed = _LADDER[k] + (_LADDER[k + 1] - _LADDER[k]) * (place - k)
    return tuple(int(round(channel)) for channel in mixed)


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'font-size="13" fill="currentColor">{html.escape(text)}</text>'
    )


def _picture(width: int, height: int, label: str, parts: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" role="img" aria-label="{html.escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
