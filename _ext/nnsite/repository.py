"""Buttons that lead to the repository: source, issues, Binder.

The address is not written down anywhere: it is that of the CI's environment
or of the git remote at build time. Where there is none that the buttons
could use, they are left out.
"""

import os
import re
import subprocess
from pathlib import Path

ADDRESS = re.compile(
    r"^(?:https://(?:[^@/]+@)?|ssh://git@|git@)github\.com[:/]"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$"
)


def git(folder: Path, *arguments: str) -> str:
    """Return what git says, or nothing where git or the repository is missing.

    The clone may be another user's (a hub's, an image's), of which git says nothing unless it is
    called safe. It is: its code is being run.
    """
    command = ["git", "-c", "safe.directory=*", *arguments]
    try:
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()


def find_repository(folder: Path, environment=os.environ) -> tuple[str, str] | None:
    """Return the repository's address and branch, or None.

    GitHub alone is recognised: elsewhere the addresses behind the buttons
    have another form.
    """
    if environment.get("GITHUB_REPOSITORY"):
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        remote = f"{server}/{environment['GITHUB_REPOSITORY']}"
    else:
        remote = git(folder, "config", "--get", "remote.origin.url")
    match = ADDRESS.match(remote)
    if not match:
        return None
    branch = ""
    if environment.get("GITHUB_REF_TYPE") == "branch":
        branch = environment.get("GITHUB_REF_NAME", "")
    if not branch:
        head = git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
        branch = head.removeprefix("origin/") or "main"
    return f"https://github.com/{match['owner']}/{match['name']}", branch


def place_in_repository(folder: Path) -> str | None:
    """Return where the book lies in the repository, or None if the repository has it not.

    The course may be unpacked inside somebody's repository: its pages are not there then.
    """
    if not git(folder, "ls-files", "--", "_toc.yml"):
        return None
    return git(folder, "rev-parse", "--show-prefix").rstrip("/")


def add_buttons(app, config):
    repository = find_repository(Path(app.srcdir))
    place = place_in_repository(Path(app.srcdir))
    if place is None and os.environ.get("GITHUB_REPOSITORY"):
        place = ""  # CI says where the book is from
    if repository is None or place is None:
        return
    address, branch = repository
    config.html_theme_options |= {
        "path_to_docs": place,
        "repository_url": address,
        "repository_branch": branch,
        "use_repository_button": True,
        "use_issues_button": True,
        # No button for Colab: it opens a notebook without this repository,
        # where the first cell (import nnlib) fails.
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }


def setup(app):
    # Early: the theme reads its options when the builder starts.
    app.connect("config-inited", add_buttons, priority=100)
