"""The bundles in the repository are what esbuild makes of the sources."""

import shutil
import subprocess
from pathlib import Path

import pytest

from nncourse.widgets import base, registry

HERE = Path(__file__).parent


def test_the_bundles_are_those_of_the_sources(tmp_path):
    if not (HERE / "node_modules" / "esbuild").exists() or shutil.which("node") is None:
        pytest.skip("no esbuild here: npm install --no-package-lock --prefix tests/widgets")
    command = ["node", "bundle.mjs", str(tmp_path)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    here = {path.name: base.bundle(path.name) for path in base.BUNDLED.iterdir()}
    assert sorted(made) == sorted(here)
    stale = [name for name in made if made[name] != here[name]]
    assert not stale, f"run `npm run --prefix tests/widgets bundle`: {stale} are stale"


def test_every_bundled_figure_is_listed():
    listed = {registry.figure_class(name).module for name in registry.FIGURES}
    assert listed | {"explore"} == set(base.module_names())  # `explore` makes its figure itself


def test_shared_parts_are_on_a_page_once():
    """What the kit holds is in no figure's own file."""
    for name in base.module_names():
        assert "pointermove" not in base.bundle(f"{name}.js")
        assert len(base.bundle(f"{name}.js")) < 40_000
    assert base.bundle("kit.js").count("crypto.randomUUID") == 1
