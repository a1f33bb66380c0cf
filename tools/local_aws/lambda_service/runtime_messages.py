"""HTTP/1.1 requests of a runtime, taken off what has been received so far."""

from dataclasses import dataclass

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Message:
    """One request; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def take_message(received: bytearray) -> Message | None:
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
        found = _counted(received, start, int(headers.get("content-length", "0")))
    if found is None:
        return None
    body, taken = found
    del received[:taken]
    return Message(method, path, headers, body)


def _counted(received: bytearray, start: int, length: int) -> tuple[bytes, int] | None:
    end = start + length
    return (bytes(received[start:end]), end) if len(received) >= end else None


def _chunks(received: bytearray, start: int) -> tuple[bytes, int] | None:
    chunks: list[bytes] = []
    while (line_end := received.find(b"\r\n", start)) >= 0:
        size, begin = int(received[start:line_end], 16), line_end + 2
        start = begin + size + 2
        if len(received) < start:
            return None
        if not size:
            return b"".join(chunks), start
        chunks.append(bytes(received[begin : begin + size]))
    return None
