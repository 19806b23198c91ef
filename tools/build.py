"""Build the book from the committed outputs; every warning is an error.

    python -m tools.build [FOLDER]

FOLDER (default: the repository) gets `_build/html`. What an earlier build
left there is removed first: Sphinx would not repeat the warnings of pages
that it does not read again.
"""

import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def main(folder: Path = REPOSITORY) -> None:
    from jupyter_book.cli.main import main as jupyter_book

    for leftover in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(folder / "_build" / leftover, ignore_errors=True)
    jupyter_book(
        ["build", "-W", "--keep-going", "--quiet", "--path-output", str(folder)]
        + [str(REPOSITORY)],
        prog_name="jupyter-book",
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
