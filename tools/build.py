"""Build the book from the committed outputs; every warning is an error.

    python -m tools.build [FOLDER]

FOLDER (default: the repository) gets `_build/html`. What an earlier build
left there is removed first: Sphinx would not repeat the warnings of pages
that it does not read again. Of two builds into one folder the second waits.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def main(folder: Path = REPOSITORY) -> None:
    from jupyter_book.cli.main import main as jupyter_book

    with alone_in(folder / "_build"):
        for leftover in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(folder / "_build" / leftover, ignore_errors=True)
        jupyter_book(
            ["build", "-W", "--keep-going", "--quiet", "--path-output", str(folder)]
            + [str(REPOSITORY)],
            prog_name="jupyter-book",
        )


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process works in this folder, and hold it; a killed one lets go."""
    try:
        import fcntl
    except ImportError:  # Windows, which the Makefile is not for
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another build into {folder} ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        yield


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
