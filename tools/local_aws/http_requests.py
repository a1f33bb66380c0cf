"""Reading HTTP/1.1 requests off a connection, strictly: what RFC 9112 lets a server refuse is refused.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import io
import re
import socket
import sys
from collections.abc import Callable
from functools import lru_cache
from io import BufferedReader
from typing import Any
from urllib.parse import unquote_to_bytes

from .http_bodies import read_body
from .http_errors import BadRequest, EarlyAnswer

Environ = dict[str, Any]

type Admit = Callable[[Environ], int]
"""Judge the head of a request: return the largest body it may have, in bytes, or raise `EarlyAnswer`."""

TARGET_AUTHORITY = "local_aws.target_authority"
"""Entry of the environ: the host that an absolute request target names (RFC 9112, 3.2.2)."""

_MAX_HEADER_LINES = 200
_MAX_HEAD_BYTES = 65_536
_HEAD_END = b"\r\n\r\n"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ONCE = frozenset({"HTTP_HOST", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"})


class RequestReader:
    """Reads the requests of one connection, as WSGI environs (PEP 3333).

    A client that keeps its connection repeats itself: a head that is the same as the one before is not parsed again.
    """

    def __init__(self, connection: socket.socket, stream: BufferedReader, port: int, admit: Admit) -> None:
        self._connection = connection
        self._stream = stream
        self._port = port
        self._admit = admit
        self._head = b""
        self._parsed: Environ = {}

    def wait(self) -> bool:
        """Wait for the first byte of a request; return False at the end of the connection."""
        return bool(self._stream.peek(1))

    def read(self) -> Environ | None:
        """Return the next request, None at the end of the connection. Raises `EarlyAnswer` for one not to be served."""
        head = self._read_head()
        if not head:
            return None
        if head != self._head:
            self._head, self._parsed = b"", parse_head(head, self._port)
            self._head = head
        environ = self._parsed.copy()
        environ["wsgi.input"] = io.BytesIO()
        most = self._admit(environ)
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = read_body(self._stream, environ, most)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _read_head(self) -> bytes:
        arrived = self._stream.peek()
        end = arrived.find(_HEAD_END)
        if end > 0 and not arrived.startswith(b"\r\n"):
            return self._stream.read(end + len(_HEAD_END))
        return self._read_lines()

    def _read_lines(self) -> bytes:
        """Read a head that has not arrived in one piece, or that comes after empty lines."""
        head = b""
        while not head.endswith(_HEAD_END):
            line = self._stream.readline(_MAX_HEAD_BYTES - len(head) + 1)
            if not line:
                if head:
                    raise BadRequest("the connection ended within the head of a request")
                return b""
            if head or line != b"\r\n":
                head += line
            if len(head) > _MAX_HEAD_BYTES:
                raise EarlyAnswer(431, f"the head of the request is longer than {_MAX_HEAD_BYTES} bytes")
        return head


def parse_head(head: bytes, port: int) -> Environ:
    """Parse a whole head, its empty line included; raises `BadRequest`."""
    first, *lines = head[: -len(_HEAD_END)].decode("latin-1").split("\r\n")
    if len(lines) > _MAX_HEADER_LINES:
        raise EarlyAnswer(431, f"the request has more than {_MAX_HEADER_LINES} header lines")
    environ = _request_line(first)
    environ |= {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    _add_headers(environ, lines)
    if "HTTP_HOST" not in environ and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        raise BadRequest("an HTTP/1.1 request needs a Host header")
    return environ


def _request_line(line: str) -> Environ:
    words = line.split(" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]) or _CONTROL.search(line) or not words[2].startswith("HTTP/"):
        raise BadRequest("the first line is not an HTTP request line")
    method, target, protocol = words
    if protocol not in ("HTTP/1.1", "HTTP/1.0"):
        raise EarlyAnswer(505, f"this server speaks HTTP/1.1, not {protocol}")
    environ: Environ = {"REQUEST_METHOD": method, "SERVER_PROTOCOL": protocol, "RAW_URI": target}
    if absolute := _ABSOLUTE.fullmatch(target):
        environ[TARGET_AUTHORITY] = absolute[1]
        target = absolute[2] if absolute[2].startswith("/") else f"/{absolute[2]}"
    if not target.startswith("/"):
        raise BadRequest("the request target is neither a path nor an http URL")
    path, _, query = target.partition("?")
    return environ | {"PATH_INFO": _decoded(path), "QUERY_STRING": query}


def _decoded(path: str) -> str:
    """Return the path without percent-encoding, as WSGI has it: its bytes as Latin-1."""
    if path.isascii() and "%" not in path:
        return path
    if _STRAY_PERCENT.search(path):
        raise BadRequest("the path has a % that two hexadecimal digits do not follow")
    plain = unquote_to_bytes(path.encode("latin-1"))
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise BadRequest("the path is not UTF-8") from None
    return plain.decode("latin-1")


def _add_headers(environ: Environ, lines: list[str]) -> None:
    # Underscores survive in the names of S3 object metadata; moto reads them back from this entry.
    preserved: dict[str, str] = {}
    for line in lines:
        name, separator, value = line.partition(":")
        if not separator:
            raise BadRequest("a header line has no colon")
        if _CONTROL.search(value):
            raise BadRequest("a header value has a control character")
        key = _key(name)
        if not key:
            continue
        if "_" in name:
            preserved[key] = name
        if key in environ:
            if key in _ONCE:
                raise BadRequest(f"the request has several {name} headers")
            value = f"{environ[key]},{value.strip()}"
        environ[key] = value.strip()
    environ["moto.preserved_header_names"] = preserved


@lru_cache(maxsize=512)
def _key(name: str) -> str:
    """Return a header's name in the environ, empty for one to leave out; raises `BadRequest` for what is no name."""
    if not _TOKEN.fullmatch(name):
        raise BadRequest("the name of a header is not a token")
    key = name.upper().replace("-", "_")
    if "_" in name and not name.lower().startswith("x-amz-meta-"):
        return ""
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
