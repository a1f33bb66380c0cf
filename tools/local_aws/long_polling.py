"""Waiting ReceiveMessage calls that do not hold up the queue they wait for.

moto waits inside the call, under the lock that the sender of the awaited message needs. Here a call waits in
front of moto until its queue has a message to give, and is then passed on as one that does not wait.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

from __future__ import annotations

import io
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode

from moto.sqs.models import Queue, sqs_backends

from .wire import Protocol, Request

LONGEST_SECONDS = 20
GLANCE_SECONDS = 0.2
"""Messages also appear without a call, when a delay or a visibility time-out ends: so look again and again."""


class LongPolling:
    """Holds waiting receivers; `arrived` wakes them after calls that may have put a message into a queue."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._arrivals = threading.Condition()

    def arrived(self) -> None:
        with self._arrivals:
            self._arrivals.notify_all()

    def wait(self, request: Request) -> Request:
        """Return when the queue has a message or the waiting time is over; with the call to pass on."""
        in_json = request.protocol == Protocol.JSON
        call = request.json if in_json else {name: values[0] for name, values in request.parameters.items()}
        url = str(call.get("QueueUrl", request.path))
        queue = sqs_backends[self._account_id][request.region].queues.get(url.rpartition("/")[2])
        if queue is None:
            return request
        # An attribute that moto sets by the name it has in the API.
        default = getattr(queue, "receive_message_wait_time_seconds", 0)
        wait = _seconds(call.get("WaitTimeSeconds", default))
        if not 0 < wait <= LONGEST_SECONDS:
            return request
        self._wait_for_message(queue, time.monotonic() + wait)
        call = {**call, "WaitTimeSeconds": 0}
        return _with_body(request, (json.dumps(call) if in_json else urlencode(call)).encode())

    def _wait_for_message(self, queue: Queue, ends: float) -> None:
        with self._arrivals:
            while not queue.messages and (left := ends - time.monotonic()) > 0:
                self._arrivals.wait(min(GLANCE_SECONDS, left))


def _seconds(value: Any) -> int:
    """Read a number of seconds; 0 for what is none, which is for moto to refuse."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _with_body(request: Request, body: bytes) -> Request:
    environ = {name: value for name, value in request.environ.items() if not name.startswith("werkzeug.")}
    return Request(environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
