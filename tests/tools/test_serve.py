"""The server of the built book: a browser may hang up at any time."""

import socket
import struct
import threading
import urllib.request
from functools import partial
from http.server import HTTPServer

import pytest

from tools.serve import PagesHandler, QuietHandler

REQUEST = b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(params=[QuietHandler, PagesHandler])
def server(request, tmp_path):
    """A server that does one thing after another: the next answer comes after the last error."""
    (tmp_path / "large.bin").write_bytes(bytes(20_000_000))  # more than a socket holds back
    (tmp_path / "small.txt").write_text("here")
    with HTTPServer(("127.0.0.1", 0), partial(request.param, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("sent", [b"", b"GET /la", REQUEST])
def test_a_browser_that_hangs_up_leaves_no_traceback(server, sent, capfd):
    with socket.create_connection(server.server_address) as browser:
        browser.sendall(sent)
        if sent == REQUEST:
            assert browser.recv(100)  # the answer has begun
        # Closed without a farewell: the server's next read or write is an error.
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    address = f"http://127.0.0.1:{server.server_port}/small.txt"
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.read() == b"here"
    assert capfd.readouterr().err == ""


def test_a_fault_of_the_server_is_still_told(server, capfd, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(server.RequestHandlerClass.func, "do_GET", fail)
    with socket.create_connection(server.server_address) as browser:
        browser.sendall(REQUEST)
        assert browser.recv(100) == b""  # hung up on
    assert "a fault of ours" in capfd.readouterr().err
