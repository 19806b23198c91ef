"""Compare the pictures a notebook shows with those it showed when committed."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

# On the scale of 0 to 255. Rounding in the last digits of a curve moves its
# edge by a small part of a pixel and stays far below both; a changed digit in
# a label changes its neighbourhood by more than 50.
WHOLE_TOLERANCE = 1.0
TILE_TOLERANCE = 20.0
TILE = 32  # pixels; a figure has two of them for each of the page


@dataclass(frozen=True)
class Picture:
    """A picture in a cell's outputs, with the text that stands for it."""

    png: bytes
    alt: str

    def pixels(self) -> np.ndarray:
        """Return the picture on white, shape (height, width, 3), as floats."""
        image = Image.open(io.BytesIO(self.png)).convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return np.asarray(
            Image.alpha_composite(white, image).convert("RGB"), dtype=np.float64
        )


def pictures(outputs) -> list[Picture]:
    """Return the PNG pictures among a cell's outputs, in order."""
    found = []
    for output in outputs:
        encoded = output.get("data", {}).get("image/png")
        if encoded is not None:
            about = output.get("metadata", {}).get("image/png", {})
            png = base64.b64decode("".join(encoded))
            found.append(Picture(png, about.get("alt", "")))
    return found


def root_mean_square(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(difference**2))) if difference.size else 0.0


def worst_tile(difference: np.ndarray) -> float:
    """Return the largest root mean square among the tiles of a picture.

    A small change, say of one digit, drowns in the mean over a whole picture,
    but not in that over its own neighbourhood.
    """
    height, width = difference.shape[:2]
    return max(
        root_mean_square(difference[row : row + TILE, column : column + TILE])
        for row in range(0, height, TILE)
        for column in range(0, width, TILE)
    )


def save(folder: Path, name: str, expected: Picture, actual: Picture) -> list[Path]:
    """Write both pictures and, if they have one size, their difference."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}-expected.png", folder / f"{name}-actual.png"]
    for path, picture in zip(paths, (expected, actual), strict=True):
        path.write_bytes(picture.png)
    old, new = expected.pixels(), actual.pixels()
    if old.shape == new.shape:
        # White where nothing changed; differences four times as strong as they are.
        strong = 255 - np.clip(4 * np.abs(old - new), 0, 255)
        paths.append(folder / f"{name}-difference.png")
        Image.fromarray(strong.astype(np.uint8)).save(paths[-1])
    return paths


def difference(
    expected: Picture, actual: Picture, tolerance: float | None = None
) -> str | None:
    """Say how two pictures differ, or return None if they agree.

    A figure that shows rounding errors themselves looks a little different on
    every processor. Its cell may name a `tolerance` of its own for the root
    mean square over the whole picture, and is then not compared tile by tile.
    """
    if expected.png == actual.png:
        return None
    old, new = expected.pixels(), actual.pixels()
    if old.shape != new.shape:
        return (
            f"{old.shape[1]} x {old.shape[0]} pixels are committed, "
            f"{new.shape[1]} x {new.shape[0]} were drawn"
        )
    whole, tile = root_mean_square(old - new), worst_tile(old - new)
    if tolerance is not None:
        if whole <= tolerance:
            return None
        return f"root mean square difference {whole:.2f} (at most {tolerance}), of 255"
    if whole <= WHOLE_TOLERANCE and tile <= TILE_TOLERANCE:
        return None
    return (
        f"root mean square difference {whole:.2f} (at most {WHOLE_TOLERANCE}), "
        f"in the worst {TILE} x {TILE} pixels {tile:.1f} (at most {TILE_TOLERANCE}), "
        "of 255"
    )


def compare(
    committed, redrawn, folder: Path, name: str, tolerance: float | None = None
) -> list[str]:
    """Compare the pictures in two lists of outputs; return the faults found.

    Pictures that differ are saved in `folder` under names that begin with
    `name`. For `tolerance` see `difference`.
    """
    expected, actual = pictures(committed), pictures(redrawn)
    if len(expected) != len(actual):
        return [
            f"{len(expected)} pictures are committed, {len(actual)} were drawn: "
            "run `make refresh`"
        ]
    faults = []
    for number, (old, new) in enumerate(zip(expected, actual, strict=True), 1):
        how = difference(old, new, tolerance)
        if how:
            saved = save(folder, f"{name}-picture{number}", old, new)
            faults.append(
                f"picture {number} is drawn differently now: {how}; see "
                + ", ".join(map(str, saved))
            )
        if old.alt != new.alt:
            faults.append(
                f"picture {number}: the text is {old.alt!r} in the file, "
                f"but {new.alt!r} now"
            )
    return faults
