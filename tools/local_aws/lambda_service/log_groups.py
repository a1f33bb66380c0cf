"""Writes what functions log into CloudWatch Logs of the endpoint, where `logs tail` and filter_log_events find it.

The metrics that log lines embed are taken out on the way, as CloudWatch Logs does.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.lambda_service.strides import Strides
from local_aws.measures import Measures

STRIDE_SECONDS = 0.5
MOST_EVENTS = 10_000
"""Of one PutLogEvents; its 1 MB is kept to by the number of characters."""
MOST_CHARACTERS = 200_000

type Event = dict[str, Any]
type _Line = tuple[str, str, Event]


class LogGroups:
    """Call it with each line; a thread of its own writes them, those of one stream in order, before `close` returns.

    Logs are a convenience of the local runtime: lines that the endpoint does not take are dropped.
    """

    def __init__(self, client: Callable[[], Any], measures: Measures) -> None:
        self._client = client
        self._measures = measures
        self._made: set[tuple[str, str]] = set()
        self._strides = Strides[_Line]("log-groups", STRIDE_SECONDS, self._write)

    def __call__(self, group: str, stream: str, line: str) -> None:
        self._strides.add((group, stream, {"timestamp": int(time.time() * 1000), "message": line}))

    def close(self) -> None:
        self._strides.close()

    def _write(self, lines: deque[_Line]) -> None:
        of_streams: dict[tuple[str, str], list[Event]] = defaultdict(list)
        while lines:
            group, stream, event = lines.popleft()
            of_streams[group, stream].append(event)
            self._measures.add_embedded(event["message"], event["timestamp"] / 1000)
        for (group, stream), events in of_streams.items():
            with suppress(ClientError, BotoCoreError):
                self._put(group, stream, events)

    def _put(self, group: str, stream: str, events: list[Event]) -> None:
        client = self._client()
        if (group, stream) not in self._made:
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_group(logGroupName=group)
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_stream(logGroupName=group, logStreamName=stream)
            self._made.add((group, stream))
        for some in _portions(events):
            try:
                client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=some)
            except client.exceptions.ResourceNotFoundException:  # deleted meanwhile: made anew by the next lines
                self._made.discard((group, stream))


def _portions(events: list[Event]) -> list[list[Event]]:
    """As many events as one call takes, in order."""
    portions: list[list[Event]] = [[]]
    characters = 0
    for event in events:
        characters += len(event["message"])
        if portions[-1] and (characters > MOST_CHARACTERS or len(portions[-1]) >= MOST_EVENTS):
            portions.append([])
            characters = len(event["message"])
        portions[-1].append(event)
    return portions
