"""What tests of several folders share."""

import pytest


@pytest.fixture(scope="session")
def playwright():
    """One Playwright for the whole session: a second one would refuse to start."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright
