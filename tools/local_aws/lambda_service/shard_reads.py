"""GetRecords without boto3's parsing, which takes longer over a page than all else that happens to it."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, EndpointConnectionError

from local_aws.lambda_service.plain_connection import PlainConnection

_SIGNED = "AWS4-HMAC-SHA256 Credential=local/00000000/{region}/{service}/aws4_request"


class ShardReads:
    """A boto3 client whose `get_records` is awaited, and answers with what was on the wire: seconds as numbers, binary
    as base64. That is what the records of an event hold too.

    Any thread may call the rest of it; `get_records` and `close` belong to one event loop.
    """

    def __init__(self, client: Any, endpoint_url: str) -> None:
        self._client = client
        address = urlsplit(endpoint_url)
        self._host, self._port = str(address.hostname), int(address.port or 80)
        self._endpoint_url = endpoint_url
        model = client.meta.service_model
        headers = {
            "Host": address.netloc,
            "Content-Type": f"application/x-amz-json-{model.metadata['jsonVersion']}",
            "X-Amz-Target": f"{model.metadata['targetPrefix']}.GetRecords",
            "Authorization": _SIGNED.format(region=client.meta.region_name, service=model.signing_name),
        }
        self._head = "POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._free: list[PlainConnection] = []
        self._events: dict[str, Events] = {}
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def get_records(self, **parameters: Any) -> dict[str, Any]:
        """Raise ClientError and BotoCoreError as boto3 does."""
        try:
            status, body = await self._post(json.dumps(parameters).encode())
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._endpoint_url, error=error) from error
        document: dict[str, Any] = json.loads(body)
        if status != 200:
            code = str(document.get("__type", "")).rpartition("#")[2]
            failure = {"Error": {"Code": code, "Message": str(document.get("message", ""))}}
            raise ClientError(failure, "GetRecords")  # type: ignore[arg-type]
        return document

    def subscribe_to_shard(self, **parameters: Any) -> dict[str, Any]:
        """As boto3's, with events that are closed when another subscription to the shard takes their place."""
        answer: dict[str, Any] = self._client.subscribe_to_shard(**parameters)
        events = Events(answer["EventStream"])
        former, self._events[parameters["ShardId"]] = self._events.get(parameters["ShardId"]), events
        if former is not None:
            former.close()
        answer["EventStream"] = events
        return answer

    def close(self) -> None:
        """Close what is open; what a read still needs is closed after it."""
        self._closed = True
        for events in self._events.values():
            events.close()
        while self._free:
            self._free.pop().close()

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        connection = self._free.pop() if self._free else await PlainConnection.to(self._host, self._port)
        try:
            received = await connection.post(self._head, body)
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        if self._closed:
            self.close()
        return received


class Events:
    """The events of one subscription; they can be closed while a thread waits for the next."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._events: Iterator[dict[str, Any]] = iter(stream)
        self._reading = threading.Lock()
        self._closed = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        event = None
        try:
            with self._reading:
                event = None if self._closed else next(self._events, None)
        finally:
            if event is None or self._closed:
                self._stream.close()
        if event is None:
            raise StopIteration
        return event

    def close(self) -> None:
        """Begin no further read; one that waits closes the stream when it returns, with the next heartbeat."""
        self._closed = True
        if self._reading.acquire(blocking=False):
            try:
                self._stream.close()
            finally:
                self._reading.release()
