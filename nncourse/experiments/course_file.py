"""Where a file of the repository lies, from wherever a chapter is run."""

from __future__ import annotations

from pathlib import Path

WHOLE = (
    "It is part of the course's repository: open the chapter from a copy of the whole repository."
)


def course_file(name: Path | str, start: Path | str = ".", remedy: str = WHOLE) -> Path:
    """Find a file of the repository.

    Parameters
    ----------
    name : path
        From the top of the repository, such as ``benchmarks/results.json``.
    start : path
        Where to begin to look: this folder and those above it, then the one that holds this
        package.
    remedy : str
        What to do where it is missing; the error says so.

    Raises
    ------
    FileNotFoundError
        If it is in none of them.
    """
    here = Path(start).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{Path(name).as_posix()} is neither in {here} nor above it. {remedy}")
