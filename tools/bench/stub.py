"""An endpoint that answers all that a function asks with success, a fixed time after it came: `python -m bench.stub`.

It keeps nothing and knows nothing, so that what is measured beside it is the caller. Its port is on the first line.
"""

import asyncio
import json
import sys
from typing import Any

EMPTY = b"{}"
ANSWERS = {b"BatchGetItem": b'{"Responses": {}, "UnprocessedKeys": {}}', b"BatchWriteItem": b'{"UnprocessedItems": {}}'}

PUBLISHED = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
NO_OBJECTS = b"<ListBucketResult></ListBucketResult>"
NO_HEADER = b"0"


class Stub(asyncio.Protocol):
    """One connection; its requests come one after another."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.Transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and len(body) >= int(_header(head, b"content-length")):
            self._received = b""
            asyncio.get_running_loop().call_later(self._seconds, self._answer, answer(head, body))

    def _answer(self, body: bytes) -> None:
        length = str(len(body)).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: "
            + length
            + b"\r\n\r\n"
            + body
        )


def answer(head: bytes, body: bytes) -> bytes:
    """What the service would say, by its protocol: JSON with a target, a query, OpenSearch's, or S3's."""
    line, target = head.partition(b"\r\n")[0], _header(head, b"x-amz-target")
    if target != NO_HEADER:
        return ANSWERS.get(target.rpartition(b".")[2], EMPTY)
    if body.startswith(b"Action="):
        return PUBLISHED
    if b"/_bulk" in line:
        written = [{"index": {"status": 201}}] * (body.count(b"\n") // 2)
        return json.dumps({"errors": False, "items": written}).encode()
    if b"_by_query" in line:
        return b'{"deleted": 0}'
    return NO_OBJECTS if line.startswith(b"GET") else EMPTY


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return NO_HEADER


async def serve(seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Stub(seconds), "127.0.0.1", 0)
    print("ready", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
