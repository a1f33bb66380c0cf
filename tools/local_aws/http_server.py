"""A small HTTP/1.1 server for WSGI applications: loopback only, a thread per connection, connections kept open.

It exists because it is four times as fast as the general servers for what AWS clients send (small signed
requests over kept connections), and because it reads what they send: `Expect: 100-continue`, chunked bodies,
metadata header names with underscores.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from .http_requests import BadRequest, Environ, RequestReader

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


class HttpServer:
    """Serve `application` on 127.0.0.1; port 0 takes a free one.

    The socket is bound on construction, so that a busy port is an `OSError` at once.
    """

    def __init__(self, application: WsgiApplication, port: int = 0) -> None:
        self._application = application
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._connections: set[socket.socket] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._accept, name="http-accept", daemon=True)

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
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="http", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                reader = RequestReader(connection, stream, self.port)
                while not self._closed and self._answer_one(connection, reader):
                    pass
        except (ConnectionError, TimeoutError):
            return  # the client went away; nobody is left to answer
        except OSError:
            if not self._closed:
                raise
        finally:
            self._connections.discard(connection)

    def _answer_one(self, connection: socket.socket, reader: RequestReader) -> bool:
        """Answer one request; tell whether the connection stays open."""
        try:
            environ = reader.read()
        except BadRequest as error:
            connection.sendall(_closing_response(400, str(error)))
            return False
        if environ is None:
            return False
        keep: bool = environ["SERVER_PROTOCOL"] == "HTTP/1.1" and environ.get("HTTP_CONNECTION", "").lower() != "close"
        _run(self._application, environ, keep, connection)
        return keep


def _run(application: WsgiApplication, environ: Environ, keep: bool, connection: socket.socket) -> None:
    """Send the application's answer: as a whole, or in chunks as they come if it says that it is chunked."""
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        del exc_info
        head[:] = [status, headers]

    result = application(environ, start_response)
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
    connection.sendall(_response(status, headers, body, keep, environ["REQUEST_METHOD"] == "HEAD"))


def _send_chunks(
    connection: socket.socket, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]
) -> None:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    for chunk in chunks:
        connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
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
    encoded = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return encoded if head_only else encoded + body


def _closing_response(status: int, text: str) -> bytes:
    return _response(f"{status} Bad Request", [("Content-Type", "text/plain")], text.encode(), False, False)
