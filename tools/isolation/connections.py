"""Keeps this process from reaching any other machine, whichever library opens the connection.

The check stands where addresses are used, not where URLs are read: two parsers may read one URL differently, and a
server on this machine may redirect to another one. ``sys.addaudithook`` would see the same calls, but a hook in Python
makes every ``id()``, and so moto's deep copies, almost three times as slow.
"""

import errno
import socket
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address
from typing import Any

_INTERNET = (socket.AF_INET, socket.AF_INET6)


class NotOnThisMachine(OSError):
    """The address or the name is not one of this machine's loopback interface."""

    def __init__(self, place: object) -> None:
        super().__init__(errno.ENETUNREACH, f"{place} is not on this machine, and nothing may leave it")


def is_loopback(host: str) -> bool:
    """Return whether a host is ``localhost`` or a literal loopback address.

    Other names are never resolved: the query itself would leave the machine. Shortened, decimal, octal and
    hexadecimal forms of IPv4 addresses are refused, because libraries disagree on them.
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def guard_connections() -> None:
    """Raise ``NotOnThisMachine`` from now on for every connection, datagram and lookup that leaves this machine.

    Unix sockets are refused too: a Docker daemon behind one would fetch images.
    """
    if getattr(socket.socket.connect, "guarded", False):
        return
    for method, position in {"connect": 0, "connect_ex": 0, "sendto": -1, "sendmsg": 3}.items():
        setattr(socket.socket, method, _guarded_method(getattr(socket.socket, method), position))
    for lookup in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
        setattr(socket, lookup, _guarded_lookup(getattr(socket, lookup)))


def _guarded_method(method: Callable[..., Any], position: int) -> Callable[..., Any]:
    """Guard a method of sockets that takes an address at a position, or none there."""

    @wraps(method)
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[position] if -len(arguments) <= position < len(arguments) else None
        if address is not None and not _is_near(self.family, address):
            raise NotOnThisMachine(_told(address))
        return method(self, *arguments)

    guarded.guarded = True  # type: ignore[attr-defined]
    return guarded


def _guarded_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(lookup)
    def guarded(*arguments: Any, **named: Any) -> Any:
        place = arguments[0] if arguments else named.get("host")
        host = place[0] if isinstance(place, tuple) else place
        if host is not None and not is_loopback(_text(host)):
            raise NotOnThisMachine(_text(host))
        return lookup(*arguments, **named)

    return guarded


def _is_near(family: int, address: Any) -> bool:
    return family in _INTERNET and isinstance(address, tuple) and is_loopback(_text(address[0]))


def _told(address: Any) -> str:
    return f"{_text(address[0])} port {address[1]}" if isinstance(address, tuple) else _text(address)


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
