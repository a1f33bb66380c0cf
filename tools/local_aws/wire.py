"""What an AWS request says of itself, and answers in the wire format of its service's protocol.

Protocols: https://smithy.io/2.0/aws/protocols/index.html (awsJson1.0/1.1, restJson1, restXml, awsQuery).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4
from xml.sax.saxutils import escape

from . import json_text
from .http_requests import Environ
from .http_server import StartResponse

_REST_XML = frozenset({"s3", "route53", "cloudfront"})
_SIGNING_NAMES = {"monitoring": "cloudwatch", "states": "stepfunctions", "es": "opensearch"}
_TARGET_SERVICES = {"DynamoDBStreams": "dynamodbstreams", "AmazonSQS": "sqs", "Kinesis": "kinesis"}


class Protocol:
    """The names by which the wire formats go here."""

    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"
    QUERY = "query"


class ServiceError(Exception):
    """An error to be answered to the client under AWS's own code; the client decides what to do."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        start_response(
            f"{self.status} {_phrase(self.status)}",
            [("Content-Type", self.content_type), ("x-amzn-RequestId", str(uuid4())), *self.headers],
        )
        return (self.body,)


@dataclass
class Request:
    """One request: its WSGI environ and what can be read from it. The body may be read any number of times."""

    environ: Environ
    body: bytes = field(init=False)
    region: str = field(init=False, default="")
    signed_for: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.body = self.environ["wsgi.input"].getvalue()
        # Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
        authorization = self.environ.get("HTTP_AUTHORIZATION") or _presigned_scope(self.environ)
        scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
        if len(scope) >= 5:
            self.region, self.signed_for = scope[-3], scope[-2].lower()

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ["PATH_INFO"])

    @cached_property
    def target(self) -> tuple[str, str]:
        """`X-Amz-Target` as (prefix without its version, operation); empty strings without one."""
        prefix, _, operation = self.environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        return prefix.partition("_")[0], operation

    @cached_property
    def service(self) -> str:
        """The service by its signing name; DynamoDB Streams, which signs as dynamodb, by its target."""
        signed_for = _SIGNING_NAMES.get(self.signed_for, self.signed_for)
        return _TARGET_SERVICES.get(self.target[0]) or signed_for or self._unsigned_service

    @property
    def _unsigned_service(self) -> str:
        if self.target[0] == "DynamoDB":
            return "dynamodb"
        return "lambda" if self.path.startswith(("/2015-03-31/", "/2018-10-31/")) else ""

    @cached_property
    def parameters(self) -> dict[str, list[str]]:
        """Parameters of the query protocol, from the query string and a form body."""
        text = self.environ["QUERY_STRING"]
        if "x-www-form-urlencoded" in self.environ.get("CONTENT_TYPE", ""):
            text = f"{text}&{self.body.decode('utf-8', 'replace')}"
        return parse_qs(text, keep_blank_values=True)

    @cached_property
    def protocol(self) -> str:
        if self.target[1]:
            return Protocol.JSON
        if self.service in _REST_XML:
            return Protocol.REST_XML
        return Protocol.QUERY if "Action" in self.parameters else Protocol.REST_JSON

    @cached_property
    def json(self) -> dict[str, Any]:
        try:
            document = json_text.parse(self.body or b"{}")
        except ValueError as error:
            raise ServiceError("SerializationException", f"the body is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise ServiceError("SerializationException", "the body is not a JSON object")
        return document


def _presigned_scope(environ: Environ) -> str:
    """Return what a presigned URL says in place of the header: X-Amz-Credential=KEY%2FDATE%2F..."""
    found = environ["QUERY_STRING"].partition("X-Amz-Credential=")[2].partition("&")[0]
    return f"Credential={unquote(found)}" if found else ""


def json_answer(request: Request, document: Any, status: int = 200) -> Answer:
    """Answer in the JSON flavour in which the client asked."""
    content_type = request.environ.get("CONTENT_TYPE") or "application/json"
    if "json" not in content_type:
        content_type = "application/json"
    body = json.dumps(document, default=_encode, separators=(",", ":")).encode()
    return Answer(status, body, content_type)


def error_answer(request: Request, error: ServiceError) -> Answer:
    """Render the error so that the service's clients raise it under its code."""
    match request.protocol:
        case Protocol.JSON:
            answer = json_answer(request, {"__type": error.code, "message": error.message}, error.status)
            if request.service == "sqs":
                # SQS moved from the query protocol; clients still read its code from this header.
                return Answer(*_fields(answer), headers=(("x-amzn-query-error", f"{error.code};Sender"),))
            return answer
        case Protocol.REST_JSON:
            body = {"Type": "User", "Message": error.message, "message": error.message}
            return Answer(
                *_fields(json_answer(request, body, error.status)),
                headers=(("x-amzn-ErrorType", error.code),),
            )
        case Protocol.REST_XML:
            return _xml(error.status, f"<Error>{_code(error)}</Error>")
        case _:
            kind = "Sender" if error.status < 500 else "Receiver"
            return _xml(
                error.status, f"<ErrorResponse><Error><Type>{kind}</Type>{_code(error)}</Error></ErrorResponse>"
            )


def _fields(answer: Answer) -> tuple[int, bytes, str]:
    return answer.status, answer.body, answer.content_type


def _code(error: ServiceError) -> str:
    return f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"


def _xml(status: int, text: str) -> Answer:
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), "text/xml")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        # moto keeps times without a zone, in UTC.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in an AWS JSON document")
