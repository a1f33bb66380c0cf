"""The event that a request becomes, in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from ..http_requests import Environ
from .routing import Match

_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request to an API: which API and stage, the path within it, and the rest of the request."""

    api_id: str
    stage: str
    path: str
    environ: Environ
    body: bytes
    stage_variables: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def access_key(self) -> str:
        """Who signed the request; empty where nobody did."""
        authorization = str(self.environ.get("HTTP_AUTHORIZATION", ""))
        if authorization.startswith("AWS4-"):
            return authorization.partition("Credential=")[2].partition("/")[0]
        query = dict(parse_qsl(self.environ["QUERY_STRING"]))
        return query.get("X-Amz-Credential", "").partition("/")[0] if "X-Amz-Signature" in query else ""


def request_event(call: ApiCall, found: Match, account_id: str, now: datetime | None = None) -> dict[str, Any]:
    """Build the event; names of headers are in lower case, values of one name joined by commas."""
    headers, cookies = _headers(call)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": found.route_key,
        "rawPath": call.path,
        "rawQueryString": call.environ["QUERY_STRING"],
        "headers": headers,
        "requestContext": _context(call, found, account_id, now or datetime.now(UTC)),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query := _joined(parse_qsl(call.environ["QUERY_STRING"], keep_blank_values=True)):
        event["queryStringParameters"] = query
    if found.parameters:
        event["pathParameters"] = found.parameters
    if call.stage_variables:
        event["stageVariables"] = call.stage_variables
    return event | _body(call)


def _headers(call: ApiCall) -> tuple[dict[str, str], list[str]]:
    environ = call.environ
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE" or (name == "CONTENT_LENGTH" and call.body)
    }
    cookies = [each.strip() for each in headers.pop("cookie", "").split(";") if each.strip()]
    headers |= {
        "x-forwarded-for": str(environ["REMOTE_ADDR"]),
        "x-forwarded-port": str(environ["SERVER_PORT"]),
        "x-forwarded-proto": "http",
    }
    return dict(sorted(headers.items())), cookies


def _context(call: ApiCall, found: Match, account_id: str, now: datetime) -> dict[str, Any]:
    environ = call.environ
    context: dict[str, Any] = {
        "accountId": account_id,
        "apiId": call.api_id,
        "domainName": environ.get("HTTP_HOST", ""),
        "domainPrefix": call.api_id,
        "http": {
            "method": call.method,
            "path": call.path,
            "protocol": environ["SERVER_PROTOCOL"],
            "sourceIp": environ["REMOTE_ADDR"],
            "userAgent": environ.get("HTTP_USER_AGENT", ""),
        },
        "requestId": str(uuid4()),
        "routeKey": found.route_key,
        "stage": call.stage,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if call.access_key:
        user = {"accountId": account_id, "callerId": account_id, "userId": account_id}
        arn = f"arn:aws:iam::{account_id}:root"
        iam = user | {"accessKey": call.access_key, "userArn": arn, "cognitoIdentity": None, "principalOrgId": None}
        context["authorizer"] = {"iam": iam}
    return context


def _body(call: ApiCall) -> dict[str, Any]:
    """Text as it is, and anything else in base64."""
    if not call.body:
        return {}
    content_type = str(call.environ.get("CONTENT_TYPE", "text/")).lower()
    if content_type.startswith(_TEXT):
        try:
            return {"body": call.body.decode()}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(call.body).decode(), "isBase64Encoded": True}


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined
