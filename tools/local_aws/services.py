"""moto in this process: its services with our tables and streams, each behind a lock.

moto is not thread-safe. Services that call each other within moto (SNS delivers to SQS) share a lock, and the
locks are only ever taken in one order: DynamoDB's before Kinesis's.
"""

from __future__ import annotations

import base64
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, cast

import moto.dynamodb.responses
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.events.models import Rule, events_backends
from moto.kinesis.models import KinesisBackend, kinesis_backends
from moto.s3.models import s3_backends

from .capture import Capture
from .clock import Clock
from .disorder import Disorder
from .dynamodb_api import DynamoDbApi
from .event_stream import CONTENT_TYPE
from .expressions import keep_parsed_expressions
from .fan_out import ConsumerSubscriptions
from .http_server import StartResponse
from .kinesis_api import KinesisApi
from .kinesis_streams import LEAST_KIB, ShardedStream, ShardedStreams
from .long_polling import LongPolling
from .moto_services import MotoServices, ask_moto
from .object_events import complete_events
from .outward import keep_failed_deliveries_from_publishers, refuse_distant_subscriber
from .projections import keep_binary_sets
from .sized_attributes import keep_sizes
from .state.keeper import Forgetful, Keeper
from .table_streams import TableStreamsApi
from .tables import StreamedTables
from .wire import Request, json_answer

_LOCK_OF = {
    "dynamodbstreams": "dynamodb",
    "sns": "sqs",
    "events": "sqs",
    "s3": "sqs",
    "": "sqs",
}  # a request without a service is S3's
MOST_TRANSACTION_READS = 100
SUBSCRIBE = "SubscribeToShard"
"""The one operation whose answer goes on and on."""


