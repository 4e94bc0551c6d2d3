"""Which addresses a webhook may be sent to: those of the public internet, and networks that are named.

A receiver's URL is chosen by a customer, and the request to it comes from inside the bank. So it must
not reach what only the inside can reach: the name is resolved once, every address it has is judged,
and the connection goes to one that was judged, whatever the name says a moment later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

from wallet_chain.errors import WebhookUrlRefused

Address = IPv4Address | IPv6Address

URL_LENGTH_MAX = 500

_GATEWAYS = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::/96"),
)
"""Networks whose addresses stand for IPv4 ones."""


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver's URL, taken apart."""

    scheme: str
    host: str
    """As in the URL, without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The URL with an address in place of the name."""
        host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


_NEVER = (ip_network("192.0.0.0/24"),)
"""Assigned to protocols (RFC 6890), though older Pythons call it global."""


def read_url(url: str, networks: Iterable[str]) -> Target:
    """Take a URL apart. Raises WebhookUrlRefused for one that could never be sent to.

    Plain HTTP is for the networks that are named only, so it needs one.
    """
    networks = tuple(networks)
    if len(url) > URL_LENGTH_MAX or not url.isascii() or any(c <= " " for c in url):
        raise _refused(f"A URL has at most {URL_LENGTH_MAX} ASCII characters and no spaces.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("This is not a URL; write it like https://shop.example/webhooks.") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or not host:
        raise _refused("This is not a URL; write it like https://shop.example/webhooks.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("Leave user, password and fragment out; the signature says who is calling.")
    if parts.scheme == "http" and not networks:
        raise _refused("Use https.")
    if port == 0:
        raise _refused("Port 0 can't be reached.")
    path = parts.path or "/"
    target = Target(
        parts.scheme,
        host,
        port or (443 if parts.scheme == "https" else 80),
        f"{path}?{parts.query}" if parts.query else path,
    )
    literal = _literal(host)
    if literal is not None and not may_reach(literal, parts.scheme, networks):
        raise _refused(f"{host} is not an address of the public internet.")
    return target


def may_reach(address: Address, scheme: str, networks: Iterable[str]) -> bool:
    """Whether a webhook may go to this address."""
    inner = _without_wrapping(address)
    if inner is None:
        return False
    named = any(inner in ip_network(network) for network in networks)
    if named:
        return True
    if any(inner in network for network in _NEVER):
        return False
    return scheme == "https" and inner.is_global and not inner.is_multicast


def judged(found: Iterable[str], scheme: str, networks: Iterable[str]) -> list[Address]:
    """The addresses that a name has, if a webhook may go to all of them; else an empty list.

    One that may not be reached beside one that may is no accident.
    """
    addresses = list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in found))
    networks = tuple(networks)
    return addresses if all(may_reach(one, scheme, networks) for one in addresses) else []


def _without_wrapping(address: Address) -> Address | None:
    """The IPv4 address inside an IPv6 one that stands for it; None where a gateway would unwrap it."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None or address.teredo is not None:
        return None
    if not address.is_loopback and any(address in network for network in _GATEWAYS):
        return None
    return address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refused(detail: str) -> WebhookUrlRefused:
    return WebhookUrlRefused(detail, field="url")
