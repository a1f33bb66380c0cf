"""A small HTTP/1.1 server for WSGI applications: loopback only, a thread per connection, connections kept open.

It exists because it is four times as fast as the general servers for what AWS clients send (small signed
requests over kept connections), and because it reads what they send: `Expect: 100-continue`, chunked bodies,
metadata header names with underscores.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from .connections import Connections
from .http_errors import EarlyAnswer
from .http_requests import Admit, Environ, RequestReader

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

MOST_BODY_BYTES = 256 * 1024 * 1024
"""Largest body of any request: bodies are kept in memory."""

_RETRY_SECONDS = 0.1
"""How long to wait for a file descriptor or a thread before the next try."""

_LINGER_SECONDS, _LINGER_READS, _LINGER_BYTES = 1.0, 256, 65_536
"""How long, and how much, to go on reading after an early answer."""


def _admit_all(environ: Environ) -> int:
    del environ
    return MOST_BODY_BYTES


class HttpServer:
    """Serve `application` on 127.0.0.1; port 0 takes a free one. `admit` judges a request by its head.

    The socket is bound on construction, so that a busy port is an `OSError` at once.
    """

    def __init__(self, application: WsgiApplication, port: int = 0, admit: Admit = _admit_all) -> None:
        self._application = application
        self._admit = admit
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._connections = Connections()
        self._closed = False
        self._thread = threading.Thread(target=self._accept_all, name="http-accept", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop at once: the listener and every open connection are closed."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._connections.shut_all()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _accept_all(self) -> None:
        """Accept until the server is closed: a connection that cannot be served does not end the loop."""
        while not self._closed:
            try:
                self._accept()
            except ConnectionAbortedError:
                continue  # the client went away before it was accepted
            except (OSError, RuntimeError, MemoryError):
                # No file descriptor, thread or memory is left: wait until a connection gives back its own.
                if not self._closed:
                    self._connections.make_room(_RETRY_SECONDS)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="http", daemon=True).start()
        except BaseException:
            self._connections.remove(connection)
            connection.close()
            raise

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                reader = RequestReader(connection, stream, self.port, self._admit)
                while not self._closed and self._answer_one(connection, reader):
                    self._connections.waiting(connection)
        except OSError:
            return  # the client went away, or the server closed the connection; nobody is left to answer
        finally:
            self._connections.remove(connection)

    def _answer_one(self, connection: socket.socket, reader: RequestReader) -> bool:
        """Answer one request; tell whether the connection stays open."""
        try:
            environ = reader.read()
            if environ is None:
                return False
            self._connections.answering(connection)
            keep: bool = (
                environ["SERVER_PROTOCOL"] == "HTTP/1.1" and environ.get("HTTP_CONNECTION", "").lower() != "close"
            )
            self._run(environ, keep, connection)
        except EarlyAnswer as answer:
            self._end(connection, answer)
            return False
        except OSError:
            raise
        except Exception as error:  # the boundary: the client gets a 500, whoever runs the endpoint the cause
            traceback.print_exc(file=sys.stderr)
            self._end(connection, EarlyAnswer(500, f"{type(error).__name__}: {error}"))
            return False
        return keep

    def _run(self, environ: Environ, keep: bool, connection: socket.socket) -> None:
        """Send the application's answer: as a whole, or in chunks as they come if it says that it is chunked."""
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            del exc_info
            head[:] = [status, headers]

        result = self._application(environ, start_response)
        status, headers = head
        try:
            if ("Transfer-Encoding", "chunked") in headers:
                _send_chunks(connection, status, headers, result)
                return
            body = b"".join(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        answer = _response(status, headers, body, keep, environ["REQUEST_METHOD"] == "HEAD")
        self._connections.waiting(connection)  # for the client to take it
        connection.sendall(answer)

    def _end(self, connection: socket.socket, answer: EarlyAnswer) -> None:
        """Send an answer and close, in a way that the client gets to read it though not all of its request was read.

        https://www.rfc-editor.org/rfc/rfc9112#section-9.6
        """
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        headers = [("Content-Type", "text/plain; charset=utf-8"), *answer.headers]
        self._connections.waiting(connection)
        connection.sendall(_response(status, headers, answer.text.encode(errors="replace"), False, False))
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_LINGER_SECONDS)
        for _ in range(_LINGER_READS):
            if not connection.recv(_LINGER_BYTES):
                return


def _send_chunks(
    connection: socket.socket, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]
) -> None:
    connection.sendall(_head([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]))
    try:
        for chunk in chunks:
            connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    except OSError:
        raise
    except Exception as error:  # the head has been sent: an answer that breaks off is all that can be said
        traceback.print_exc(file=sys.stderr)
        raise ConnectionAbortedError from error
    connection.sendall(b"0\r\n\r\n")


def _response(status: str, headers: list[tuple[str, str]], body: bytes, keep: bool, head_only: bool) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    length = None
    for name, value in headers:
        lowered = name.lower()
        if lowered == "content-length":
            length = value
        elif lowered not in ("transfer-encoding", "connection"):
            lines.append(f"{name}: {value}")
    # What HEAD answers is the length of the body that GET would have sent.
    if not (length is not None and head_only) and not status.startswith(("204", "304")):
        length = str(len(body))
    if length is not None:
        lines.append(f"Content-Length: {length}")
    if not keep:
        lines.append("Connection: close")
    encoded = _head(lines)
    return encoded if head_only else encoded + body


def _head(lines: list[str]) -> bytes:
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header of the answer has a line break in it")
    return f"{text}\r\n\r\n".encode("latin-1")
