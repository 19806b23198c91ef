"""The lock file `constraints.txt`: write it, and check that it holds on every Python named.

    python -m tools.lock             write the versions installed in this environment
    python -m tools.lock --check     do they suit every Python of the README? (no network)
    python -m tools.lock --resolve   the same asked of pip and its index, which installs nothing

Each pin carries, as a comment, the Pythons that its makers allow.  So the check needs neither a
network nor an installation; what it cannot see (a missing wheel, say), ``--resolve`` does.

To move to newer versions: edit requirements.txt, empty constraints.txt, remove .venv, make it
with the *oldest* Python named (pip then takes no version that is too new for it), `make lock`,
then `make test` with each Python.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).resolve().parent.parent
HEADER = """\
# The versions of everything requirements.txt and tests/requirements.txt bring
# along, and the Pythons each allows; written by `make lock`. A constraint
# installs nothing by itself.
"""
NOT_OURS_TO_PIN = {"nnlib", "pip", "setuptools", "wheel"}
PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?:\s+# Python (?P<pythons>\S+))?\s*$")
NAMED = re.compile(r"with Python ((?:3\.\d+, )*3\.\d+ or 3\.\d+)")
LATE = 30  # no Python has had as many corrections: 3.13.30 stands for the newest 3.13


def pythons_named(readme: str) -> list[str]:
    """Return the first and a late release of each Python that the README names."""
    named = NAMED.search(readme)
    if not named:
        raise ValueError("the README no longer says 'with Python 3.x, 3.y or 3.z'")
    minors = re.findall(r"3\.\d+", named[1])
    return [f"{minor}.{micro}" for minor in minors for micro in (0, LATE)]


def pins(text: str) -> Iterator[re.Match]:
    """Read the lines of a lock file; refuse one that is no exact pin."""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pin = PIN.match(line)
        if not pin:
            raise ValueError(f"not an exact pin: {line!r}")
        yield pin


def misfits(text: str, pythons: list[str]) -> list[str]:
    """Tell which pins of a lock file exclude one of the Pythons, and which one."""
    found = []
    for pin in pins(text):
        if pin["pythons"] is None:
            found.append(f"{pin['name']}=={pin['version']}: no Python noted, run `make lock`")
            continue
        allowed = SpecifierSet("" if pin["pythons"] == "any" else pin["pythons"])
        refused = [python for python in pythons if python not in allowed]
        if refused:
            found.append(
                f"{pin['name']}=={pin['version']} allows Python {pin['pythons']} only, "
                f"not {', '.join(refused)}"
            )
    return found


def installed() -> str:
    """Return the lock file of this environment."""
    lines = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name.lower() not in NOT_OURS_TO_PIN:
            allowed = (one.metadata.get("Requires-Python") or "any").replace(" ", "")
            lines[name.lower()] = f"{name}=={one.version}  # Python {allowed}\n"
    return HEADER + "".join(lines[name] for name in sorted(lines))


def unresolved(python: str) -> str:
    """Ask pip whether the requirements can be had as wheels for a Python; '' if so."""
    wanted = []
    for file in ("requirements.txt", "tests/requirements.txt"):
        lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
        wanted += [line for line in lines if "==" in line]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    command += ["--disable-pip-version-check", "--python-version", python, "--only-binary=:all:"]
    command += ["--target", "unused", "-c", str(REPOSITORY / "constraints.txt"), *wanted]
    answer = subprocess.run(command, capture_output=True, text=True)
    return "" if answer.returncode == 0 else answer.stderr.strip()


def main(how: str = "") -> int:
    path = REPOSITORY / "constraints.txt"
    pythons = pythons_named((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    if how == "":
        path.write_text(installed(), encoding="utf-8", newline="\n")
    elif how not in ("--check", "--resolve"):
        print(f"tools.lock: {how!r} is neither --check nor --resolve", file=sys.stderr)
        return 2
    text = path.read_text(encoding="utf-8")
    faults = misfits(text, pythons)
    if how == "--resolve":
        faults += [
            f"Python {python}: {reason}"
            for python in pythons
            if python.endswith(".0") and (reason := unresolved(python))
        ]
    if faults:
        print(f"{path.name}:", *faults, sep="\n  ", file=sys.stderr)
        return 1
    count = sum(1 for _ in pins(text))
    first, last = pythons[0], pythons[-1].rpartition(".")[0]
    print(f"{path.name}: {count} versions, each good for Python {first} to the newest {last}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
