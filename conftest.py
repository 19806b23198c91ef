"""Loaded by pytest for the tests and for the chapters, which are tests too."""

pytest_plugins = ["tests.notebooks.plugin"]
