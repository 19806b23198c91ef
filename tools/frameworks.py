"""Run and test the chapter on other libraries, in an environment of its own.

    python -m tools.frameworks [ARGUMENTS FOR PYTEST]
    python -m tools.frameworks --refresh

Makes ``.venv-frameworks`` from requirements-frameworks.txt, and again when that file changes;
without arguments it then tests the notebooks that need the frameworks.
``--refresh`` runs those notebooks again and stores their outputs.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from tools.notebooks import FRAMEWORKS, REPOSITORY, chapters

ENVIRONMENT = REPOSITORY / ".venv-frameworks"
REQUIREMENTS = REPOSITORY / "requirements-frameworks.txt"


def key() -> str:
    """Say what the environment depends on: files, folder and Python."""
    files = (REQUIREMENTS, REPOSITORY / "constraints.txt", REPOSITORY / "pyproject.toml")
    about = [str(REPOSITORY), sys.version, *(f.read_text(encoding="utf-8") for f in files)]
    return hashlib.sha256("\n".join(about).encode()).hexdigest()


def make() -> Path:
    """Make the environment, unless it is there and up to date; return its Python."""
    python, made_for = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "made-for"
    if made_for.exists() and made_for.read_text(encoding="utf-8") == key():
        return python
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    print(f"Making {ENVIRONMENT.name} (once; some minutes, about 3 GB) ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    install = [python, REPOSITORY / "tools" / "install.py", "-r", REQUIREMENTS]
    subprocess.run(install, cwd=REPOSITORY, check=True)
    made_for.write_text(key(), encoding="utf-8")
    return python


def needy() -> list[Path]:
    """Return the chapters whose metadata say that they need the frameworks."""
    return [
        path
        for path in chapters()
        if nbformat.read(path, as_version=4).metadata.get("nnlib", {}).get("needs") == FRAMEWORKS
    ]


def main(arguments: list[str]) -> int:
    python = make()
    if arguments == ["--refresh"]:
        command = [python, "-m", "tools.refresh", *needy()]
    else:
        command = [python, "-m", "pytest", *(arguments or needy())]
    return subprocess.run(command, cwd=REPOSITORY).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
