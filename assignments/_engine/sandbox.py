"""Where student code runs: no network, nothing to read but Python and NumPy, nothing to write
but a small private /tmp, process ids and a user of its own.

Three ways, the first that passes its own trial is taken: bubblewrap; the same walls built with
`unshare`, `mount`, `chroot` and `setpriv`; and, only if one asks for it, none.
"""

import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy

import nncheck
from nncheck import session

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = "/library"
PYTHON = os.path.realpath(sys.executable)
SYSTEM = [p for p in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache",
                      "/etc/alternatives") if os.path.exists(p)]
FIRST_USER = 1_000_000  # far from any account


class NoSandbox(RuntimeError):
    """This platform offers none of the walls."""


@dataclass(frozen=True)
class Sandbox:
    """A way to start workers."""

    name: str
    limits: dict = field(default_factory=lambda: dict(session.LIMITS), hash=False)

    def start(self, slot: int = 0) -> session.Session:
        """A new worker; slots that run side by side have users of their own (if root grades)."""
        if self.name == "none":
            return session.Session(*session.unprotected(self.limits))
        make = {"bubblewrap": _bubblewrap, "unshare": _unshare}[self.name]
        python = [PYTHON, "-I", "-S", "-B", "-c", session.bootstrap(LIBRARY, self.limits)]
        return session.Session([*make(slot), *python], session.QUIET | {"PATH": os.environ.get(
            "PATH", "/usr/sbin:/usr/bin:/sbin:/bin")} if self.name == "unshare" else session.QUIET)


def _mounts() -> list[tuple[str, str]]:
    """What can be read inside: (outside, inside).  Nothing of the course but nncheck."""
    package = Path(numpy.__file__).resolve().parent
    mounts = [(p, p) for p in SYSTEM]
    if not Path(sys.base_prefix).resolve().is_relative_to("/usr"):
        mounts.append((str(Path(sys.base_prefix).resolve()),) * 2)
    mounts.append((str(package), f"{LIBRARY}/numpy"))
    if (libs := package.parent / "numpy.libs").is_dir():
        mounts.append((str(libs), f"{LIBRARY}/numpy.libs"))
    mounts.append((_copy_of_nncheck(), f"{LIBRARY}/nncheck"))
    return mounts


@cache
def _masked() -> list[str]:
    """Installed packages, which may be the course's own: an empty folder lies over them."""
    bases = {Path(sys.base_prefix).resolve(), Path("/usr"), Path("/usr/local")}
    return sorted({str(p) for base in bases for kind in ("site", "dist")
                   for p in base.glob(f"lib*/python*/{kind}-packages") if not p.is_symlink()})


@cache
def _copy_of_nncheck() -> str:
    """The modules alone, readable by everyone whatever the umask was."""
    folder = Path(tempfile.mkdtemp(prefix="nncheck-"))
    import atexit
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    for file in Path(nncheck.__file__).parent.glob("*.py"):
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(0o644)
    return str(folder)


def _as_nobody(slot: int) -> list[str]:
    """Another user for each slot, so that one's forks do not use up another's."""
    user = str(FIRST_USER + os.getpid() % 20_000 * 64 + slot % 64)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
            "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL"]


def _bubblewrap(slot: int) -> list[str]:
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
               "--unshare-cgroup-try", "--die-with-parent", "--new-session"]
    command += ["--size", "64000000", "--perms", "1777", "--tmpfs", "/tmp"]
    parents = {str(p) for _, inside in _mounts() for p in list(Path(inside).parents)[:-1]}
    for folder in sorted(parents - {inside for _, inside in _mounts()} - {"/tmp"}):
        command += ["--perms", "0755", "--dir", folder]
    for outside, inside in _mounts():
        if os.path.islink(outside):
            command += ["--symlink", os.readlink(outside), inside]
        else:
            command += ["--ro-bind", outside, inside]
    for folder in _masked():
        command += ["--perms", "0755", "--tmpfs", folder, "--remount-ro", folder]
    command += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/tmp", "--remount-ro", "/"]
    if os.geteuid() == 0:
        return [*command, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add",
                "CAP_SETGID", "--cap-add", "CAP_SETPCAP", *_as_nobody(slot)]
    return [*command, "--unshare-user", "--disable-userns"]


