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
from dataclasses import dataclass
from typing import Protocol

from local_aws.lambda_service.invocation import MAXIMUM_RESPONSE_BYTES, Answer, Request, response_too_large

PREFIX = "/2018-06-01/runtime/"
# The runtime sends a stack trace for X-Ray as a header of up to 1 MB.
MAXIMUM_HEAD_BYTES = 2 * 1024 * 1024


class NeverDelivered(Exception):
    """The worker was gone before it had read the invocation: give it to another one."""


class RuntimeEvents(Protocol):
    """Who is told what the runtime says."""

    def on_next(self) -> None:
        """The runtime waits for an invocation."""

    def on_init_error(self, body: bytes, error_type: str) -> None:
        """The function could not be loaded; the process is about to end."""

    def on_answer(self, request: Request, answer: Answer) -> None:
        """The running invocation has its answer."""


@dataclass(frozen=True, slots=True)
class _Message:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class RuntimeApi:
    """Serves one runtime on a loopback port of its own. One invocation at a time; use on one event loop only."""

    def __init__(self, events: RuntimeEvents) -> None:
        self._events = events
        self._server: asyncio.Server | None = None
        self._handed: asyncio.Future[tuple[Request, int]] | None = None
        self._running: Request | None = None
        self._read: asyncio.Future[None] | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Listen, and return the address as AWS_LAMBDA_RUNTIME_API wants it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAXIMUM_HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening; what a runtime that has ended had still sent is read first."""
        if self._server is not None:
            self._server.close()
        if self._handed is not None:
            self._handed.cancel()
        if self._connections:
            # A process that the function started may hold a connection open.
            _, open_still = await asyncio.wait(self._connections, timeout=1)
            for connection in open_still:
                connection.cancel()

    def hand_over(self, request: Request, deadline_ms: int) -> "asyncio.Future[None]":
        """Give the waiting runtime an invocation. The future returned tells whether the runtime has read it:
        it raises NeverDelivered when the connection broke with the invocation still unread."""
        if self._handed is None or self._handed.done():
            raise NeverDelivered
        self._running = request
        self._read = asyncio.get_running_loop().create_future()
        self._read.add_done_callback(asyncio.Future.exception)  # of no interest once there is an answer
        self._handed.set_result((request, deadline_ms))
        return self._read

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has a task
        self._connections.add(task)
        try:
            while True:
                await self._respond(await _read_message(reader), writer)
        except asyncio.IncompleteReadError:
            self._settle_read(NeverDelivered() if _was_turned_away(writer) else None)
        except ConnectionError:
            self._settle_read(NeverDelivered())
        except asyncio.CancelledError:
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _respond(self, message: _Message, writer: asyncio.StreamWriter) -> None:
        action = message.path.removeprefix(PREFIX)
        if action == "invocation/next":
            await self._next(writer)
        elif action == "init/error":
            self._events.on_init_error(message.body, _error_type(message))
            await _write(writer, "202 Accepted", b'{"status":"OK"}')
        elif action.startswith("invocation/"):
            status = self._answer(action, message)
            await _write(writer, status, b'{"status":"OK"}')
        else:
            await _write(writer, "404 Not Found", b'{"errorMessage":"no such path in the Runtime API"}')

    async def _next(self, writer: asyncio.StreamWriter) -> None:
        self._handed = asyncio.get_running_loop().create_future()
        self._events.on_next()
        request, deadline_ms = await self._handed
        if _has_hung_up(writer):
            raise ConnectionResetError
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": request.arn,
            "Lambda-Runtime-Trace-Id": request.trace_id,
        }
        if request.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = request.client_context
        await _write(writer, "200 OK", request.payload, headers)

    def _answer(self, action: str, message: _Message) -> str:
        _, request_id, verdict = action.split("/")
        request = self._running
        if request is None or request.request_id != request_id:
            return "400 Bad Request"
        self._settle_read(None)
        self._running = None
        if verdict == "error":
            self._events.on_answer(request, Answer(message.body, "Unhandled", _error_type(message)))
            return "202 Accepted"
        if len(message.body) > MAXIMUM_RESPONSE_BYTES:
            self._events.on_answer(request, response_too_large(len(message.body), request_id))
            return "413 Payload Too Large"
        self._events.on_answer(request, Answer(message.body))
        return "202 Accepted"

    def _settle_read(self, broken: NeverDelivered | None) -> None:
        if self._read is None or self._read.done():
            return
        if broken is None:
            self._read.set_result(None)
        else:
            self._read.set_exception(broken)


def _has_hung_up(writer: asyncio.StreamWriter) -> bool:
    """A runtime that waits for its next invocation sends nothing: what can be read then is the end."""
    if writer.transport.is_closing():
        return True
    poll = select.poll()
    poll.register(writer.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _error_type(message: _Message) -> str:
    """The exception's name: Python's runtime says "Unhandled" of all of them in the header meant for it."""
    try:
        return str(json.loads(message.body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return message.headers.get("lambda-runtime-function-error-type", "Unhandled")


def _was_turned_away(writer: asyncio.StreamWriter) -> bool:
    """The other side had ended when the last bytes came: they were answered with a reset, or are still on the way."""
    connection = writer.get_extra_info("socket")
    if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return True
    waiting = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    return int.from_bytes(waiting, sys.byteorder) > 0


async def _read_message(reader: asyncio.StreamReader) -> _Message:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _Message(method, path, headers, await _read_chunks(reader))
    length = int(headers.get("content-length", "0"))
    return _Message(method, path, headers, await reader.readexactly(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(chunks)


async def _write(writer: asyncio.StreamWriter, status: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()
