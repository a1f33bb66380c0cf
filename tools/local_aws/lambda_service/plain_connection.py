"""A kept connection to this endpoint, which answers with a length: all of HTTP that a read of a shard needs.

It lives on the event loop of its reader: a thread that waits for the answer costs more than the answer does.
"""

import asyncio
import re

TIMEOUT_SECONDS = 60.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class PlainConnection(asyncio.Protocol):
    """One request at a time. Once `post` has raised anything, or has been cancelled, it is to be closed."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received: list[bytes] = []
        self._status = 0
        self._missing = 0  # bytes of the body that are still to come, once the head is there

    @classmethod
    async def to(cls, host: str, port: int) -> "PlainConnection":
        """Connect; raise OSError."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def post(self, head: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer, or OSError; `head` is the request line and its headers, but for the length."""
        loop = asyncio.get_running_loop()
        self._answer, self._received, self._status = loop.create_future(), [], 0
        if self._transport.is_closing():
            raise ConnectionResetError("the connection ended")
        self._transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head.encode(), len(body), body))
        expiry = loop.call_later(TIMEOUT_SECONDS, self._fail, TimeoutError("no answer came"))
        try:
            return await self._answer
        finally:
            expiry.cancel()

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a socket
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError("the connection ended before the answer"))

    def data_received(self, data: bytes) -> None:
        if self._status:
            self._missing -= len(data)
            self._received.append(data)
        elif not self._take_head(b"".join([*self._received, data])):
            return
        if self._missing <= 0 and self._answer is not None and not self._answer.done():
            self._answer.set_result((self._status, b"".join(self._received)))

    def _take_head(self, received: bytes) -> bool:
        """Note what the head says and keep what follows it; False while it is not all there."""
        head, end, rest = received.partition(_HEAD_END)
        self._received = [rest if end else received]
        if not end:
            return False
        length = _LENGTH.search(head)
        self._status, self._missing = int(head.split(maxsplit=2)[1]), int(length[1] if length else 0) - len(rest)
        return True

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
