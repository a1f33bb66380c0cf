"""A server that runs out of file descriptors, threads or patience with its clients, and goes on."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from local_aws.connections import Connections
from local_aws.http_server import HttpServer
from served_aws import eventually

from .raw_http import answer_of, ask, connect, request

IDLE = 400
CHILD = textwrap.dedent("""
    import resource, sys
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    from local_aws.connections import Connections
    from local_aws.http_server import HttpServer

    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"hello"]

    server = HttpServer(application)
    if sys.argv[1] == "unbounded":  # as if files of other kinds had taken what connections may have
        server._connections = Connections(10_000)
    server.start()
    print(server.url, flush=True)
    sys.stdin.read()
    server.close()
""")


@pytest.fixture(params=["bounded", "unbounded"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server in a process that may have 256 files open."""
    command = [sys.executable, "-c", CHILD, request.param]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PYTHONPATH": "tools"},
    ) as server:  # fmt: skip
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        _, errors = server.communicate()
        assert errors == ""


def test_after_400_idle_connections_have_been_closed_the_next_request_is_answered(url: str) -> None:
    with ExitStack() as opened:
        for _ in range(IDLE):
            opened.enter_context(connect(url))

    assert ask(url, request(url)).text == "hello"


def test_while_400_connections_are_idle_a_request_is_answered(url: str) -> None:
    with ExitStack() as opened:
        for _ in range(IDLE // 2):
            opened.enter_context(connect(url))
        half_sent = [opened.enter_context(connect(url)) for _ in range(IDLE // 2)]
        for each in half_sent:
            each.sendall(b"POST / HTTP/1.1\r\nHost: 127")

        for _ in range(3):
            assert ask(url, request(url)).text == "hello"


def test_a_connection_is_kept_while_there_is_room(url: str) -> None:
    with connect(url) as kept:
        for _ in range(3):
            kept.sendall(request(url))
            assert answer_of(kept).text == "hello"
            assert ask(url, request(url)).text == "hello"


def hello(environ: Any, start_response: Any) -> Iterable[bytes]:
    del environ
    start_response("200 OK", [])
    return [b"hello"]


@pytest.fixture
def server() -> Iterator[HttpServer]:
    served = HttpServer(hello)
    served.start()
    yield served
    served.close()


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_a_thread_that_does_not_start_costs_one_connection(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real, failing = threading.Thread.start, [True]

    def start(thread: threading.Thread) -> None:
        if thread.name == "http" and failing:
            failing.pop()
            raise error
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)

    with connect(server.url) as dropped:
        assert dropped.recv(1) == b""
    assert ask(server.url, request(server.url)).text == "hello"


def test_an_application_without_memory_is_answered_for(capfd: pytest.CaptureFixture[str]) -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise MemoryError

    served = HttpServer(application)
    served.start()

    assert ask(served.url, request(served.url)).status == 500
    assert ask(served.url, request(served.url)).status == 500
    served.close()
    assert "Exception in thread" not in capfd.readouterr().err


def test_an_answer_with_a_line_break_in_a_header_is_not_sent() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("X-Name", "value\r\nSet-Cookie: a=b")])
        return [b""]

    served = HttpServer(application)
    served.start()

    reply = ask(served.url, request(served.url))

    served.close()
    assert (reply.status, "set-cookie" in reply.headers) == (500, False)


def test_a_client_that_takes_no_answer_makes_room_for_others() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [bytes(10_000_000 if environ["PATH_INFO"] == "/large" else 1)]

    served = HttpServer(application)
    served._connections = Connections(4)
    served.start()
    with ExitStack() as opened:
        for _ in range(8):
            slow = opened.enter_context(connect(served.url))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(request(served.url, "/large"))

        assert ask(served.url, request(served.url)).status == 200
    served.close()


def test_a_request_that_is_being_answered_is_never_dropped() -> None:
    goes_on = threading.Event()

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            goes_on.wait(20)
        return hello(environ, start_response)

    served = HttpServer(application)
    served._connections = Connections(4)
    served.start()
    with connect(served.url) as waiting, ExitStack() as opened:
        waiting.sendall(request(served.url, "/slow"))
        eventually(lambda: served._connections._answering)
        for _ in range(20):
            opened.enter_context(connect(served.url))
        assert ask(served.url, request(served.url)).text == "hello"
        goes_on.set()
        assert answer_of(waiting).text == "hello"
    served.close()
