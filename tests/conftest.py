"""What tests of several folders share."""

import json
import os
from pathlib import Path

import pytest

MEASURED = Path(__file__).resolve().parent.parent / "_build" / "measured.json"


@pytest.fixture(scope="session")
def playwright():
    """One Playwright for the whole session: a second one would refuse to start."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def measured():
    """Note a figure of speed, for the benchmarks: tests do not judge speed, only standstill.

    Side by side with other tests nothing is noted: the figure would tell of them.
    """

    def note(name: str, value: float) -> None:
        if "PYTEST_XDIST_WORKER" in os.environ:
            return
        MEASURED.parent.mkdir(exist_ok=True)
        known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
        # In one piece: another `make test` may be reading it.
        whole = MEASURED.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps(known | {name: round(value, 1)}, indent=1))
        whole.replace(MEASURED)

    return note
