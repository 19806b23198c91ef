"""The line between the grader and a worker."""

import os
import threading

from nncheck import session


def test_a_worker_that_has_ended_takes_no_answer_from_the_next(monkeypatch):
    """A thread that is about to read when its worker is closed reads nothing of another's."""
    read, reading, go_on = os.read, threading.Event(), threading.Event()

    def slow_read(descriptor, size):
        if threading.current_thread() is threading.main_thread():  # starting a process reads, too
            return read(descriptor, size)
        monkeypatch.setattr(session.os, "read", read)  # the next worker reads as always
        reading.set()
        go_on.wait(20)
        return read(descriptor, size)

    monkeypatch.setattr(session.os, "read", slow_read)
    first = session.Session(*session.unprotected())
    assert reading.wait(20)
    first.close()
    entry = {"cell": 1, "source": "x = 1", "whole": True}
    with session.Session(*session.unprotected()) as second:
        go_on.set()
        assert second.ask("load", 20, entry=entry)["problems"] == []
