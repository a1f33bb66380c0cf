"""Cross-origin requests: served for the bucket or the API whose own configuration allows the page, and no other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from local_aws.cors import CorsRule, granted, preflight
from local_aws.runtime import Runtime
from served_aws import REGION, Aws

from .raw_http import Reply, ask, request

PAGE, EVIL = "http://localhost:5173", "https://evil.example"
SIGNED = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/s3/aws4_request, Signature=0"
RULE = {
    "AllowedOrigins": [PAGE, "https://*.trusted.example"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 600,
}


@dataclass(frozen=True)
class Buckets:
    """One that lets a page in, and one that lets none in."""

    url: str
    open: str
    closed: str

    def ask(self, target: str, *headers: str, origin: str = PAGE, **more: Any) -> Reply:
        site = "Sec-Fetch-Site: cross-site"
        return ask(self.url, request(self.url, target, f"Origin: {origin}", site, SIGNED, *headers, **more))

    def preflight(self, target: str, method: str, *headers: str, origin: str = PAGE) -> Reply:
        wanted = f"Access-Control-Request-Method: {method}"
        return ask(self.url, request(self.url, target, f"Origin: {origin}", wanted, *headers, method="OPTIONS"))


@pytest.fixture(scope="module")
def buckets(aws: Aws) -> Buckets:
    s3, names = aws.client("s3"), [f"{kind}-{uuid4().hex[:8]}" for kind in ("open", "closed")]
    for name in (*names, "2015-03-31", "latest"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=names[0], Key="key", Body=b"content")
    for name in (names[0], "2015-03-31", "latest"):
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [RULE]})
    return Buckets(aws.endpoint.url, *names)


def test_a_bucket_serves_the_page_that_its_configuration_allows(buckets: Buckets) -> None:
    reply = buckets.ask(f"/{buckets.open}/key", f"Referer: {PAGE}/page")

    assert reply.body == b"content"
    assert reply.cors == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "ETag",
    }


def test_a_preflight_is_answered_for_the_allowed_methods_only(buckets: Buckets) -> None:
    allowed = buckets.preflight(f"/{buckets.open}/key", "PUT", "Access-Control-Request-Headers: x-a, x-b")

    assert allowed.status == 204
    assert allowed.cors["access-control-allow-methods"] == "GET, PUT"
    assert allowed.cors["access-control-allow-headers"] == "x-a, x-b"
    assert allowed.cors["access-control-max-age"] == "600"
    for refused in (
        buckets.preflight(f"/{buckets.open}/key", "DELETE"),
        buckets.preflight(f"/{buckets.open}/key", "GET", origin=EVIL),
        buckets.preflight(f"/{buckets.closed}/key", "GET"),
        buckets.preflight("/2015-03-31/functions", "DELETE"),
        buckets.preflight("/_local/refusals", "PUT"),
        buckets.preflight("/", "PUT"),
    ):
        assert (refused.status, refused.cors) == (403, {})


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost", "https://trusted.example", f"{PAGE}.example"])
def test_a_bucket_refuses_every_other_page(buckets: Buckets, origin: str) -> None:
    reply = buckets.ask(f"/{buckets.open}/key", origin=origin)

    assert (reply.status, reply.cors) == (403, {})


def test_a_wildcard_stands_for_a_part_of_the_origin(buckets: Buckets) -> None:
    reply = buckets.ask(f"/{buckets.open}/key", origin="https://a.trusted.example")

    assert reply.cors["access-control-allow-origin"] == "https://a.trusted.example"


def test_a_page_that_a_bucket_lets_in_reaches_nothing_but_the_bucket(aws: Aws, buckets: Buckets) -> None:
    table = aws.table()
    call = json.dumps({"TableName": table}).encode()
    form = b"Action=CreateQueue&QueueName=attack&Version=2012-11-05"
    aws.client("s3").put_object(Bucket=buckets.closed, Key="secret", Body=b"secret")
    dynamodb = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/dynamodb/aws4_request, Signature=0"

    buckets.ask(
        f"/{buckets.open}/key", dynamodb, "X-Amz-Target: DynamoDB_20120810.DeleteTable", method="PUT", body=call
    )
    buckets.ask(f"/{buckets.open}/x", "Content-Type: application/x-www-form-urlencoded", method="PUT", body=form)
    functions = buckets.ask("/2015-03-31/functions")
    metadata = buckets.ask("/latest/api/token", method="PUT")
    copied = buckets.ask(f"/{buckets.open}/copy", f"X-Amz-Copy-Source: /{buckets.closed}/secret", method="PUT")

    assert table in aws.client("dynamodb").list_tables()["TableNames"]
    assert "QueueUrls" not in aws.client("sqs").list_queues()
    assert b"Functions" not in functions.body
    assert (metadata.status, metadata.body) == (200, b"")
    assert copied.status == 403


def test_a_bucket_under_its_own_host_name_has_the_same_rules(buckets: Buckets) -> None:
    for host in (f"{buckets.open}.localhost", f"{buckets.open}.s3.amazonaws.com"):
        assert buckets.ask("/key", host=host).cors["access-control-allow-origin"] == PAGE
        assert buckets.ask("/key", host=host, origin=EVIL).status == 403
    assert buckets.ask(f"/{buckets.open}/key", host=f"{buckets.closed}.localhost").status == 403


@pytest.mark.parametrize("host", ["{bucket}.localhost", "{bucket}.s3.amazonaws.com"])
@pytest.mark.parametrize("target", ["/_local/refusals", "/_opensearch/tasks/_search", "/2015-03-31/functions"])
def test_every_path_under_the_host_of_a_bucket_is_an_object(buckets: Buckets, target: str, host: str) -> None:
    own = host.format(bucket=buckets.open)

    assert buckets.ask(target, host=own, method="PUT", body=own.encode()).status == 200
    assert buckets.ask(target, host=own).text == own


def test_a_configuration_that_is_deleted_allows_nothing_more(aws: Aws) -> None:
    s3, bucket, url = aws.client("s3"), f"bucket-{uuid4().hex[:8]}", aws.endpoint.url
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [RULE]})
    ask_page = request(url, f"/{bucket}", f"Origin: {PAGE}", SIGNED)
    before = ask(url, ask_page).status

    s3.delete_bucket_cors(Bucket=bucket)

    assert (before, ask(url, ask_page).status) == (200, 403)


TEMPLATE: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Open": {
            "Type": "AWS::Serverless::HttpApi",
            "Properties": {"CorsConfiguration": {"AllowOrigins": [PAGE], "AllowMethods": ["GET"], "MaxAge": 60}},
        },
        "Closed": {"Type": "AWS::Serverless::HttpApi"},
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "CorsConfiguration": {
                    "CorsRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposedHeaders": ["ETag"]}]
                }
            },
        },
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "InlineCode": "def handler(event, context):\n"
                "    headers = {'Access-Control-Allow-Origin': '*', 'X-Own': '1'}\n"
                "    return {'statusCode': 200, 'headers': headers, 'body': 'hello'}\n",
                "Events": {
                    name: {
                        "Type": "HttpApi",
                        "Properties": {"ApiId": {"Ref": name}, "Path": "/", "Method": "ANY"},
                    }
                    for name in ("Open", "Closed")
                },
            },
        },
    },
    "Outputs": {
        "OpenId": {"Value": {"Ref": "Open"}},
        "ClosedId": {"Value": {"Ref": "Closed"}},
        "BucketName": {"Value": {"Ref": "Bucket"}},
    },
}


@pytest.fixture(scope="module")
def outputs(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    template = tmp_path_factory.mktemp("stack") / "template.json"
    template.write_text(json.dumps(TEMPLATE))
    return runtime.create_stack(template, "cors", {})


def test_an_api_of_a_template_serves_the_page_that_it_allows(runtime: Runtime, outputs: dict[str, str]) -> None:
    url, api = runtime.url, outputs["OpenId"]
    wanted = "Access-Control-Request-Method: GET"

    for target, host in ((f"/_api/{api}/", None), ("/", f"{api}.execute-api.{REGION}.amazonaws.com")):
        served = ask(url, request(url, target, f"Origin: {PAGE}", host=host))
        early = ask(url, request(url, target, f"Origin: {PAGE}", wanted, method="OPTIONS", host=host))

        assert (served.text, served.cors) == ("hello", {"access-control-allow-origin": PAGE})
        assert (early.status, early.cors["access-control-allow-methods"]) == (204, "GET")
        assert ask(url, request(url, target, f"Origin: {EVIL}", host=host)).status == 403
        assert ask(url, request(url, target, f"Origin: {PAGE}", method="POST", host=host)).status == 403


def test_an_api_without_a_configuration_serves_no_page_whatever_its_function_says(
    runtime: Runtime, outputs: dict[str, str]
) -> None:
    url, target = runtime.url, f"/_api/{outputs['ClosedId']}/"

    plain = ask(url, request(url, target))

    assert (plain.text, plain.headers["x-own"], plain.cors) == ("hello", "1", {})
    assert ask(url, request(url, target, f"Origin: {PAGE}")).status == 403


def test_a_page_that_an_api_lets_in_reaches_nothing_else_under_its_host(
    runtime: Runtime, outputs: dict[str, str]
) -> None:
    url, host = runtime.url, f"{outputs['OpenId']}.execute-api.{REGION}.amazonaws.com"

    for target in ("/_local/status", "/_opensearch/tasks/_search", "/2015-03-31/functions"):
        assert ask(url, request(url, target, f"Origin: {PAGE}", host=host)).text == '{"message": "Not Found"}'


def test_a_bucket_of_a_template_has_the_rules_of_its_template(runtime: Runtime, outputs: dict[str, str]) -> None:
    url = runtime.url

    reply = ask(url, request(url, f"/{outputs['BucketName']}", f"Origin: {EVIL}", SIGNED))

    assert reply.status == 200
    assert reply.cors == {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag"}


def test_the_first_rule_that_allows_the_request_speaks() -> None:
    rules = [CorsRule((PAGE,), ("GET",), max_age="1"), CorsRule(("*",), ("*",), ("x-?",), max_age="2")]

    assert granted(rules, EVIL, "GET") == (("Access-Control-Allow-Origin", "*"), ("Vary", "Origin"))
    assert ("Access-Control-Max-Age", "1") in (preflight(rules, PAGE, "GET", "") or ())
    assert ("Access-Control-Max-Age", "2") in (preflight(rules, PAGE, "GET", "X-?") or ())
    assert preflight(rules, PAGE, "GET", "x-a") is None
    assert granted([], PAGE, "GET") is None
