"""Reading HTTP/1.1 requests off a connection."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Iterator
from io import BufferedReader
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]

_MAX_HEADER_LINES = 200
_LINE_LIMIT = 65_536
_HEAD_END = b"\r\n\r\n"


class BadRequest(Exception):
    """The bytes on the connection are not an HTTP request; answer 400 and close it."""


class RequestReader:
    """Reads the requests of one connection, as WSGI environs (PEP 3333).

    A client that keeps its connection repeats itself: a head that is the same as the one before is not parsed again.
    """

    def __init__(self, connection: socket.socket, stream: BufferedReader, port: int) -> None:
        self._connection = connection
        self._stream = stream
        self._port = port
        self._head = b""
        self._parsed: Environ = {}

    def read(self) -> Environ | None:
        """The next request; None at the end of the connection."""
        environ = self._read_head()
        if environ is None:
            return None
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = _read_body(self._stream, environ)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _read_head(self) -> Environ | None:
        arrived = self._stream.peek()
        end = arrived.find(_HEAD_END) + len(_HEAD_END)
        if end < len(_HEAD_END) or arrived.startswith(b"\r\n"):
            return _parse_head(self._stream, self._port)
        head = self._stream.read(end)
        if head != self._head:
            parsed = _parse_head(io.BytesIO(head), self._port)
            if parsed is None:
                return None
            self._head, self._parsed = head, parsed
        return self._parsed.copy()


def _parse_head(stream: BinaryIO, port: int) -> Environ | None:
    line = stream.readline(_LINE_LIMIT)
    while line == b"\r\n":
        line = stream.readline(_LINE_LIMIT)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest("not an HTTP/1.1 request line")
    method, target, protocol = words
    path, _, query = target.partition("?")
    if not path.startswith("/") and "//" in path:
        path = "/" + path.split("//", 1)[1].partition("/")[2]
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "RAW_URI": target,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    _read_headers(stream, environ)
    return environ


def _read_headers(stream: BinaryIO, environ: Environ) -> None:
    # Underscores survive in the names of S3 object metadata; moto reads them back from this entry.
    preserved: dict[str, str] = {}
    for _ in range(_MAX_HEADER_LINES):
        line = stream.readline(_LINE_LIMIT)
        if line in (b"\r\n", b"\n"):
            environ["moto.preserved_header_names"] = preserved
            return
        name, separator, value = line.decode("latin-1").partition(":")
        if not separator:
            raise BadRequest("a header line has no colon")
        key = name.upper().replace("-", "_")
        if "_" in name:
            if not name.lower().startswith("x-amz-meta-"):
                continue
            preserved[f"HTTP_{key}"] = name
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        value = value.strip()
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    raise BadRequest("too many header lines")


def _read_body(stream: BinaryIO, environ: Environ) -> bytes:
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        del environ["HTTP_TRANSFER_ENCODING"]
        return b"".join(_chunks(stream))
    length = environ.get("CONTENT_LENGTH", "0") or "0"
    if not length.isdigit():
        raise BadRequest("Content-Length is not a number")
    body = stream.read(int(length))
    if len(body) < int(length):
        raise ConnectionError("the connection ended within a request")
    return body


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while True:
        try:
            size = int(stream.readline(_LINE_LIMIT).split(b";")[0], 16)
        except ValueError:
            raise BadRequest("a chunk has no size") from None
        if size == 0:
            while stream.readline(_LINE_LIMIT) not in (b"\r\n", b"\n", b""):
                pass
            return
        yield stream.read(size)
        stream.readline(_LINE_LIMIT)
