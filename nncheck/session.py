"""The grader's end of the line to a worker: ask, wait so long and no longer, start anew."""

import json
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy

from nncheck import codec
from nncheck.words import shown

LIMITS = {"memory": 1_500_000_000, "seconds": 60, "file_size": 5_000_000, "processes": 16}
MOST_REPLY = 64_000_000
MOST_PARTS = 1_000_000  # an array is one; a million lists in lists would take the grader's memory
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
         "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8",
         "PATH": "/usr/bin:/bin", "HOME": "/tmp"}


class Died(RuntimeError):
    """The student's process ended."""


class TooSlow(RuntimeError):
    """No answer within the limit."""


class Garbled(RuntimeError):
    """An answer that is too long or not of the protocol."""


def bootstrap(library: str, limits: dict | None) -> str:
    """The program of a worker that finds NumPy and nncheck in one folder."""
    return (f"import sys; sys.path[:0] = {library.split(os.pathsep)!r}; "
            f"from nncheck.worker import main; main({limits!r})")


def unprotected(limits: dict | None = None) -> tuple[list[str], dict]:
    """A worker without a sandbox: for one's own code, and on systems that have none."""
    library = os.pathsep.join(
        str(Path(p).resolve().parent.parent) for p in (__file__, numpy.__file__))
    environment = {k: os.environ[k] for k in ("SYSTEMROOT", "TEMP", "TMP") if k in os.environ}
    return [sys.executable, "-I", "-B", "-c", bootstrap(library, limits)], QUIET | environment


class Session:
    """One worker process.  ``command`` and ``environment`` come from `unprotected` or a sandbox."""

    def __init__(self, command: list[str], environment: dict):
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, bufsize=0, start_new_session=os.name == "posix",
            cwd=os.path.abspath(os.sep))
        self._replies = queue.Queue(maxsize=32)  # a flood of output waits in the pipe
        self._requests = queue.Queue()
        self._rest = bytearray()
        self._over = threading.Event()
        for target in (self._read, self._write):
            threading.Thread(target=target, daemon=True).start()

    def _read(self):
        with self.process.stdout as stream:
            try:
                while not self._over.is_set() and (chunk := os.read(stream.fileno(), 1 << 16)):
                    self._put(chunk)
            except OSError:
                pass
        self._put(b"")

    def _put(self, chunk):
        while not self._over.is_set():
            try:
                self._replies.put(chunk, timeout=0.5)
                return
            except queue.Full:
                continue

    def _write(self):
        with self.process.stdin as stream:
            try:
                while (data := self._requests.get()) is not None:
                    while data:
                        data = data[stream.write(data):]
            except OSError:
                pass

    def ask(self, op: str, seconds: float, **content) -> dict:
        """Ask one question; raises `Died`, `TooSlow` or `Garbled`."""
        nonce = secrets.token_hex(8)
        self._requests.put(json.dumps({"op": op, "nonce": nonce} | content).encode() + b"\n")
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TooSlow(f"no answer within {seconds:g} s")
            try:
                chunk = self._replies.get(timeout=left)
            except queue.Empty:
                continue
            if not chunk:
                raise Died("the process ended")
            self._rest += chunk
            if b"\n" in chunk:
                *lines, self._rest = self._rest.split(b"\n")
                for line in lines:
                    if (reply := _reply(line, nonce)) is not None:
                        return reply
            if len(self._rest) > MOST_REPLY:
                raise Garbled("the answer is too long")

    def close(self) -> None:
        """End the worker and all it started."""
        self._over.set()
        self._requests.put(None)
        if os.name == "posix":
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        self.process.kill()
        self.process.wait()
        # Each thread closes its own pipe, when it is done with it.  Closed from here, the number
        # of the pipe would be given to the next worker's while a thread may still be about to
        # read from it: it would take away the next worker's answer.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _reply(line: bytearray, nonce: str) -> dict | None:
    """A reply, if this line is the one that was asked for."""
    if nonce.encode() not in line:
        return None
    if len(line) > MOST_REPLY or line.count(b",") + line.count(b"[") > MOST_PARTS:
        raise Garbled("the answer is too long")
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        raise Garbled("the answer is not JSON") from None
    if type(reply) is not dict or reply.get("nonce") != nonce:
        return None
    return reply


def outcomes_of(reply: dict, asked: list[dict]) -> list[dict]:
    """The outcomes in a reply to these steps, each of a form that can be judged."""
    found = reply.get("outcomes")
    if type(found) is not list or len(found) != len(asked):
        raise Garbled("the answer does not fit the question")
    return [_outcome(outcome, len(step.get("args", []))) for step, outcome in zip(asked, found)]


def _outcome(outcome, arguments: int) -> dict:
    """One outcome, made anew of nothing but what the protocol has: it may be forged."""
    if type(outcome) is not dict:
        raise Garbled("the answer does not fit the question")
    if "missing" in outcome:
        return {"missing": shown(outcome["missing"], 80)}
    if "error" in outcome:
        return {"error": shown(outcome["error"], 60), "message": shown(outcome.get("message"), 300),
                **_where(outcome)}
    changed = outcome.get("changed", {})
    if "value" not in outcome or type(changed) is not dict or not (
            set(changed) <= set(map(str, range(arguments)))):
        raise Garbled("the answer does not fit the question")
    try:
        for coded in (outcome["value"], *changed.values()):
            codec.decode(coded)
    except (codec.Unreadable, codec.Missing, RecursionError, MemoryError):
        raise Garbled("the answer cannot be read") from None
    return {"value": outcome["value"]} | ({"changed": changed} if changed else {})


def _where(told: dict) -> dict:
    """Line and cell of an exception, if they are such."""
    line, cell = told.get("line"), told.get("cell")
    return {"line": line if type(line) is int and 0 < line < 1_000_000 else None,
            "cell": cell if type(cell) is str and re.fullmatch(r"<cell \d{1,9}>", cell) else None}


def problems_of(reply: dict) -> list[dict]:
    """What a reply says went wrong while a cell ran."""
    found = reply.get("problems")
    return [{"error": shown(p.get("error"), 60), "message": shown(p.get("message"), 200),
             **_where(p)} for p in (found if type(found) is list else [])[:20]
            if type(p) is dict]
