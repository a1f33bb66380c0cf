"""HTTP/1.1 requests of a runtime, taken off what has been received so far."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_aws.gate import foreign_page, host_name, is_local

MOST_RECEIVED_BYTES = 64 * 1024 * 1024
"""Most bytes that are kept of a request that is still on its way: many times what a function may answer."""

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class RuntimeRequest:
    """One request; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def take_message(received: bytearray) -> RuntimeRequest | None:
    """Remove the first whole message; None, and nothing removed, while it is still on its way."""
    end = received.find(_HEAD_END)
    if end < 0:
        return None
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    start = end + len(_HEAD_END)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        found = _chunks(received, start)
    else:
        found = _counted(received, start, _number(headers.get("content-length", "0"), 10))
    if found is None:
        return None
    body, taken = found
    del received[:taken]
    return RuntimeRequest(method, path, headers, body)


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser sent the request for a page: the Runtime API is on a port that a page can find."""
    name = host_name(headers.get("host", ""))
    names = {"host": "HTTP_HOST", "origin": "HTTP_ORIGIN", "referer": "HTTP_REFERER"}
    names["sec-fetch-site"] = "HTTP_SEC_FETCH_SITE"
    environ = {key: headers[header] for header, key in names.items() if header in headers}
    return name is None or not is_local(name) or foreign_page(environ) is not None


def _counted(received: bytearray, start: int, length: int) -> tuple[bytes, int] | None:
    end = start + length
    return (bytes(received[start:end]), end) if len(received) >= end else None


def _chunks(received: bytearray, start: int) -> tuple[bytes, int] | None:
    chunks: list[bytes] = []
    while (line_end := received.find(b"\r\n", start)) >= 0:
        size, begin = _number(received[start:line_end].decode("latin-1"), 16), line_end + 2
        start = begin + size + 2
        if len(received) < start:
            return None
        if not size:
            return b"".join(chunks), start
        chunks.append(bytes(received[begin : begin + size]))
    return None


def _number(digits: str, base: int) -> int:
    """Read a length; ValueError for anything but a few digits, as signs and underscores are to `int`."""
    if not digits.isascii() or not digits.isalnum() or len(digits) > 16:
        raise ValueError(f"{digits[:16]!r} is no length")
    return int(digits, base)
