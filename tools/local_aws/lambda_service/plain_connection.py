"""A kept connection to this endpoint, which answers with a length: all of HTTP that a read of a shard needs."""

import socket

TIMEOUT_SECONDS = 60.0


class PlainConnection:
    """One request at a time; raises OSError when the connection breaks, after which it is to be closed."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = self._socket.makefile("rb")

    def post(self, head: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; `head` is the request line and its headers, but for the length."""
        self._socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status = int(self._line().split(maxsplit=2)[1])
        length = 0
        while line := self._line().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = self._received.read(length)
        if len(answer) < length:
            raise ConnectionResetError("the connection ended within an answer")
        return status, answer

    def close(self) -> None:
        self._received.close()
        self._socket.close()

    def _line(self) -> bytes:
        line = self._received.readline()
        if not line:
            raise ConnectionResetError("the connection ended")
        return line
