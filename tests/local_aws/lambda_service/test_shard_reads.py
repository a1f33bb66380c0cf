"""Reads of a shard over a kept connection, against a server that answers as it is told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local_aws.lambda_service.shard_reads import ShardReads

EMPTY = b'{"Records":[]}'

type Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(body), body)


async def request(reader: asyncio.StreamReader) -> Any:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
    return json.loads(await reader.readexactly(length))


@pytest.fixture(scope="module")
def kinesis() -> Any:
    return boto3.client("kinesis", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")


@contextlib.asynccontextmanager
async def reads_from(serve: Serve, kinesis: Any) -> AsyncIterator[ShardReads]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reads = ShardReads(kinesis, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield reads
    finally:
        reads.close()
        server.close()


def test_an_answer_may_come_in_pieces(kinesis: Any) -> None:
    async def in_pieces(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        for byte in answer(EMPTY):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async def read() -> Any:
        async with reads_from(in_pieces, kinesis) as reads:
            return await reads.get_records(ShardIterator="i")

    assert asyncio.run(read()) == {"Records": []}


def test_reads_that_follow_each_other_share_a_connection(kinesis: Any) -> None:
    connections: list[list[Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append([])
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                connections[-1].append((await request(reader))["ShardIterator"])
                writer.write(answer(EMPTY))
        writer.close()

    async def read() -> None:
        async with reads_from(serve, kinesis) as reads:
            await reads.get_records(ShardIterator="a")
            await reads.get_records(ShardIterator="b")

    asyncio.run(read())

    assert connections == [["a", "b"]]


def test_a_connection_that_ends_within_an_answer_is_not_used_again(kinesis: Any) -> None:
    broken: list[bool] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(answer(EMPTY) if broken else answer(EMPTY)[:-1])
        broken.append(True)
        writer.close()

    async def read() -> Any:
        async with reads_from(serve, kinesis) as reads:
            with pytest.raises(EndpointConnectionError):
                await reads.get_records(ShardIterator="a")
            return await reads.get_records(ShardIterator="a")

    assert asyncio.run(read()) == {"Records": []}


def test_the_answer_to_a_read_that_was_given_up_reaches_no_other(kinesis: Any) -> None:
    asked = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        iterator = (await request(reader))["ShardIterator"]
        asked.set()
        if iterator == "second":
            writer.write(answer(b'{"Records":["second"]}'))
        else:
            await reader.read()
        writer.close()

    async def read() -> Any:
        async with reads_from(serve, kinesis) as reads:
            given_up = asyncio.ensure_future(reads.get_records(ShardIterator="first"))
            await asked.wait()
            given_up.cancel()
            await asyncio.wait({given_up})
            return await reads.get_records(ShardIterator="second")

    assert asyncio.run(read()) == {"Records": ["second"]}


def test_an_endpoint_that_is_away_is_told_as_boto3_tells_it(kinesis: Any) -> None:
    reads = ShardReads(kinesis, "http://127.0.0.1:1")

    with pytest.raises(EndpointConnectionError):
        asyncio.run(reads.get_records(ShardIterator="a"))


def test_a_refusal_is_told_as_boto3_tells_it(kinesis: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(answer(b'{"__type":"ExpiredIteratorException","message":"old"}', "400 Bad Request"))
        writer.close()

    async def read() -> None:
        async with reads_from(serve, kinesis) as reads:
            await reads.get_records(ShardIterator="a")

    with pytest.raises(ClientError, match="old") as refused:
        asyncio.run(read())

    assert refused.value.response["Error"]["Code"] == "ExpiredIteratorException"
