"""No connection, datagram or lookup leaves this machine, however the address is written."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from isolation.connections import NotOnThisMachine, is_loopback
from isolation.environment import IMPORT_PATH, environment

OUTSIDE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody's address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])
def test_loopback_is_near(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        *("192.0.2.1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "::ffff:192.0.2.1", "::ffff:0:0", "64:ff9b::1"),
        *("3221225985", "0xc0000201", "0300.0.2.1", "0x7f.1", "127.1", "2130706433", "127.0.0.1.nip.io", ""),
        *("localhost.example", "dynamodb.eu-west-1.amazonaws.com", "127.0.0.1 ", "127.0.0.1\x00.example"),
    ],
)
def test_every_other_host_is_elsewhere(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", [OUTSIDE, "0.0.0.0", "3221225985", "0xc0000201", "::ffff:192.0.2.1", "evil.example", b"evil.example"]
)
def test_no_method_of_a_socket_reaches_elsewhere(host: str) -> None:
    family = socket.AF_INET6 if ":" in str(host) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as stream, socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        for reach in (
            lambda: stream.connect((host, 9)),
            lambda: stream.connect_ex((host, 9)),
            lambda: datagrams.sendto(b"x", (host, 9)),
            lambda: datagrams.sendto(b"x", 0, (host, 9)),
            lambda: datagrams.sendmsg([b"x"], [], 0, (host, 9)),
            lambda: socket.getaddrinfo(host, 9),
            lambda: socket.create_connection((host, 9)),
        ):
            with pytest.raises(NotOnThisMachine, match="is not on this machine"):
                reach()


@pytest.mark.parametrize("lookup", [socket.gethostbyname, socket.gethostbyname_ex, socket.gethostbyaddr])
def test_no_name_is_looked_up(lookup: object) -> None:
    with pytest.raises(NotOnThisMachine):
        lookup("evil.example")  # type: ignore[operator]


def test_a_unix_socket_is_out_of_reach(tmp_path: Path) -> None:
    """A Docker daemon behind one would fetch an image."""
    path = str(tmp_path / "docker.sock")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen()
        with pytest.raises(NotOnThisMachine):
            client.connect(path)


def test_this_machine_is_reached_as_before() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, server.getsockname()[1])).close()
    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        sender.sendto(b"one", receiver.getsockname())
        sender.connect(receiver.getsockname())
        sender.sendmsg([b"two"])
        assert [receiver.recv(9), receiver.recv(9)] == [b"one", b"two"]


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:9\\@127.0.0.1/", "http://127.0.0.1@192.0.2.1:9/", "http://192.0.2.1#@127.0.0.1/"]
)
def test_a_url_that_two_parsers_read_differently_leads_nowhere_else(url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="is not on this machine"):
        requests.get(url, timeout=5)


def test_an_event_loop_is_guarded_too() -> None:
    script = (
        "import asyncio, sys\nfrom isolation.connections import guard_connections, NotOnThisMachine\n"
        "guard_connections()\n"
        "for host in ('192.0.2.1', 'evil.example'):\n"
        "    try: asyncio.run(asyncio.open_connection(host, 9))\n"
        "    except NotOnThisMachine: print('refused')\n"
    )
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, env=environment(PYTHONPATH=IMPORT_PATH), capture_output=True, text=True)
    assert told.stdout == "refused\n" * 2, told.stderr
