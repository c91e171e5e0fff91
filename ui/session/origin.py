"""Which pages of the web may talk to this server: its own, and no others.

Streamlit lets a page of any port of this machine open its WebSocket, cookies and all;
and to judge a stranger's it asks a host on the internet for this machine's address,
while everybody waits. So a request is judged here, before Streamlit sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

from ui.session import addresses
from ui.session.visitor import ASGIApp, Message, Receive, Send

_PORTS = {"http": 80, "https": 443}
_HOST = r"(\[[0-9a-z:.%]+\]|[^\s\[\]:/?#@\\]+)(?::(\d{1,5}))?"
_ORIGIN = re.compile(rf"(https?)://{_HOST}", re.IGNORECASE)
_SERVER = re.compile(_HOST, re.IGNORECASE)
_SAFE = ("GET", "HEAD", "OPTIONS")


def is_own(origin: str, hosts: Iterable[str]) -> bool:
    """Whether a browser's Origin is one of the hosts, the port included.

    Args:
        hosts: as in a request's Host header. Without a port it is the Origin's default.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None:  # "null", too
        return False
    default = _PORTS[found[1].lower()]
    wanted = _place(found[2], found[3], default)
    parsed = (_SERVER.fullmatch(host) for host in hosts)
    return any(wanted == _place(one[1], one[2], default) for one in parsed if one)


def _place(host: str, port: str | None, default: int) -> tuple[str, int]:
    host = host.lower().rstrip(".")
    with suppress(ValueError):
        host = str(ip_address(host.strip("[]")))  # of IPv6 there are many spellings
    return host, int(port) if port else default


def hosts_of(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """What a request may call this server: its Host, and $ALEXNET_ADDRESS.

    A proxy may put a Host of its own; the address that browsers see is then named.
    """
    sent = [value.decode("latin-1") for name, value in headers if name == b"host"]
    named = urlsplit(addresses.named()).netloc
    return [*(sent if len(sent) == 1 else []), *([named] if named else [])]


class OwnPagesOnly:
    """Closes a WebSocket, and refuses a change, that a page of another origin asks for.

    A request without an Origin comes from no browser's page and passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        is_socket = scope["type"] == "websocket"
        if not is_socket and (scope["type"] != "http" or scope["method"] in _SAFE):
            await self.app(scope, receive, send)
            return
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if not origins:
            await self.app(scope, receive, send)
            return
        origin = origins[0].decode("latin-1")
        if len(origins) > 1 or not is_own(origin, hosts_of(scope["headers"])):
            await _refuse(is_socket, scope, receive, send)
            return
        if is_socket:
            # Streamlit compares the two as text, and asks the internet if they differ:
            # in case, a default port, or a proxy's own Host.
            netloc = urlsplit(origin).netloc.encode("latin-1")
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "headers": [(b"host", netloc), *others]}
        await self.app(scope, receive, send)


async def _refuse(
    is_socket: bool, scope: Message, receive: Receive, send: Send
) -> None:
    if is_socket:
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008})  # the browser reads 403
        return
    reason = "Only this lab's own pages may ask for that."
    await PlainTextResponse(reason, 403)(scope, receive, send)
