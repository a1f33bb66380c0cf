"""Requests that are malformed in their bytes or in what they carry: answered with 400 and a reason, never a trace."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_aws.runtime import Runtime
from served_aws import REGION, Aws

from .raw_http import Reply, answer_of, ask, connect, request

HEAD = "POST /_local/refusals HTTP/1.1\r\nHost: {host}\r\n"
FRAMES = {
    "negative length": (HEAD + "Content-Length: -1\r\n\r\n", 400),
    "signed length": (HEAD + "Content-Length: +1\r\n\r\nx", 400),
    "length with an underscore": (HEAD + "Content-Length: 1_0\r\n\r\n0123456789", 400),
    "length in digits of another kind": (HEAD + "Content-Length: \u00b2\r\n\r\nxx", 400),
    "length that is no number": (HEAD + "Content-Length: x\r\n\r\n", 400),
    "empty length": (HEAD + "Content-Length:\r\n\r\n", 400),
    "hexadecimal length": (HEAD + "Content-Length: 0x10\r\n\r\n", 400),
    "two lengths": (HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "the same length twice": (HEAD + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
    "a list of lengths": (HEAD + "Content-Length: 1, 1\r\n\r\nx", 400),
    "huge length": (HEAD + "Content-Length: 100000000000\r\n\r\n", 413),
    "length beyond any number": (HEAD + f"Content-Length: {'9' * 5000}\r\n\r\n", 413),
    "less than the length": (HEAD + "Content-Length: 10\r\n\r\nx", 400),
    "length and chunks": (HEAD + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "unknown coding": (HEAD + "Transfer-Encoding: gzip\r\n\r\n", 400),
    "two codings": (HEAD + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked twice": (HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "coding with a tab": (HEAD + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "empty coding": (HEAD + "Transfer-Encoding:\r\n\r\n0\r\n\r\n", 400),
    "chunk without a size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n\r\n", 400),
    "negative chunk": (HEAD + "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", 400),
    "chunk with a prefix": (HEAD + "Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n", 400),
    "chunk with an underscore": (HEAD + "Transfer-Encoding: chunked\r\n\r\n1_0\r\nx\r\n0\r\n\r\n", 400),
    "chunk with a blank before": (HEAD + "Transfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n0\r\n\r\n", 400),
    "chunk ended by a line feed": (HEAD + "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400),
    "huge chunk": (HEAD + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFF\r\nx", 413),
    "chunk beyond any number": (HEAD + f"Transfer-Encoding: chunked\r\n\r\n{'F' * 3000}\r\nx", 413),
    "chunk longer than its size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n", 400),
    "chunk shorter than its size": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nx\r\n0\r\n\r\n", 400),
    "chunks that break off": (HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", 400),
    "trailer that is none": (HEAD + "Transfer-Encoding: chunked\r\n\r\n0\r\nnothing\r\n\r\n", 400),
    "trailers without end": (HEAD + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "a: b\r\n" * 300, 400),
    "chunks in HTTP/1.0": (HEAD.replace("/1.1", "/1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "no method": (" / HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "no target": ("GET HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "two blanks": ("GET  / HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "tabs": ("GET\t/\tHTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "more words": ("GET / x HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "no version": ("GET / HTTP\r\nHost: {host}\r\n\r\n", 400),
    "HTTP/2": ("PRI * HTTP/2.0\r\n\r\n", 505),
    "HTTP/9.9": ("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n", 505),
    "not HTTP": ("SSH-2.0-OpenSSH\r\n\r\n", 400),
    "TLS": ("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    "target without a slash": ("GET x HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "a NUL in the target": ("GET /\x00 HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "half an escape": ("GET /%4 HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "no escape": ("GET /%zz HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "path that is not UTF-8": ("GET /%ff%fe HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "header without a colon": ("GET / HTTP/1.1\r\nHost: {host}\r\nnothing\r\n\r\n", 400),
    "header without a name": ("GET / HTTP/1.1\r\nHost: {host}\r\n: x\r\n\r\n", 400),
    "blank before the colon": ("GET / HTTP/1.1\r\nHost: {host}\r\nX : x\r\n\r\n", 400),
    "folded header": ("GET / HTTP/1.1\r\nHost: {host}\r\nX: x\r\n y\r\n\r\n", 400),
    "NUL in a header": ("GET / HTTP/1.1\r\nHost: {host}\r\nX: a\x00b\r\n\r\n", 400),
    "return in a header": ("GET / HTTP/1.1\r\nHost: {host}\r\nX: a\rb\r\n\r\n", 400),
    "line feed in a header": ("GET / HTTP/1.1\r\nHost: {host}\r\nX: a\nContent-Length: 5\r\n\r\n", 400),
    "many headers": ("GET / HTTP/1.1\r\nHost: {host}\r\n" + "X: x\r\n" * 500 + "\r\n", 431),
    "a long header": ("GET / HTTP/1.1\r\nHost: {host}\r\nX: " + "x" * 100_000 + "\r\n\r\n", 431),
    "a long target": ("GET /" + "x" * 100_000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n", 431),
    "a head that breaks off": ("GET / HTTP/1.1\r\nHost: {host}\r\nX", 400),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_malformed_request_is_refused_with_its_reason(aws: Aws, capfd: pytest.CaptureFixture[str], name: str) -> None:
    text, status = FRAMES[name]
    frame = text.replace("{host}", urlsplit(aws.endpoint.url).netloc).encode("latin-1")

    reply = ask(aws.endpoint.url, frame, ends=True)

    assert reply.status == status
    assert len(reply.text) > 10
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("split", range(1, 40, 3))
def test_a_request_is_read_however_its_bytes_arrive(aws: Aws, split: int) -> None:
    text = request(aws.endpoint.url, "/_local/refusals", method="POST", body=b'{"service": "none"}')

    with connect(aws.endpoint.url) as connection:
        for begin in range(0, len(text), split * 3):
            connection.sendall(text[begin : begin + split * 3])

        assert answer_of(connection).status == 400


MEMBERS = [
    "TableName", "StreamName", "QueueUrl", "FunctionName", "Item", "Key", "Records", "Data", "Code", "Timeout",
    "ShardCount", "EventSourceArn", "LayerName", "Content", "MessageBody", "Entries", "ShardId", "query", "size",
    "docs", "service", "error", "seconds", "RequestItems", "KeySchema", "Role", "Runtime", "Handler", "StreamArn",
    "AttributeDefinitions", "ShardIterator", "TransactItems", "logGroupName", "Environment", "sort", "search_after",
    "mappings", "repeats",
]  # fmt: skip
BODIES = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b"\xff\xfe\xfa",
    "text with a byte that is none": b'{"TableName": "\xff"}',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"Limit": NaN}',
    "an infinite number": b'{"Limit": 1e400}',
    "a giant integer": b'{"Limit": ' + b"9" * 5000 + b"}",
    "deep lists": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "half a surrogate": b'{"TableName": "\\ud800", "StreamName": "\\ud800", "QueueUrl": "\\ud800"}',
    "wrong types": json.dumps(
        {name: [{"x": [1]}] for name in MEMBERS}
    ).encode(),
    "numbers for text": json.dumps(
        dict.fromkeys(("TableName", "StreamName", "QueueUrl", "FunctionName", "Role", "StreamARN", "service"), 1)
    ).encode(),
}  # fmt: skip


def signed(service: str, target: str) -> tuple[str, ...]:
    scope = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{service}/aws4_request, Signature=0"
    return scope, f"X-Amz-Target: {target}", "Content-Type: application/x-amz-json-1.0"


CALLS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    **{
        f"dynamodb {name}": ("POST", "/", signed("dynamodb", f"DynamoDB_20120810.{name}"))
        for name in ("PutItem", "UpdateItem", "BatchWriteItem", "BatchGetItem", "TransactWriteItems", "CreateTable",
                     "Query", "ExecuteStatement", "EnableKinesisStreamingDestination")
    },
    **{
        f"streams {name}": ("POST", "/", signed("dynamodb", f"DynamoDBStreams_20120810.{name}"))
        for name in ("GetRecords", "GetShardIterator", "DescribeStream")
    },
    **{
        f"kinesis {name}": ("POST", "/", signed("kinesis", f"Kinesis_20131202.{name}"))
        for name in ("PutRecord", "PutRecords", "CreateStream", "GetRecords", "GetShardIterator", "SubscribeToShard",
                     "UpdateShardCount", "SplitShard")
    },
    **{
        f"sqs {name}": ("POST", "/", signed("sqs", f"AmazonSQS.{name}"))
        for name in ("SendMessage", "SendMessageBatch", "ReceiveMessage", "CreateQueue")
    },
    "logs": ("POST", "/", signed("logs", "Logs_20140328.PutLogEvents")),
    "events": ("POST", "/", signed("events", "AWSEvents.PutEvents")),
    "create a function": ("POST", "/2015-03-31/functions", ()),
    "update code": ("PUT", "/2015-03-31/functions/fuzz/code", ()),
    "update a function": ("PUT", "/2015-03-31/functions/fuzz/configuration", ()),
    "publish a layer": ("POST", "/2018-10-31/layers/l/versions", ()),
    "map": ("POST", "/2015-03-31/event-source-mappings", ()),
    "concurrency": ("PUT", "/2017-10-31/functions/fuzz/concurrency", ()),
    "event settings": ("PUT", "/2019-09-25/functions/fuzz/event-invoke-config", ()),
    "permission": ("POST", "/2015-03-31/functions/fuzz/policy", ()),
    "alias": ("POST", "/2015-03-31/functions/fuzz/aliases", ()),
    "tags": ("POST", "/2017-03-31/tags/arn:aws:lambda:eu-west-1:123456789012:function:fuzz", ()),
    "search": ("POST", "/_opensearch/fuzz/_search", ()),
    "search many": ("POST", "/_opensearch/fuzz/_mget", ()),
    "search delete": ("POST", "/_opensearch/fuzz/_delete_by_query", ()),
    "bulk": ("POST", "/_opensearch/fuzz/_bulk", ()),
    "index": ("PUT", "/_opensearch/other", ()),
    "refusals": ("POST", "/_local/refusals", ()),
    "capture": ("POST", "/_local/capture", ()),
}  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(runtime: Runtime) -> Runtime:
    url = runtime.url
    mapping = b'{"mappings": {"dynamic": "strict", "properties": {"name": {"type": "text"}}}}'
    assert ask(url, request(url, "/_opensearch/fuzz", method="PUT", body=mapping)).status == 200
    runtime.functions.create_function(
        {
            "FunctionName": "fuzz",
            "Runtime": "python3.13",
            "Handler": "a.b",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Code": {"ZipFile": b"PK\x05\x06" + bytes(18)},
        }
    )
    return runtime


@pytest.mark.parametrize("call", CALLS)
def test_no_body_brings_a_trace_or_a_500(fuzzed: Runtime, capfd: pytest.CaptureFixture[str], call: str) -> None:
    method, target, headers = CALLS[call]
    for name, body in BODIES.items():
        reply = ask(fuzzed.url, request(fuzzed.url, target, *headers, method=method, body=body))

        assert 200 <= reply.status < 500, (name, reply)
        if name in ("not JSON", "not UTF-8", "NaN", "an infinite number", "deep lists", "a list"):
            assert reply.status == 400, (name, reply)
    assert "Traceback" not in capfd.readouterr().err


def test_an_invocation_with_a_payload_that_is_no_json_is_refused(fuzzed: Runtime) -> None:
    for name in ("not JSON", "not UTF-8", "deep lists"):
        target = "/2015-03-31/functions/fuzz/invocations"
        reply = ask(fuzzed.url, request(fuzzed.url, target, method="POST", body=BODIES[name]))

        assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "InvalidRequestContentException")


@pytest.mark.parametrize(
    "target",
    [
        "/_local/journal?limit=-1",
        "/_local/journal?limit=99999999999999999999",
        "/_local/journal?limit=x",
        "/_local/journal?after=-5",
        "/2018-10-31/layers/l/versions/x",
        "/2018-10-31/layers/l/versions/%C2%B2",
        "/2018-10-31/layers?find=LayerVersion&Arn=x",
        "/2015-03-31/event-source-mappings?MaxItems=x",
        "/2015-03-31/functions/a%2Fb/configuration",
    ],
)
def test_no_query_brings_a_500(fuzzed: Runtime, target: str) -> None:
    assert 400 <= ask(fuzzed.url, request(fuzzed.url, target)).status < 500


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("x-amz-decoded-content-length: 100000000000", "Content-Encoding: aws-chunked"), b"1\r\nx\r\n0\r\n\r\n"),
        (("x-amz-decoded-content-length: -1", "Content-Encoding: aws-chunked"), b"1\r\nx\r\n0\r\n\r\n"),
        (("x-amz-decoded-content-length: 1_0", "Content-Encoding: aws-chunked"), b"1\r\nx\r\n0\r\n\r\n"),
        (("x-amz-decoded-content-length: 100000000000",), b"x"),
        (("Content-Encoding: aws-chunked",), b"-1\r\nx\r\n0\r\n\r\n"),
        (("Content-Encoding: aws-chunked",), b"zz\r\nx\r\n0\r\n\r\n"),
        (("Content-Encoding: aws-chunked",), b"5\r\nx\r\n0\r\n\r\n"),
        (("x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD",), b"nothing"),
    ],
)
def test_an_object_in_malformed_chunks_is_refused(aws: Aws, headers: tuple[str, ...], body: bytes) -> None:
    url = aws.endpoint.url
    aws.client("s3").create_bucket(Bucket="chunks", CreateBucketConfiguration={"LocationConstraint": REGION})

    reply: Reply = ask(url, request(url, "/chunks/key", *headers, method="PUT", body=body))

    assert reply.status == 400
    aws.client("s3").delete_bucket(Bucket="chunks")


def test_a_number_that_dynamodb_cannot_hold_is_refused(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    key: dict[str, Any] = {"list": {"S": "a"}, "task": {"S": "1"}}
    for number in (
        "1e400",
        "1E+999999999",
        "-1e126",
        "1e-131",
        "1" * 39,
        "NaN",
        "Infinity",
        "1_0",
        "",
        "x",
        "1" * 5000,
    ):
        with pytest.raises(dynamodb.exceptions.ClientError) as refused:
            dynamodb.put_item(TableName=table, Item={**key, "n": {"N": number}})
        assert refused.value.response["Error"]["Code"] == "ValidationException"
    for number in ("1e125", "-9.9e125", "1e-130", "1" * 38, "0", "0e999", "+1.50", "1" + "0" * 100):
        dynamodb.put_item(TableName=table, Item={**key, "n": {"N": number}})
