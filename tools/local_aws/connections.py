"""The open connections of a server: how many there may be, and which one goes when there are too many."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
import time

MOST_CONNECTIONS = 1024
_FEWEST_CONNECTIONS = 16


class Connections:
    """Bounds the connections. Any thread may use it.

    The connection that has waited longest for its client is closed to make room; one that the application is
    answering never is.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = _affordable() if most is None else most
        self._waiting_since: dict[socket.socket, float] = {}
        self._answering: set[socket.socket] = set()
        self._changed = threading.Condition()

    def add(self, connection: socket.socket) -> None:
        """Count a connection that waits for its client; make room for it first."""
        with self._changed:
            if len(self._waiting_since) + len(self._answering) >= self._most:
                self._drop_oldest()
            self._waiting_since[connection] = time.monotonic()

    def answering(self, connection: socket.socket) -> None:
        """Note that a whole request has come, and that the application answers it."""
        with self._changed:
            if self._waiting_since.pop(connection, None) is not None:
                self._answering.add(connection)

    def waiting(self, connection: socket.socket) -> None:
        """Note that the connection waits for its client: to send a request, or to take an answer."""
        with self._changed:
            self._answering.discard(connection)
            self._waiting_since[connection] = time.monotonic()
            self._changed.notify_all()

    def remove(self, connection: socket.socket) -> None:
        with self._changed:
            self._waiting_since.pop(connection, None)
            self._answering.discard(connection)
            self._changed.notify_all()

    def make_room(self, seconds: float) -> None:
        """Close the connection that has waited longest; wait until any is closed, or for so many seconds."""
        with self._changed:
            self._drop_oldest()
            self._changed.wait(seconds)

    def shut_all(self) -> None:
        with self._changed:
            for connection in (*self._waiting_since, *self._answering):
                _shut(connection)

    def _drop_oldest(self) -> None:
        # A dict keeps the order in which its keys were added, so the first one has waited longest.
        for connection in self._waiting_since:
            _shut(connection)
            del self._waiting_since[connection]
            return


def _affordable() -> int:
    """Half of the file descriptors that this process may open: the services and the functions need the others."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft < 0 else max(_FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, soft // 2))


def _shut(connection: socket.socket) -> None:
    """End the connection under the thread that reads it, which then closes it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
