"""A progress bar for long trainings, where tqdm is installed and somebody is watching."""

from __future__ import annotations

import os


class _NoBar:
    """Stands in for a progress bar where none is wanted."""

    def update(self) -> None: ...

    def set_postfix(self, **values) -> None: ...

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None: ...


def progress_bar(epochs: int, wanted: bool | None):
    """A bar of so many epochs, as a context; ``wanted`` None: shown after two seconds."""
    # tqdm's form for notebooks does not obey TQDM_DISABLE by itself.
    if wanted is False or (wanted is None and os.environ.get("TQDM_DISABLE", "") not in ("", "0")):
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(total=epochs, unit="epoch", leave=False, delay=0 if wanted else 2)
