"""What a consumer's mapping reads from, and how a record gets there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from bench.consumer import ServedConsumer
from bench.servers import Server


@dataclass(frozen=True, slots=True)
class Source:
    """The event source `arn`; `write` brings one record into it, under the key that the function notes."""

    arn: str
    write: Callable[[str], object]


type SourceOf = Callable[[Server, ServedConsumer], AbstractContextManager[Source]]


@contextmanager
def shard(server: Server, consumer: ServedConsumer) -> Iterator[Source]:
    """The consumer's own Kinesis stream of one shard."""
    del server
    yield Source(consumer.stream_arn, lambda key: consumer.put([key]))


@contextmanager
def table(server: Server, consumer: ServedConsumer) -> Iterator[Source]:
    """The stream of a table, which is written to."""
    with _written_table(server, consumer) as (stream_arn, write):
        yield Source(stream_arn, write)


@contextmanager
def capture(server: Server, consumer: ServedConsumer) -> Iterator[Source]:
    """The consumer's Kinesis stream, into which the changes of a table are captured."""
    with _written_table(server, consumer) as (_, write):
        server.client("dynamodb").enable_kinesis_streaming_destination(
            TableName=consumer.name, StreamArn=consumer.stream_arn
        )
        yield Source(consumer.stream_arn, write)


@contextmanager
def _written_table(server: Server, consumer: ServedConsumer) -> Iterator[tuple[str, Callable[[str], object]]]:
    tables = server.client("dynamodb")
    described = tables.create_table(
        TableName=consumer.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    yield described["LatestStreamArn"], lambda key: tables.put_item(TableName=consumer.name, Item={"id": {"S": key}})
    tables.delete_table(TableName=consumer.name)
