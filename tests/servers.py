"""Loopback HTTP servers that send one file, well or badly."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What is served, how, and what was asked. All may be changed while it serves."""

    content: bytes
    ranges: bool = True  # whether parts can be asked for
    etag: bool = True
    length: bool = True  # whether the size is said before
    status: int | None = None  # answer this, and no file
    location: str | None = None  # where the status sends the visitor
    cut_after: int | None = None  # bytes of the file, counted from its start
    hang_after: int | None = None  # the same, and then silence
    pause_s: float = 0.0  # between two pieces
    piece: int = 2**16
    url: str = ""
    asked: list[str | None] = field(default_factory=list)  # the Range of each request
    sent: int = 0  # bytes of content, all requests together
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            asked = self.headers.get("Range")
            server.asked.append(asked)
            if server.status is not None:
                self.send_response(server.status)
                if server.location:
                    self.send_header("Location", server.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = self._start(asked)
            size = len(server.content)
            if start is not None and start >= size:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200 if start is None else 206)
            if server.etag:
                self.send_header("ETag", server.tag)
            if start is not None:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            if server.length:
                self.send_header("Content-Length", str(size - (start or 0)))
            self.end_headers()
            self._send(start or 0)

        def _start(self, asked: str | None) -> int | None:
            if asked is None or not server.ranges:
                return None
            if self.headers.get("If-Range") not in (None, server.tag):
                return None
            found = re.fullmatch(r"bytes=(\d+)-", asked)
            assert found, asked
            return int(found[1])

        def _send(self, at: int) -> None:
            while at < len(server.content):
                ends = [at + server.piece, len(server.content)]
                ends += [x for x in (server.cut_after, server.hang_after) if x]
                piece = server.content[at : min(ends)]
                try:
                    self.wfile.write(piece)
                except OSError:  # the visitor has left
                    return
                at += len(piece)
                server.sent += len(piece)
                if at == server.cut_after:
                    return
                if at == server.hang_after:
                    server.over.wait(30)
                    return
                time.sleep(server.pause_s)

    return Handler


@contextmanager
def serving(content: bytes, **how: object) -> Iterator[FileServer]:
    """Serves on a free port of this machine until the end of the block."""
    file_server = FileServer(content, **how)  # type: ignore[arg-type]
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(file_server))
    http.daemon_threads = True
    file_server.url = f"http://127.0.0.1:{http.server_port}/weights.bin"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield file_server
    finally:
        file_server.over.set()
        http.shutdown()
        thread.join()
        http.server_close()
