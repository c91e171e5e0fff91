"""How many connections one client may hold open, and for how long without a request.

Uvicorn takes any number, and waits for ever for the first request of each. A thousand
of them take all files that a process may have by default, and the server answers
no visitor any more.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from ipaddress import ip_address
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ui.session.visitor import PROXIES

SPARE = 256  # files for all that is no connection: database, workers, pictures
MOST = 1_500  # connections of one address: a school may come from one
FIRST = 20.0  # seconds within which a request has to have come


def raise_the_limit() -> int:
    """As many open files as the system allows this process; how many that are."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 2 * MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft


class Doorkeeper:
    """Counts connections by address, and closes those without a request."""

    def __init__(self, files: int) -> None:
        self.most = max(8, min(MOST, (files - SPARE) // 2))
        self._open: defaultdict[str, set[asyncio.Transport]] = defaultdict(set)

    def admits(self, transport: asyncio.Transport) -> bool:
        """Whether the address may have one more. Proxies may: many come by them."""
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if peer else ""
        if not host or _is_local(host) or host in os.environ.get(PROXIES, ""):
            return True
        there = self._open[host]
        if len(there) >= self.most:
            there -= {one for one in there if one.is_closing()}
        if len(there) >= self.most:
            return False
        there.add(transport)
        return True

    def forget(self, transport: asyncio.Transport) -> None:
        """It is closed."""
        peer = transport.get_extra_info("peername")
        if peer and (there := self._open.get(str(peer[0]))) is not None:
            there.discard(transport)
            if not there:
                del self._open[str(peer[0])]


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def guard(files: int, protocol: Any = AutoHTTPProtocol) -> None:
    """Has every connection to come looked at."""
    keeper = Doorkeeper(files)
    made, lost = protocol.connection_made, protocol.connection_lost

    def connection_made(self: Any, transport: Any) -> None:
        if not keeper.admits(transport):
            transport.abort()
        _say_no_server(self)
        made(self, transport)
        asyncio.get_running_loop().call_later(FIRST, _close_if_silent, self, transport)

    def connection_lost(self: Any, error: Exception | None) -> None:
        if (transport := getattr(self, "transport", None)) is not None:
            keeper.forget(transport)
        lost(self, error)

    protocol.connection_made = connection_made
    protocol.connection_lost = connection_lost


def _say_no_server(protocol: Any) -> None:
    """No answer names the server's software: Streamlit has no setting for that."""
    for holder, name in (
        (protocol.config, "encoded_headers"),  # of all answers from the next second on
        (protocol.server_state, "default_headers"),
    ):
        kept = [pair for pair in getattr(holder, name) if pair[0] != b"server"]
        setattr(holder, name, kept)


def _close_if_silent(protocol: Any, transport: Any) -> None:
    """Closes a connection that has not come to a request yet."""
    is_http = transport.get_protocol() is protocol  # no WebSocket by now
    if is_http and getattr(protocol, "cycle", None) is None:
        transport.close()
