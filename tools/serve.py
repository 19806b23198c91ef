"""Serve a folder on this machine only: `python -m tools.serve _build/html`."""

import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 8000


class FolderHandler(SimpleHTTPRequestHandler):
    """Say nothing when a browser hangs up: it does so when a page is left while it loads."""

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


class QuietHandler(FolderHandler):
    """Tell of what went wrong, not of every picture that was fetched."""

    def log_request(self, code="-", size="-"):
        if str(code) >= "400":
            super().log_request(code, size)


class SilentHandler(FolderHandler):
    """Tell of nothing."""

    def log_message(self, *args):
        pass


class PagesHandler(SilentHandler):
    """Serve as GitHub Pages does, for measuring: compressed, and kept for ten minutes."""

    protocol_version = "HTTP/1.1"
    COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml"}

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        found = path.is_file()
        if not found:
            path = Path(self.directory, "404.html")
        data = path.read_bytes() if path.is_file() else b"not found"
        self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
        if path.suffix in self.COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def served(folder: str | Path, handler=PagesHandler) -> Iterator[str]:
    """Serve a folder while a program looks at it; its address, without a slash at the end."""
    whole = partial(handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), whole) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


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
