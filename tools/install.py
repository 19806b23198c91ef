"""Install into the environment of this Python, in spite of what pip is told elsewhere.

    .venv/bin/python tools/install.py -r requirements.txt

Of pip's configuration files and ``PIP_*`` only what says how the network is reached is used;
``user = true``, a target, a prefix or constraints of other projects would make pip refuse, or
put the packages where nobody looks for them.  The same holds for Python's own variables.

Runs before anything is installed: the standard library and pip alone.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

# How the index is reached, and what may be kept between two calls.
NETWORK = {
    "cache-dir", "cert", "client-cert", "default-timeout", "extra-index-url", "find-links",
    "index-url", "keyring-provider", "no-cache-dir", "no-index", "proxy", "retries", "timeout",
    "trusted-host", "use-feature",
}  # fmt: skip
SECTIONS = ("global", "install", ":env:")  # what a later one says holds
PYTHONS_OWN = {"PYTHONUTF8", "PYTHONIOENCODING"}


def network_settings(listing: Sequence[str]) -> dict[str, str]:
    """Read the lines of `pip config list`; return what concerns the network.

    >>> network_settings(["global.index-url='https://example.org'", "install.user='true'"])
    {'PIP_INDEX_URL': 'https://example.org'}
    """
    found = {}
    for section in SECTIONS:
        for line in listing:
            key, _, value = line.strip().partition("=")
            where, _, name = key.rpartition(".")
            if where == section and name in NETWORK:
                # Lists have one item a line there, and are divided by spaces in a variable.
                text = " ".join(ast.literal_eval(value).split())
                found["PIP_" + name.upper().replace("-", "_")] = text
    return found


def environment(settings: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for pip: those given without pip's and Python's, and the settings."""
    kept = {
        name: value
        for name, value in given.items()
        if not name.upper().startswith(("PIP_", "PYTHON")) or name in PYTHONS_OWN
    }
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **settings, "PIP_CONFIG_FILE": os.devnull}


def main(arguments: list[str]) -> int:
    pip = [sys.executable, "-m", "pip"]
    listing = subprocess.run([*pip, "config", "list"], capture_output=True, text=True)
    variables = environment(network_settings(listing.stdout.splitlines()), os.environ)
    return subprocess.run([*pip, "install", "--quiet", *arguments], env=variables).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
