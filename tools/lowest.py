"""Run the library's tests with the lowest version of everything that pyproject.toml allows.

    python -m tools.lowest [ARGUMENTS FOR PYTEST]

Without a file or folder: the unit tests, and those of the interactives' Python.  The environment is
``.venv-lowest``; it is made anew when pyproject.toml changes.  (What the tests themselves need is
not held low.)  A package without a lowest version in pyproject.toml is an error: nobody would
know what was tested.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv-lowest"
LOWEST = re.compile(r"(?P<name>[\w.-]+)\s*>=\s*(?P<version>[\d.]+)$")
FOR_THE_TESTS = ("pytest", "nbval", "nbclient", "hypothesis", "autograd", "dask", "distributed",
                 "playwright")  # fmt: skip


def lowest_versions(project: dict) -> dict[str, str]:
    """Read the dependencies of a pyproject.toml: name -> lowest version.

    Raises
    ------
    ValueError
        If one has no lowest version, or more than that.
    """
    wanted = [*project["dependencies"]]
    for extra in project.get("optional-dependencies", {}).values():
        wanted += extra
    found = {}
    for requirement in wanted:
        match = LOWEST.match(requirement)
        if not match:
            raise ValueError(
                f"pyproject.toml: {requirement!r} should read 'name>=lowest version', so that "
                "`make test-lowest` can test it"
            )
        found[match["name"]] = match["version"]
    return found


def make(pins: dict[str, str]) -> Path:
    """Make the environment, if it is not there yet; return its Python."""
    python = ENVIRONMENT / "bin" / "python"
    constraints = "".join(f"{name}=={version}\n" for name, version in pins.items())
    made_for = ENVIRONMENT / "made-for"
    key = f"{REPOSITORY}\n{constraints}"
    if made_for.exists() and made_for.read_text(encoding="utf-8") == key:
        return python
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    print(f"Making {ENVIRONMENT.name} (once; some minutes) ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    (ENVIRONMENT / "constraints.txt").write_text(constraints, encoding="utf-8")
    install = [python, REPOSITORY / "tools" / "install.py", "-c", ENVIRONMENT / "constraints.txt"]
    subprocess.run([*install, "-e", f"{REPOSITORY}[chapters]", *FOR_THE_TESTS], check=True)
    made_for.write_text(key, encoding="utf-8")
    return python


def main(arguments: list[str]) -> int:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = lowest_versions(project)
    python = make(pins)
    print("Lowest versions:", *(f"{name} {version}" for name, version in pins.items()), flush=True)
    # Figures are compared with those of today's matplotlib: the chapters are for `make test`.
    tests = [*arguments, *(() if names_tests(arguments) else ("tests/unit", "tests/widgets"))]
    return subprocess.run([python, "-m", "pytest", *tests], cwd=REPOSITORY).returncode


def names_tests(arguments: list[str]) -> bool:
    """Is there a file or folder among pytest's arguments, or are they options alone?"""
    return any((REPOSITORY / one.partition("::")[0]).exists() for one in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
