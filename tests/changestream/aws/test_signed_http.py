"""Signatures and lost connections, on a server that sees what is sent."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from builders import REGION
from changestream.aws.signed_http import SignedHttp
from changestream.core.errors import TransientError


class Server(HTTPServer):
    """Closes the first connections without an answer, as many as ``losses``; then says what it was asked."""

    losses = 0
    answer = b'{"acknowledged": true}'

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.seen: list[dict[str, str]] = []


class Asked(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()} | {"body": body})
        self.close_connection = True
        if len(self.server.seen) <= self.server.losses:
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def http(server: Server, monkeypatch: pytest.MonkeyPatch) -> SignedHttp:
    credentials = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    return SignedHttp(f"http://127.0.0.1:{server.server_port}/", "es", REGION)


def test_a_request_is_signed_for_its_service_with_the_roles_credentials(server: Server, http: SignedHttp) -> None:
    answer = http.send("POST", "/tasks/_bulk", b"{}\n", "application/x-ndjson")

    (seen,) = server.seen
    assert (answer.status, answer.document) == (200, {"acknowledged": True})
    assert seen["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert f"/{REGION}/es/aws4_request" in seen["authorization"]
    assert (seen["x-amz-security-token"], seen["content-type"]) == ("token", "application/x-ndjson")
    assert seen["body"] == "{}\n"


def test_a_lost_connection_is_tried_once_more(server: Server, http: SignedHttp) -> None:
    server.losses = 1

    assert http.send("POST", "/tasks/_search", b"{}").status == 200
    assert len(server.seen) == 2


def test_a_connection_lost_again_is_for_the_caller_to_retry(server: Server, http: SignedHttp) -> None:
    server.losses = 9

    with pytest.raises(TransientError, match="POST /tasks/_search"):
        http.send("POST", "/tasks/_search", b"{}")

    assert len(server.seen) == 2


@pytest.mark.parametrize("body", [b"", b"<html>no gateway</html>", b"[]", b"\xff"])
def test_an_answer_that_is_no_json_object_has_an_empty_document(server: Server, http: SignedHttp, body: bytes) -> None:
    server.answer = body

    assert http.send("POST", "/tasks/_search", b"{}").document == {}