class Services:
    """All services but Lambda. One at a time per process: moto keeps its state in globals, which this resets."""

    def __init__(
        self,
        account_id: str,
        clock: Clock = time.time,
        disorder: Disorder | None = None,
        seed: int = 0,
        keeper: Keeper | None = None,
    ) -> None:
        self.account_id = account_id
        keeper = keeper or Forgetful()
        disorder = disorder or Disorder()
        self.capture = Capture(
            clock, self._put_into_kinesis, self._has_stream, self._most_bytes, keeper, disorder, seed
        )
        self._clock = clock
        self._locks: dict[str, threading.RLock] = {}
        self._locks_lock = threading.Lock()
        self._moto = MotoServices()
        self._long_polling = LongPolling(account_id)
        self._first: dict[str, Callable[[], None]] = {}
        self._kinesis = KinesisApi(self.streams)
        self._fan_out = ConsumerSubscriptions(self.streams, self.lock("kinesis"))
        self._table_streams = TableStreamsApi(self.tables)
        self._dynamodb = DynamoDbApi(account_id, self.tables, keeper)
        os.environ["MOTO_ACCOUNT_ID"] = account_id
        logging.getLogger("moto").setLevel(logging.ERROR)
        _forget_everything()
        dynamodb_backends.backend = partial(StreamedTables, capture=self.capture, clock=clock, keeper=keeper)  # type: ignore[assignment]
        kinesis_backends.backend = partial(ShardedStreams, clock=clock, keeper=keeper)  # type: ignore[assignment]
        keep_parsed_expressions()
        keep_sizes()
        keep_binary_sets()
        keep_failed_deliveries_from_publishers()
        self.prepare_first("s3", complete_events)
        moto.dynamodb.responses.TRANSACTION_MAX_ITEMS = MOST_TRANSACTION_READS

    def tables(self, region: str) -> StreamedTables:
        return cast("StreamedTables", dynamodb_backends[self.account_id][region])

    def streams(self, region: str) -> ShardedStreams:
        return cast("ShardedStreams", kinesis_backends[self.account_id][region])

    def all_tables(self) -> list[StreamedTables]:
        """The tables of every region in use."""
        return [cast("StreamedTables", each) for each in list(dynamodb_backends[self.account_id].values())]

    def rules(self) -> list[Rule]:
        """The rules of EventBridge's default buses, of every region in use."""
        with self.lock("events"):
            buses = [backend.event_buses["default"] for backend in events_backends[self.account_id].values()]
            return [rule for bus in buses for rule in bus.rules.values()]

    def lock(self, service: str) -> threading.RLock:
        name = _LOCK_OF.get(service, service)
        with self._locks_lock:
            return self._locks.setdefault(name, threading.RLock())

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Hold the services still, all but CloudFormation, which waits for the others while it makes a stack."""
        with self._locks_lock:
            others = sorted(set(self._locks) - {"dynamodb", "kinesis", "cloudformation"})
        with ExitStack() as stack:
            for name in ("dynamodb", "kinesis", *others):
                stack.enter_context(self.lock(name))
            yield

    def own(self) -> dict[str, Any]:
        """What services refer to that belongs to this process."""
        return {"capture": self.capture, "clock": self._clock}

    def restore_tokens(self, tokens: dict[Any, Any]) -> None:
        """Take back which transactions need not be done again."""
        self._dynamodb.tokens = dict(tokens)

    def close(self) -> None:
        """Leave moto as it was found, for whoever uses it in this process next."""
        _forget_everything()
        dynamodb_backends.backend = DynamoDBBackend
        kinesis_backends.backend = KinesisBackend

    def prepare_first(self, service: str, prepare: Callable[[], None]) -> None:
        """Have something done before a service answers; it is asked each time, and is to be quick when done."""
        self._first[service] = prepare

    def answer(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """Answer any request that is not Lambda's; errors to be put on the wire are raised as `ServiceError`."""
        match request.service:
            case "dynamodb" if request.target[1]:
                with self.lock("dynamodb"):
                    answer = self._dynamodb.answer(request)
            case "dynamodbstreams":
                with self.lock("dynamodb"):
                    answer = json_answer(request, self._table_streams.answer(request))
            case "kinesis" if request.target[1] == SUBSCRIBE:
                messages = self._fan_out.subscribe(request)
                start_response("200 OK", [("Content-Type", CONTENT_TYPE), ("Transfer-Encoding", "chunked")])
                return messages
            case "kinesis" if self._kinesis.serves(request):
                with self.lock("kinesis"):
                    answer = json_answer(request, self._kinesis.answer(request))
            case "sqs" if "ReceiveMessage" in (request.target[1], *request.parameters.get("Action", ())):
                return self._ask_moto(self._long_polling.wait(request), start_response)
            case "sns":
                refuse_distant_subscriber(request)
                return self._ask_moto(request, start_response)
            case _:
                return self._ask_moto(request, start_response)
        return answer.send(start_response)

    def _ask_moto(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        if request.service in self._first:
            self._first[request.service]()
        with self.lock(request.service):
            body = ask_moto(self._moto, request, start_response)
        if self.lock(request.service) is self.lock("sqs"):
            self._long_polling.arrived()
        return [body]

    def _put_into_kinesis(self, stream_arn: str, partition_key: str, text: bytes) -> None:
        stream = self._find_stream(stream_arn)
        if stream is not None:
            with self.lock("kinesis"):
                stream.put_record(partition_key, None, base64.b64encode(text).decode())

    def _has_stream(self, stream_arn: str) -> bool:
        return self._find_stream(stream_arn) is not None

    def _most_bytes(self, stream_arn: str) -> int:
        stream = self._find_stream(stream_arn)
        return (stream.max_record_kib if stream else LEAST_KIB) * 1024

    def _find_stream(self, stream_arn: str) -> ShardedStream | None:
        found = self.streams(stream_arn.split(":")[3]).streams.get(stream_arn.rpartition("/")[2])
        return found if isinstance(found, ShardedStream) else None


def _forget_everything() -> None:
    for accounts in list(s3_backends.values()):
        accounts.reset()  # closes the files that objects are kept in
    reset_model_data()
    for backends in list(BackendDict._instances):  # type: ignore[misc]
        backends.clear()
    BackendDict._instances.clear()  # type: ignore[misc]
