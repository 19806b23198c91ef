"""What `pip install .` brings along: three packages, all their data, and nothing else."""

import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("nnlib", "nncourse", "nncheck")
# Sources of the page's modules belong to the package; what checks them at development time not.
AT_MOST = 2_000_000  # bytes, packed


@pytest.fixture(scope="module")
def tracked():
    """All files of the three packages that git knows."""
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True,
                            text=True)
    if listed.returncode or not listed.stdout:
        pytest.skip("not a git work tree")
    return [path for path in listed.stdout.split("\n") if path and (ROOT / path).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that pip would build and install."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("package")
    for name in (*PACKAGES, "tests"):  # tests lie beside the packages, as in the repository
        shutil.copytree(ROOT / name, folder / name,
                        ignore=shutil.ignore_patterns("__pycache__", "node_modules", "fixtures"))
    (folder / "tests" / "node_modules" / "a").mkdir(parents=True)
    (folder / "tests" / "node_modules" / "a" / "__init__.py").write_text("")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    code = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=folder,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / done.stdout.strip().split("\n")[-1]


def test_all_files_of_the_packages_and_no_others_are_installed(wheel, tracked):
    names = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert names == set(tracked)


def test_it_is_small(wheel, measured):
    measured("the wheel, bytes", wheel.stat().st_size)
    assert wheel.stat().st_size < AT_MOST


def test_it_asks_for_numpy_alone_and_runs_on_it(wheel, tmp_path):
    archive = zipfile.ZipFile(wheel)
    text = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    needs = Parser().parsestr(archive.read(text).decode()).get_all("Requires-Dist")
    assert [n.partition(">")[0] for n in needs if "extra ==" not in n] == ["numpy"]
    archive.extractall(tmp_path)
    code = ("import sys, nnlib, nncheck; nnlib.Network(2, [nnlib.Dense(1)])([[1, 2]]);"
            "nncheck.load('relu'); print(nnlib.__file__); "
            "print(*{'matplotlib', 'sklearn', 'nncourse'} & set(sys.modules))")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    where, others = done.stdout.split("\n")[:2]
    assert Path(where).is_relative_to(tmp_path) and not others
