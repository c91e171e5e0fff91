"""Under which addresses this server can be opened: by this machine, and by others.

Found without asking anybody: the machine's own interfaces are read, and its default
route is told by a UDP socket that is connected and sends nothing.
"""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import streamlit as st

from ui.session.routes import path

NAMED = "ALEXNET_ADDRESS"
EVERYWHERE = ("", "0.0.0.0", "::")  # a server bound to these answers on all interfaces
DEFAULT_PORTS = {"http": 80, "https": 443}
# Of containers, virtual machines and tunnels: no phone is in such a network.
_VIRTUAL = re.compile(
    r"(docker|br-|veth|virbr|vbox|vmnet|vnic|cni|flannel|kube|tun|tap|wg|zt|utun|"
    r"tailscale|vEthernet)",
    re.IGNORECASE,
)
# For documentation (RFC 5737, RFC 3849): routed by default, and no packet is sent.
_OUTSIDE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def named() -> str:
    """$ALEXNET_ADDRESS as an address without a slash at its end; "" without one."""
    given = os.environ.get(NAMED, "").strip().rstrip("/")
    if not given or "://" in given:
        return given
    return f"http://{_bracketed(given)}"


def is_reachable(where: str) -> bool:
    """Whether others than this machine can open an address, as far as it says so."""
    try:
        host = (urlsplit(where).hostname or "").rstrip(".")
    except ValueError:
        return False
    ip = _ip(host)
    if ip is not None:
        return _is_for_others(ip)
    is_local = re.fullmatch(
        r"(.*\.)?localhost(\.localdomain)?|ip6-(localhost|loopback)", host
    )
    return bool(host) and not is_local


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _is_for_others(ip: IPv4Address | IPv6Address) -> bool:
    """Neither this machine's own, nor one that needs to be told an interface."""
    useless = ip.is_loopback or ip.is_unspecified or ip.is_link_local
    return not useless and not ip.is_multicast


def _bracketed(host: str) -> str:
    """An address of IPv6 as it stands in a URL."""
    with suppress(ValueError):
        if ip_address(host).version == 6:
            return f"[{host}]"
    return host


def hosts(bound: str) -> list[str]:
    """What others may call a server that is bound to an address; the likeliest first.

    Args:
        bound: Streamlit's `server.address`; "" is every interface.
    """
    if bound in EVERYWHERE:
        return _of_this_machine(with_ipv6=bound != "0.0.0.0")
    if bound.startswith("unix:"):
        return []
    ip = _ip(bound)
    if ip is not None:
        return [bound] if _is_for_others(ip) else []
    return [bound] if is_reachable(f"http://{bound}") and _leads_out(bound) else []


def _leads_out(name: str) -> bool:
    """Whether a name that we are bound to is not this machine's word for itself.

    On Debian a machine's own name is 127.0.1.1: a server bound to it hears itself.
    """
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(name, None)}
    except OSError:
        return True  # it could be bound, so it is known somewhere
    ips = [_ip(one) for one in found]
    return any(ip is None or _is_for_others(ip) for ip in ips)


def _of_this_machine(with_ipv6: bool) -> list[str]:
    families = [socket.AF_INET, *([socket.AF_INET6] if with_ipv6 else [])]
    routed = {routed_address(family) for family in families}
    states = psutil.net_if_stats()
    found: list[tuple[tuple[bool, bool, bool], str]] = []
    for name, addresses in psutil.net_if_addrs().items():
        if name in states and not states[name].isup:
            continue
        for one in addresses:
            if one.family not in families:
                continue
            host = one.address.partition("%")[0]
            ip = _ip(host)
            if ip is None or not _is_for_others(ip):
                continue
            # IPv4 is what is read off a wall; then the way that leads out.
            rank = (
                bool(_VIRTUAL.match(name)),
                ip.version == 6,
                host not in routed,
            )
            found.append((rank, host))
    return list(dict.fromkeys(host for _, host in sorted(found, key=lambda x: x[0])))


def routed_address(family: socket.AddressFamily) -> str:
    """This machine's address on its default route; "" where there is none."""
    with (
        suppress(OSError),
        socket.socket(family, socket.SOCK_DGRAM) as probe,
    ):
        probe.connect((_OUTSIDE[family], 9))  # of UDP: nothing is sent
        return str(probe.getsockname()[0])
    return ""


def _scheme() -> str:
    return "https" if st.get_option("server.sslCertFile") else "http"


def _address(host: str) -> str:
    scheme, port = _scheme(), int(st.get_option("server.port"))
    shown = "" if port == DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{_bracketed(host)}{shown}{path('').rstrip('/')}"


def local() -> str:
    """Where this machine itself opens the lab, without a slash at the end."""
    bound = str(st.get_option("server.address") or "")
    ip = _ip(bound)
    if bound in EVERYWHERE or bound.startswith("unix:") or (ip and ip.is_loopback):
        return _address("localhost")
    return _address(bound)


def served() -> list[str]:
    """Where others open it, the likeliest first; $ALEXNET_ADDRESS alone, if named."""
    if one := named():
        return [one]
    return [
        _address(host) for host in hosts(str(st.get_option("server.address") or ""))
    ]


def of_page() -> str:
    """Where this page was opened, without its own name; "" outside a browser."""
    if st.context.url:
        here = urlsplit(st.context.url)
        return f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}"
    host = st.context.headers.get("Host")
    return f"http://{host}" if host else ""


def for_others(wanted: str = "") -> str:
    """The address for other people: $ALEXNET_ADDRESS, or that of this page.

    An instructor who has opened it as localhost stays there: others are told the
    machine's address in its network.

    Args:
        wanted: one of `served`, where there are several.
    """
    here = of_page()
    if not named() and is_reachable(here):
        return here
    choices = served()
    if wanted in choices:
        return wanted
    return next(iter(choices), here or local())
