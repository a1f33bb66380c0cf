"""Reading the body of an HTTP/1.1 request: with a length, or in chunks, and never more than is allowed.

https://www.rfc-editor.org/rfc/rfc9112#section-6
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from .http_errors import BadRequest, EarlyAnswer

_LINE_LIMIT = 4096
_MAX_TRAILER_LINES = 200
_DIGITS = re.compile(r"[0-9]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(;[^\r\n]*)?\r\n")
_ENDED = "the connection ended within the body of a request"


def read_body(stream: BinaryIO, environ: Mapping[str, Any], most: int) -> bytes:
    """Read the body that the head announces; 400 for a malformed one, 413 for more than `most` bytes."""
    coding, length = environ.get("HTTP_TRANSFER_ENCODING"), environ.get("CONTENT_LENGTH")
    if coding is not None:
        if length is not None:
            raise BadRequest("the request has both Content-Length and Transfer-Encoding")
        if str(coding).lower() != "chunked" or environ["SERVER_PROTOCOL"] != "HTTP/1.1":
            raise BadRequest("chunked is the only Transfer-Encoding that is read, in HTTP/1.1")
        return b"".join(_chunks(stream, most))
    if not length:
        if length == "":
            raise BadRequest("Content-Length is empty")
        return b""
    if not _DIGITS.fullmatch(length):
        raise BadRequest("Content-Length is not a number")
    size = _bounded(length.lstrip("0") or "0", 10, most)
    body = stream.read(size)
    if len(body) < size:
        raise BadRequest(_ENDED)
    return body


def _chunks(stream: BinaryIO, most: int) -> Iterator[bytes]:
    left = most
    while True:
        line = stream.readline(_LINE_LIMIT)
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None:
            raise BadRequest("a chunk does not begin with its size" if line else _ENDED)
        size = _bounded(found[1].lstrip(b"0").decode() or "0", 16, left, most)
        if size == 0:
            _skip_trailers(stream)
            return
        left -= size
        chunk = stream.read(size)
        if len(chunk) < size:
            raise BadRequest(_ENDED)
        if stream.read(2) != b"\r\n":
            raise BadRequest("a chunk is longer than its size says, or does not end with CRLF")
        yield chunk


def _skip_trailers(stream: BinaryIO) -> None:
    for _ in range(_MAX_TRAILER_LINES):
        line = stream.readline(_LINE_LIMIT)
        if line == b"\r\n":
            return
        if not line.endswith(b"\r\n") or b":" not in line:
            raise BadRequest("what follows the last chunk is not a trailer")
    raise BadRequest("the request has too many trailer lines")


def _bounded(digits: str, base: int, left: int, most: int | None = None) -> int:
    """Return the number; it is not converted if it has more digits than any size that is allowed."""
    size = int(digits, base) if len(digits) <= 16 else left + 1
    if size > left:
        raise EarlyAnswer(413, f"the body is larger than {left if most is None else most} bytes")
    return size
