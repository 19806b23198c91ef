"""Serve a folder on this machine only: `python -m tools.serve _build/html`."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000


class QuietHandler(SimpleHTTPRequestHandler):
    """Tell of what went wrong, not of every picture that was fetched."""

    def log_request(self, code="-", size="-"):
        if str(code) >= "400":
            super().log_request(code, size)


def open_server(folder: str) -> ThreadingHTTPServer:
    """Listen on port 8000 or, where that is taken, on any free one."""
    handler = partial(QuietHandler, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def main(folder: str) -> None:
    with open_server(folder) as server:
        address = f"http://localhost:{server.server_port}/"
        print(f"The book is at {address} (end with Ctrl-C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main(*sys.argv[1:])
