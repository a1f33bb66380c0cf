"""HTTP requests as bytes on a socket: what no client library would send, and what a browser adds."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from builders import REGION


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def cors(self) -> dict[str, str]:
        """The headers that tell a browser which pages may read the answer."""
        return {name: value for name, value in self.headers.items() if name.startswith("access-control-")}


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20)


def ask(url: str, request: bytes, *, ends: bool = False) -> Reply:
    """Send these bytes on a connection of their own; `ends` says that nothing more will come."""
    with connect(url) as connection:
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return answer_of(connection)


def answer_of(connection: socket.socket) -> Reply:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Reply(answer.status, headers, answer.read())


def request(
    url: str, target: str = "/", *headers: str, method: str = "GET", host: str | None = None, body: bytes = b""
) -> bytes:
    """A request with a body of a length that is told; `host` is the one of `url` if none is given."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {urlsplit(url).netloc if host is None else host}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def called(url: str, service: str, target: str, call: dict[str, Any]) -> tuple[int, str]:
    """Call an operation past the checks of a client library; return its status and its error code."""
    scope = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{service}/aws4_request, Signature=0"
    headers = (scope, f"X-Amz-Target: {target}", "Content-Type: application/x-amz-json-1.1")
    reply = ask(url, request(url, "/", *headers, method="POST", body=json.dumps(call).encode()))
    return reply.status, json.loads(reply.body or b"{}").get("__type", "").rpartition("#")[2]
