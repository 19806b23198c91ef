"""The line between the grader and a worker."""

import os
import threading
import time

from nncheck import session


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_a_pipe_stays_open_as_long_as_a_thread_may_read_it(monkeypatch):
    """Else its number is given to the next worker's pipe, whose answer the thread takes away."""
    read, reading, go_on = os.read, threading.Event(), threading.Event()

    def slow_read(descriptor, size):
        if threading.current_thread() is not threading.main_thread():  # starting one reads, too
            reading.set()
            go_on.wait(20)
        return read(descriptor, size)

    monkeypatch.setattr(session.os, "read", slow_read)
    worker = session.Session(*session.unprotected())
    pipe = worker.process.stdout.fileno()
    assert reading.wait(20)
    worker.close()
    assert is_open(pipe)
    go_on.set()
    for _ in range(100):
        if not is_open(pipe):
            return
        time.sleep(0.05)
    raise AssertionError("nobody closed the pipe")
