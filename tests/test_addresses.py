"""Which addresses others are told: the machine's own, however the server is bound."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import streamlit as st

from tests.browser import Server
from ui.session import addresses

V4, V6 = socket.AF_INET, socket.AF_INET6
MACHINE = {
    "lo": [(V4, "127.0.0.1"), (V6, "::1")],
    "docker0": [(V4, "172.17.0.1")],
    "eth0": [(V4, "10.1.2.3"), (V6, "fd00::7"), (V6, "fe80::1%eth0")],
    "wlan0": [(V4, "192.168.1.7")],
    "usb0": [(V4, "169.254.3.4")],
    "eth1": [(V4, "10.9.9.9")],  # without a cable
}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a wire, a radio (its default route) and containers."""
    found = {
        name: [SimpleNamespace(family=family, address=host) for family, host in rows]
        for name, rows in MACHINE.items()
    }
    states = {name: SimpleNamespace(isup=name != "eth1") for name in MACHINE}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: states)
    routed = {V4: "192.168.1.7", V6: "fd00::7"}
    monkeypatch.setattr(addresses, "routed_address", routed.__getitem__)
    monkeypatch.delenv(addresses.NAMED, raising=False)


@pytest.fixture
def bind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`bind("0.0.0.0", port=8501)`: how the server was started."""

    def start(
        host: str | None, port: int = 8501, base: str = "", cert: str = ""
    ) -> None:
        said = {
            "server.address": host,
            "server.port": port,
            "server.baseUrlPath": base,
            "server.sslCertFile": cert,
        }
        monkeypatch.setattr(st, "get_option", said.__getitem__)

    return start


V4_ALONE = ["192.168.1.7", "10.1.2.3", "172.17.0.1"]
BOTH = ["192.168.1.7", "10.1.2.3", "fd00::7", "172.17.0.1"]


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        ("0.0.0.0", V4_ALONE),
        ("::", BOTH),
        ("", BOTH),  # of `streamlit run app.py`
        ("127.0.0.1", []),
        ("127.0.1.1", []),
        ("::1", []),
        ("localhost", []),
        ("192.168.1.7", ["192.168.1.7"]),
        ("fd00::7", ["fd00::7"]),
        ("fe80::1%eth0", []),
        ("unix:///run/lab.sock", []),
    ],
)
def test_what_others_may_call_a_server(bound: str, found: list[str]) -> None:
    assert addresses.hosts(bound) == found


@pytest.mark.parametrize(
    ("ip", "found"), [("127.0.1.1", []), ("192.168.1.7", ["lab.school.example"])]
)
def test_a_name_is_told_unless_it_is_this_machines_word_for_itself(
    ip: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(V4, 1, 6, "", (ip, 0))])
    assert addresses.hosts("lab.school.example") == found


@pytest.mark.parametrize(
    ("how", "first", "here"),
    [
        ({"host": "0.0.0.0"}, "http://192.168.1.7:8501", "http://localhost:8501"),
        ({"host": None}, "http://192.168.1.7:8501", "http://localhost:8501"),
        ({"host": "0.0.0.0", "port": 80}, "http://192.168.1.7", "http://localhost"),
        (
            {"host": "0.0.0.0", "base": "/lab/"},
            "http://192.168.1.7:8501/lab",
            "http://localhost:8501/lab",
        ),
        (
            {"host": "fd00::7", "port": 443, "cert": "x.pem"},
            "https://[fd00::7]",
            "https://[fd00::7]",
        ),
    ],
)
def test_addresses_are_whole(
    how: dict[str, Any], first: str, here: str, bind: Callable[..., None]
) -> None:
    bind(**how)
    assert (addresses.served()[0], addresses.local()) == (first, here)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("https://lab.school.example/x/", "https://lab.school.example/x"),
        ("lab.school.example:8501", "http://lab.school.example:8501"),
        (" fd00::9 ", "http://[fd00::9]"),
    ],
)
def test_a_named_address_wins(
    named: str, found: str, bind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bind("0.0.0.0")
    monkeypatch.setenv(addresses.NAMED, named)
    monkeypatch.setattr(addresses, "of_page", lambda: "http://192.168.1.7:8501")
    assert addresses.served() == [found]
    assert addresses.for_others("http://10.1.2.3:8501") == found


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("http://localhost:8501", False),
        ("http://127.0.0.1:8501", False),
        ("http://127.0.1.1", False),
        ("http://[::1]:8501", False),
        ("http://192.168.1.7:8501", True),
        ("https://lab.school.example", True),
        ("http://0.0.0.0:8501", False),
        ("http://[::]:8501", False),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://[fe80::1%25eth0]:8501", False),
        ("http://lab.localhost:8501", False),
        ("http://localhost.:8501", False),
        ("http://ip6-localhost:8501", False),
        ("", False),
        ("http://[oops", False),
        ("http://[fd00::7]:8501", True),
        ("http://localhost.example", True),
        ("http://raspberrypi.local", True),
    ],
)
def test_what_a_phone_cannot_open_is_known(address: str, reachable: bool) -> None:
    assert addresses.is_reachable(address) == reachable


@pytest.mark.parametrize(
    ("page", "wanted", "told"),
    [
        ("http://localhost:8501", "", "http://192.168.1.7:8501"),
        ("http://127.0.0.1:8501", "http://10.1.2.3:8501", "http://10.1.2.3:8501"),
        ("http://0.0.0.0:8501", "http://evil.example", "http://192.168.1.7:8501"),
        ("http://10.1.2.3:8501", "", "http://10.1.2.3:8501"),
        ("https://lab.school.example", "", "https://lab.school.example"),
    ],
)
def test_who_came_by_localhost_tells_others_another(
    page: str,
    wanted: str,
    told: str,
    bind: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bind("0.0.0.0")
    monkeypatch.setattr(addresses, "of_page", lambda: page)
    assert addresses.for_others(wanted) == told


def test_a_server_that_others_cannot_reach_is_told_as_it_is(
    bind: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bind("127.0.0.1")
    monkeypatch.setattr(addresses, "of_page", lambda: "http://localhost:8501")
    assert addresses.for_others() == "http://localhost:8501"


@pytest.mark.long("test_serve: address and link are all that a start logs")
def test_the_log_has_a_link_that_others_can_open(
    fresh_server: Callable[..., Server], tmp_path: Any
) -> None:
    """`ALEXNET_ADDRESS` here; what a wildcard becomes is tested above."""
    named = "http://lab.school.example:8501"
    server = fresh_server(ALEXNET_ADDRESS=named, ALEXNET_DATA=str(tmp_path))
    server.wait_ready()
    said = server.said()
    first, second = re.findall(r"(\S+)/sign-in\?setup=[\w-]{32}", said)
    assert first == named and second.startswith("http://localhost:")
    assert said.index(named) < said.index("setup="), "the address itself comes first"
    assert "external IP" not in said
