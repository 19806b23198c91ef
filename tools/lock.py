"""Write the versions installed in this environment to `constraints.txt`.

To move to newer versions: edit requirements.txt, empty constraints.txt,
remove .venv, `make lock`, then `make test` with each supported Python.
"""

from importlib.metadata import distributions
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
HEADER = """\
# The versions of everything requirements.txt and tests/requirements.txt bring
# along; written by `make lock`. A constraint installs nothing by itself.
"""
NOT_OURS_TO_PIN = {"nnlib", "pip", "setuptools", "wheel"}


def main() -> None:
    pins = {d.metadata["Name"]: d.version for d in distributions()}
    lines = [
        f"{name}=={version}\n"
        for name, version in sorted(pins.items(), key=lambda pin: pin[0].lower())
        if name.lower() not in NOT_OURS_TO_PIN
    ]
    path = REPOSITORY / "constraints.txt"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"{path.name}: {len(lines)} versions")


if __name__ == "__main__":
    main()
