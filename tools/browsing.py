"""Chromium and a local server: all that it takes to look at a built site. For the tests in a browser, the benchmarks and the README."""

import gzip
import io
import os
import re
import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

# The headless one first: without windows it loads a page in half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_ONE = (
    "no Chromium found: install one (Debian, Ubuntu: `apt-get install chromium`; macOS: `brew install --cask chromium`) "
    "or name its executable in the environment variable CHROMIUM"
)
FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no page reaches anything but the local server
    "--no-sandbox",  # asks for rights that a container does not grant
    "--disable-gpu",
    "--disable-quic",
    "--font-render-hinting=none",  # else a letter's width jumps with its size, which it does not on paper
    # What Chromium does on its own account:
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The executable that CHROMIUM names, else the first that is installed under a usual name."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else NAMES
    return next(filter(None, map(shutil.which, names)), None)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open, as any real server does

    def log_message(self, *args):
        pass


class _PackingHandler(_Handler):
    """Answers as GitHub Pages does: text is packed, and kept by the browser for ten minutes."""

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def send_head(self):
        path = Path(self.translate_path(self.path))
        kind = self.guess_type(str(path))
        if not path.is_file() or not re.match(r"text/|.*(javascript|json|xml)", kind):
            return super().send_head()
        packed = gzip.compress(path.read_bytes(), 6, mtime=0)
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Encoding": "gzip", "Content-Length": len(packed)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        return io.BytesIO(packed)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a browser that leaves a page drops its connections


@contextmanager
def serve(folder: Path, packing: bool = False):
    """Serve a folder on a free local port, its text packed as a public server packs it or plain; yields the address."""
    handler = _PackingHandler if packing else _Handler
    with _Server(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
