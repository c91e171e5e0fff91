"""Plain HTTP to a server of this app, a connection for each request."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

HOST = "127.0.0.1"


class Failed(RuntimeError):
    """The server did not do what it does for a browser."""


def http_status(port: int, path: str, timeout_s: float = 10.0) -> int:
    """The status of a GET by a connection of its own; 0 when there is no answer."""
    connection = HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
    return answer.status


@dataclass(frozen=True)
class HttpResponse:
    """Of one HTTP request."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


async def http(
    port: int,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> HttpResponse:
    """One request over a connection of its own."""
    lines = {"Host": f"{HOST}:{port}", "Connection": "close"} | (headers or {})
    if body:
        lines["Content-Length"] = str(len(body))
    head = f"{method} {path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        raw = await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return parse_http(raw)


def parse_http(raw: bytes) -> HttpResponse:
    """All that came before the server closed the connection.

    Raises:
        Failed: this is no HTTP answer.
    """
    head, found, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not found or not first.startswith("HTTP/1."):
        raise Failed(f"Expected an HTTP answer. Received: {raw[:80]!r}")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        chunks = []
        while (size := int(body[: (end := body.index(b"\r\n"))], 16)) > 0:
            chunks.append(body[end + 2 : end + 2 + size])
            body = body[end + size + 4 :]
        body = b"".join(chunks)
    return HttpResponse(int(first.split()[1]), headers, body)