WALLS = r"""
set -e
root=$1; shift
mount -t tmpfs -o size=1m,mode=755,nosuid,nodev tmpfs "$root"
mkdir -p "$root/proc" "$root/tmp"
mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev tmpfs "$root/tmp"
while [ "$1" != -- ]; do
    if [ "$1" = empty ]; then
        mount -t tmpfs -o size=4k,mode=755,ro tmpfs "$root$2"
    elif [ -L "$1" ]; then
        ln -s "$(readlink "$1")" "$root$2"
    else
        if [ -d "$1" ]; then mkdir -p "$root$2"
        else mkdir -p "$(dirname "$root$2")"; : > "$root$2"; fi
        mount --bind "$1" "$root$2"
        case "$1" in /dev/*) ;; *) mount -o remount,bind,ro,nosuid,nodev "$root$2";; esac
    fi
    shift 2
done
shift
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot "$root" "$@"
"""


@cache
def _empty_folder() -> str:
    import atexit
    folder = tempfile.mkdtemp(prefix="walls-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _unshare(slot: int) -> list[str]:
    root = os.geteuid() == 0
    command = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork",
               "--kill-child=KILL", "--propagation=private"]
    command += [] if root else ["--map-root-user"]
    mounts = [m for pair in _mounts() for m in pair]
    for folder in _masked():
        mounts += ["empty", folder]
    for device in ("null", "zero", "random", "urandom"):
        mounts += [f"/dev/{device}"] * 2
    drop = _as_nobody(slot) if root else [
        "setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return [*command, "sh", "-c", WALLS, "walls", _empty_folder(), *mounts, "--", *drop]


TRIAL = """
import os, socket
def trial(secret):
    found = []
    try:
        open(secret).read()
        found.append("reads the grader's files")
    except OSError:
        pass
    for place in ("/", "/usr", "/library", "/library/numpy", "/var/tmp", "/dev/shm", "/home"):
        try:
            open(os.path.join(place, "nncheck-trial"), "w").close()
            os.remove(os.path.join(place, "nncheck-trial"))
            if place != "/dev/shm":
                found.append("writes into " + place)
        except OSError:
            pass
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=0.2)
        found.append("has a network")
    except OSError as error:
        if "unreachable" not in str(error).lower():
            found.append("has a network: " + str(error))
    if os.getpid() > 50:
        found.append("sees the system's processes")
    try:
        open("/tmp/own", "w").write("x")
    except OSError:
        found.append("has no /tmp")
    return found
"""


def tried(sandbox: Sandbox) -> str | None:
    """None if the sandbox works and holds, else why not."""
    step = {"do": "call", "name": "trial", "args": [{"t": "plain", "v": str(Path(__file__))}]}
    try:
        with sandbox.start() as worker:
            worker.ask("load", 20, entry={"cell": 0, "source": TRIAL, "whole": True})
            outcome = worker.ask("run", 20, steps=[step])["outcomes"][0]
    except (OSError, RuntimeError) as error:
        return f"does not start ({error})"
    if outcome.get("value") == {"t": "list", "v": []}:
        return None
    return "does not hold: " + json.dumps(outcome)[:300]


@cache
def choose(unsafe: bool = False, only: str | None = None) -> Sandbox:
    """The best sandbox that this machine has.

    Raises
    ------
    NoSandbox
        If there is none, and ``unsafe`` is not set.
    """
    reasons = []
    for name, program in (("bubblewrap", "bwrap"), ("unshare", "unshare")):
        if only not in (None, name):
            continue
        if not sys.platform.startswith("linux") or shutil.which(program) is None:
            reasons.append(f"{name}: not installed")
            continue
        reason = tried(Sandbox(name))
        if reason is None:
            return Sandbox(name)
        reasons.append(f"{name}: {reason}")
    if unsafe:
        return Sandbox("none")
    raise NoSandbox(
        "Student code is only run behind walls, and this machine offers none ("
        + "; ".join(reasons) + "). On Debian or Ubuntu: apt install bubblewrap. On macOS and "
        "Windows grade in a Linux container. To grade without walls all the same, for "
        "submissions that you trust like your own code: --unsafe.")
