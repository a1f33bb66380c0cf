"""A service that is told to call a URL calls this machine or nobody, and the client learns which."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from conftest import CREDENTIALS
from served_aws import Aws

OUTSIDE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody's address
ROLE = "arn:aws:iam::123456789012:role/delivery"


class Listener:
    """An HTTP server on this machine that records what it is sent, or sends callers elsewhere."""

    def __init__(self, redirect: str | None) -> None:
        self.bodies: list[bytes] = []
        listener = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if redirect is None else 307)
                if redirect is not None:
                    self.send_header("Location", redirect)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextmanager
def listener(redirect: str | None = None) -> Iterator[Listener]:
    listening = Listener(redirect)
    Thread(target=listening.server.serve_forever, args=(0.01,), daemon=True).start()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


def topic_of(aws: Aws, *urls: str) -> str:
    sns = aws.client("sns")
    topic = str(sns.create_topic(Name=f"topic-{uuid4()}")["TopicArn"])
    for url in urls:
        sns.subscribe(TopicArn=topic, Protocol=url.partition(":")[0], Endpoint=url)
    return topic


@pytest.mark.parametrize(
    "url",
    [
        f"http://{OUTSIDE}:80/",
        f"https://{OUTSIDE}/",
        f"http://{OUTSIDE}:9\\@127.0.0.1/",
        f"http://127.0.0.1@{OUTSIDE}/",
        "http://3221225985/",
        "http://0xc0000201/",
        "http://[::ffff:192.0.2.1]/",
        "http://0.0.0.0/",
        "http://evil.example/",
        "http:///",
    ],
)
def test_a_subscriber_elsewhere_is_refused(aws: Aws, url: str) -> None:
    with pytest.raises(ClientError, match=r"\(InvalidParameter\).*is not on this machine"):
        topic_of(aws, url)


def test_a_subscriber_that_sends_the_call_elsewhere_is_told_and_the_others_get_theirs(
    aws: Aws, capfd: pytest.CaptureFixture[str]
) -> None:
    with listener(redirect=f"http://{OUTSIDE}:9/") as redirecting, listener() as near:
        topic = topic_of(aws, redirecting.url, near.url)
        aws.client("sns").publish(TopicArn=topic, Message="news")

    assert len(redirecting.bodies) == 1
    assert [json.loads(body)["Message"] for body in near.bodies] == ["news"]
    told = capfd.readouterr().err
    assert f"no delivery to {redirecting.url}: {OUTSIDE} is not on this machine" in told
    assert "Traceback" not in told


def test_a_delivery_stream_reaches_no_url_elsewhere(aws: Aws, capfd: pytest.CaptureFixture[str]) -> None:
    firehose, name = aws.client("firehose"), f"stream-{uuid4()}"
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": f"https://{OUTSIDE}/"},
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::backup"},
        },
    )

    with pytest.raises(ClientError, match=rf"\(AccessDeniedException\).*{OUTSIDE} is not on this machine"):
        firehose.put_record(DeliveryStreamName=name, Record={"Data": b"x"})

    assert "Traceback" not in capfd.readouterr().err


def test_a_stack_looks_no_application_up_at_aws(local: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SAM transform asks the Serverless Application Repository by a client of its own."""
    for name, value in CREDENTIALS.items():  # as a served endpoint has them: without any it would not even ask
        monkeypatch.setenv(name, value)
    location = {"ApplicationId": f"arn:aws:serverlessrepo:eu-west-1:{'1' * 12}:applications/x", "SemanticVersion": "1"}
    resources = {"Nested": {"Type": "AWS::Serverless::Application", "Properties": {"Location": location}}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}

    with pytest.raises(ClientError, match="Serverless Application Repository, which is not looked up here"):
        local.client("cloudformation").create_stack(
            StackName="nested", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_AUTO_EXPAND"]
        )


@pytest.mark.parametrize("url", [f"https://{OUTSIDE}/template.yaml", "https://evil.example/bucket/template.yaml"])
def test_a_template_url_reads_a_bucket_of_this_endpoint_only(aws: Aws, url: str) -> None:
    with pytest.raises(ClientError, match=r"NoSuchBucket|NoSuchKey|ValidationError|AccessDenied"):
        aws.client("cloudformation").create_stack(StackName="distant", TemplateURL=url)
