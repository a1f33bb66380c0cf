"""The Runtime API that one worker process talks to: it takes an invocation, and posts what came of it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; the paths below begin with /2018-06-01/runtime.
"""

import asyncio
import fcntl
import json
import select
import socket
import sys
import termios
from typing import Protocol

from local_aws.lambda_service.invocation import MAXIMUM_RESPONSE_BYTES, WorkerAnswer, WorkerRequest, response_too_large
from local_aws.lambda_service.runtime_messages import MOST_RECEIVED_BYTES, RuntimeRequest, is_foreign, take_message

PREFIX = "/2018-06-01/runtime/"


class NeverDelivered(Exception):
    """The worker was gone before it had read the invocation: give it to another one."""


class RuntimeEvents(Protocol):
    """Who is told what the runtime says."""

    def on_next(self) -> None:
        """The runtime waits for an invocation."""

    def on_init_error(self, body: bytes, error_type: str) -> None:
        """The function could not be loaded; the process is about to end."""

    def on_answer(self, request: WorkerRequest, answer: WorkerAnswer) -> None:
        """The running invocation has its answer."""


class RuntimeApi:
    """Serves one runtime on a loopback port of its own. One invocation at a time; use on one event loop only."""

    def __init__(self, events: RuntimeEvents) -> None:
        self._events = events
        self._server: asyncio.Server | None = None
        self._waiting: _Connection | None = None  # on which the runtime asked for its next invocation
        self._running: WorkerRequest | None = None
        self._read: asyncio.Future[None] | None = None
        self._connections: set[_Connection] = set()

    async def open(self) -> str:
        """Listen, and return the address as AWS_LAMBDA_RUNTIME_API wants it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, self._connections), "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening; what a runtime that has ended had still sent is read first."""
        if self._server is not None:
            self._server.close()
        if self._connections:
            # A process that the function started may hold a connection open.
            await asyncio.wait({connection.ended for connection in self._connections}, timeout=1)
            for connection in list(self._connections):
                connection.transport.abort()

    def hand_over(self, request: WorkerRequest, deadline_ms: int) -> "asyncio.Future[None]":
        """Give the waiting runtime an invocation. The future returned tells whether the runtime has read it:
        it raises NeverDelivered when the connection broke with the invocation still unread."""
        connection, self._waiting = self._waiting, None
        if connection is None or connection.has_hung_up():
            raise NeverDelivered
        self._running = request
        self._read = asyncio.get_running_loop().create_future()
        self._read.add_done_callback(asyncio.Future.exception)  # of no interest once there is an answer
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": request.arn,
            "Lambda-Runtime-Trace-Id": request.trace_id,
        }
        if request.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = request.client_context
        connection.write("200 OK", request.payload, headers)
        return self._read

    def respond(self, message: RuntimeRequest, connection: "_Connection") -> None:
        """Do what one request of the runtime asks for."""
        action = message.path.removeprefix(PREFIX)
        if action == "invocation/next":
            self._waiting = connection
            self._events.on_next()
        elif action == "init/error":
            self._events.on_init_error(message.body, _error_type(message))
            connection.write("202 Accepted", b'{"status":"OK"}')
        elif action.startswith("invocation/"):
            connection.write(self._answer(action, message), b'{"status":"OK"}')
        else:
            connection.write("404 Not Found", b'{"errorMessage":"no such path in the Runtime API"}')

    def settle_read(self, broken: NeverDelivered | None) -> None:
        """The invocation that was handed over has been read, or will never be."""
        if self._read is None or self._read.done():
            return
        if broken is None:
            self._read.set_result(None)
        else:
            self._read.set_exception(broken)

    def _answer(self, action: str, message: RuntimeRequest) -> str:
        _, request_id, verdict = action.split("/")
        request = self._running
        if request is None or request.request_id != request_id:
            return "400 Bad Request"
        self.settle_read(None)
        self._running = None
        if verdict == "error":
            self._events.on_answer(request, WorkerAnswer(message.body, "Unhandled", _error_type(message)))
            return "202 Accepted"
        if len(message.body) > MAXIMUM_RESPONSE_BYTES:
            self._events.on_answer(request, response_too_large(len(message.body), request_id))
            return "413 Payload Too Large"
        self._events.on_answer(request, WorkerAnswer(message.body))
        return "202 Accepted"


class _Connection(asyncio.Protocol):
    """One connection of the runtime; `ended` is done when it is no more."""

    transport: asyncio.Transport

    def __init__(self, api: RuntimeApi, connections: "set[_Connection]") -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._api = api
        self._connections = connections
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a socket
        self.transport = transport
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            while (message := take_message(self._received)) is not None:
                if is_foreign(message.headers):
                    self.write("403 Forbidden", b'{"errorMessage":"only the function\'s own process may call this"}')
                else:
                    self._api.respond(message, self)
        except ValueError:
            self._received.clear()
            self.write("400 Bad Request", b'{"errorMessage":"this is not a request of a runtime"}')
            self.transport.close()
        if len(self._received) > MOST_RECEIVED_BYTES:
            self.transport.abort()

    def eof_received(self) -> None:
        self._api.settle_read(NeverDelivered() if _was_turned_away(self.transport) else None)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self._api.settle_read(NeverDelivered() if isinstance(error, ConnectionError) else None)
        self.ended.set_result(None)

    def has_hung_up(self) -> bool:
        """A runtime that waits for its next invocation sends nothing: what can be read then is the end."""
        if self.transport.is_closing():
            return True
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def write(self, status: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def _error_type(message: RuntimeRequest) -> str:
    """The exception's name: Python's runtime says "Unhandled" of all of them in the header meant for it."""
    try:
        return str(json.loads(message.body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return message.headers.get("lambda-runtime-function-error-type", "Unhandled")


def _was_turned_away(transport: asyncio.Transport) -> bool:
    """The other side had ended when the last bytes came: they were answered with a reset, or are still on the way."""
    connection = transport.get_extra_info("socket")
    if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return True
    waiting = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    return int.from_bytes(waiting, sys.byteorder) > 0
