"""Requests that a foreign web page can have a browser send to the endpoint: refused before they reach a service."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from local_aws.gate import host_name, is_local
from served_aws import REGION, Aws

from .raw_http import ask, request

FUNCTION = {
    "FunctionName": "attack",
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Role": "arn:aws:iam::123456789012:role/r",
    "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
}
ROUTES = ("/", "/_local/status", "/_opensearch/tasks/_search", "/_api/abc/", "/2015-03-31/functions", "/bucket/key")

FOREIGN_HOSTS = (
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1.evil.example",
    "127.0.0.1.evil.example:{port}",
    "localhost.evil.example",
    "evil.example#localhost",
    "evil.example?localhost",
    "evil.example/localhost",
    "evillocalhost",
    "localhost@evil.example",
    "someone@localhost",
    "127.0.0.1:{port}@evil.example",
    "127.0.0.1:{port}:80",
    "127.0.0.1:99999",
    "127.0.0.1:",
    "127.0.0.1:x",
    "127.0.0.1, evil.example",
    "localhost evil.example",
    "localhost..",
    ".localhost",
    "0.0.0.0",
    "0.0.0.0:{port}",
    "10.0.0.1",
    "128.0.0.1",
    "169.254.169.254",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "127.0.0.1%00",
    "[::]",
    "[::2]",
    "[fe80::1%25lo]",
    "::1",
    "[::1",
    "host.docker.internal.evil.example",
    "evil.host.docker.internal",
    "s3.amazonaws.com",
    "nobody.s3.amazonaws.com",
    "nothing.execute-api.eu-west-1.amazonaws.com",
    "abc.execute-api.evil.example",
    "sqs.eu-west-1.amazonaws.com",
    "",
)
OWN_HOSTS = (
    "127.0.0.1:{port}",
    "127.0.0.1",
    "127.8.8.8:{port}",
    "localhost:{port}",
    "LocalHost:{port}",
    "localhost.:{port}",
    "bucket.localhost:{port}",
    "[::1]:{port}",
    "[0:0:0:0:0:0:0:1]",
    "host.docker.internal:{port}",
    "localhost:80",
)
FOREIGN_PAGES = (
    "Origin: https://evil.example",
    "Origin: http://evil.example",
    "Origin: null",
    "Origin:",
    "Origin: http://127.0.0.1:{other}",
    "Origin: http://127.0.0.1",
    "Origin: http://localhost:{port}",
    "Origin: https://127.0.0.1:{port}",
    "Origin: http://127.0.0.1:{port}.evil.example",
    "Origin: http://127.0.0.1:{port}@evil.example",
    "Origin: http://evil.example\\@127.0.0.1:{port}",
    "Origin: http://127.0.0.1:{port}, https://evil.example",
    "Origin: file://",
    "Origin: chrome-extension://abcdef",
    "Referer: https://evil.example/page",
    "Referer: http://127.0.0.1:{other}/",
    "Referer: about:blank",
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-site",
    "Sec-Fetch-Site: none, cross-site",
    "Sec-Fetch-Site: anything",
    "sEC-fETCH-sITE: cross-site",
)
OWN_PAGES = (
    "Origin: http://127.0.0.1:{port}",
    "Referer: http://127.0.0.1:{port}/console?x=1",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: none",
    "User-Agent: curl/8",
)


def filled(text: str, aws: Aws) -> str:
    port = urlsplit(aws.endpoint.url).port or 0
    return text.format(port=port, other=port + 1)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(aws: Aws, host: str) -> None:
    reply = ask(aws.endpoint.url, request(aws.endpoint.url, "/_local/status", host=filled(host, aws)))

    assert reply.status == 403
    assert not reply.cors


@pytest.mark.parametrize("host", OWN_HOSTS)
def test_a_name_of_this_machine_is_served(aws: Aws, host: str) -> None:
    assert ask(aws.endpoint.url, request(aws.endpoint.url, "/_local/status", host=filled(host, aws))).status == 200


@pytest.mark.parametrize("page", FOREIGN_PAGES)
def test_a_page_of_another_origin_is_refused(aws: Aws, page: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        reply = ask(aws.endpoint.url, request(aws.endpoint.url, "/_local/status", filled(page, aws), method=method))

        assert (method, reply.status, reply.cors) == (method, 403, {})


@pytest.mark.parametrize("page", OWN_PAGES)
def test_a_page_of_the_endpoint_itself_is_served(aws: Aws, page: str) -> None:
    assert ask(aws.endpoint.url, request(aws.endpoint.url, "/_local/status", filled(page, aws))).status == 200


@pytest.mark.parametrize("target", ROUTES)
def test_every_route_refuses_a_foreign_page_and_a_foreign_host(aws: Aws, target: str) -> None:
    url = aws.endpoint.url

    assert ask(url, request(url, target, "Origin: https://evil.example")).status == 403
    assert ask(url, request(url, target, host="evil.example")).status == 403


def test_a_page_without_preflight_makes_no_function(aws: Aws) -> None:
    attack = ("Origin: https://evil.example", "Content-Type: text/plain", "Sec-Fetch-Site: cross-site")
    url, body = aws.endpoint.url, json.dumps(FUNCTION).encode()

    assert ask(url, request(url, "/2015-03-31/functions", *attack, method="POST", body=body)).status == 403


def test_a_page_of_another_origin_changes_nothing(aws: Aws) -> None:
    table, url = f"table-{uuid4().hex[:8]}", aws.endpoint.url
    call = {
        "TableName": table,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    target = "X-Amz-Target: DynamoDB_20120810.CreateTable"

    for page in ("Origin: https://evil.example", "Referer: https://evil.example/"):
        ask(url, request(url, "/", target, page, method="POST", body=json.dumps(call).encode()))

    assert table not in aws.client("dynamodb").list_tables()["TableNames"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET http://evil.example/_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 403),
        ("GET http://{own}/_local/status HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("GET http://someone@{own}/_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 403),
        ("GET http://{own}@evil.example/_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 403),
        ("GET http:///_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 403),
        ("GET http://{own}/_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 200),
        ("GET ftp://{own}/_local/status HTTP/1.1\r\nHost: {own}\r\n\r\n", 400),
        ("CONNECT evil.example:80 HTTP/1.1\r\nHost: {own}\r\n\r\n", 400),
        ("GET /_local/status HTTP/1.1\r\nHost: {own}\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /_local/status HTTP/1.1\r\nHost: {own}\r\nhost: {own}\r\n\r\n", 400),
        ("GET /_local/status HTTP/1.1\r\n\r\n", 400),
        ("GET /_local/status HTTP/1.0\r\n\r\n", 403),
        ("GET /_local/status HTTP/1.0\r\nHost: {own}\r\n\r\n", 200),
        ("GET /_local/status HTTP/1.1\r\nHost: {own}\r\nOrigin : https://evil.example\r\n\r\n", 400),
        ("GET /_local/status HTTP/1.1\r\nHost: {own}\r\nX: 1\r\n Origin: https://evil.example\r\n\r\n", 400),
    ],
)
def test_no_second_host_and_no_odd_header_gets_past_the_gate(aws: Aws, text: str, status: int) -> None:
    own = urlsplit(aws.endpoint.url).netloc

    assert ask(aws.endpoint.url, text.format(own=own).encode()).status == status


def test_a_foreign_request_is_refused_before_its_body_is_sent(aws: Aws) -> None:
    headers = ("Origin: https://evil.example", "Content-Length: 1000000", "Expect: 100-continue")

    assert ask(aws.endpoint.url, request(aws.endpoint.url, "/", *headers, method="POST")).status == 403


@pytest.mark.parametrize(
    "target",
    [
        "/moto-api/reset",
        "/moto-api/",
        "//moto-api/reset",
        "/moto-api//reset",
        "/%6doto-api/reset",
        "/moto%2Dapi/reset",
        "/x/../moto-api/reset",
        "/./moto-api/reset",
        "/moto-api/data.json",
        "/moto-api/recorder/start-recording",
        "/moto-api/seed?a=1",
        "/MOTO-API/reset",
        "/latest/meta-data/iam/security-credentials/",
    ],
)
@pytest.mark.parametrize("scope", ["", "motoapi.amazonaws.com", "moto_api"])
def test_motos_own_routes_are_unknown(aws: Aws, target: str, scope: str) -> None:
    table, url = aws.table(), aws.endpoint.url
    signed = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{scope}/aws4_request, Signature=0"

    for method in ("POST", "GET"):
        headers = [signed] if scope else []
        reply = ask(url, request(url, target, *headers, method=method))

        unknown = re.sub("moto-api|%6doto-api|moto%2Dapi|latest/meta", "nothing", target)
        assert reply.status == ask(url, request(url, unknown, *headers, method=method)).status
        assert reply.status >= 400
    assert table in aws.client("dynamodb").list_tables()["TableNames"]


def test_names_that_the_endpoint_hands_out_lead_to_their_bucket_and_to_no_other(aws: Aws) -> None:
    s3, bucket, url = aws.client("s3"), f"bucket-{uuid4().hex[:8]}", aws.endpoint.url
    for name in (bucket, f"own.{bucket}"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")

    signed = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/s3/aws4_request, Signature=0"
    for host in (f"{bucket}.s3.amazonaws.com", f"{bucket}.s3.{REGION}.amazonaws.com", f"{bucket}.localhost"):
        assert ask(url, request(url, "/key", signed, host=host)).body == b"content"
    assert ask(url, request(url, "/", signed, host=f"own.{bucket}.s3.amazonaws.com")).status == 200
    assert ask(url, request(url, "/key", signed, host=f"x{bucket}.s3.amazonaws.com")).status == 403


def test_a_presigned_url_works_without_any_header_of_a_browser(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), f"bucket-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "a/b c"})
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a/b c"})

    assert requests.put(put, data=bytes(2_000_000), timeout=20).status_code == 200
    assert len(requests.get(get, timeout=20).content) == 2_000_000


def test_no_answer_has_a_cors_header_that_nobody_configured(aws: Aws) -> None:
    s3, bucket, url = aws.client("s3"), f"bucket-{uuid4().hex[:8]}", aws.endpoint.url
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    own = f"Origin: {url}"

    for target in (f"/{bucket}", "/", "/?Action=ListQueues", "/_local/status", "/2015-03-31/functions"):
        for method in ("GET", "OPTIONS"):
            assert ask(url, request(url, target, own, method=method)).cors == {}


def test_hosts_are_compared_without_case_port_and_last_dot() -> None:
    assert host_name("LOCALHOST.:80") == "localhost"
    assert is_local("127.255.255.254")
    assert not is_local("128.0.0.1")
