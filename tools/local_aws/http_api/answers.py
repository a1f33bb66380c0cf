"""What a function's response becomes on the wire, in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from ..wire import Answer

_PLAIN = "text/plain; charset=utf-8"
_WITHOUT_BODY = (204, 304)


def message(status: int, text: str) -> Answer:
    """An answer of API Gateway's own."""
    return Answer(status, json.dumps({"message": text}).encode(), "application/json")


def function_answer(payload: bytes) -> Answer:
    """What a function returned. Anything without a status is taken for a document, answered with success."""
    try:
        returned = json.loads(payload)
        if isinstance(returned, dict) and "statusCode" in returned:
            return _formatted(returned)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        return message(500, "Internal Server Error")
    body = returned if isinstance(returned, str) else payload.decode()
    return Answer(200, body.encode(), "application/json")


def _formatted(returned: dict[str, Any]) -> Answer:
    status = int(returned["statusCode"])
    if not 100 <= status <= 599:
        raise ValueError(f"{status} is no status of HTTP")
    headers = {str(name).lower(): _text(value) for name, value in (returned.get("headers") or {}).items()}
    content_type = headers.pop("content-type", _PLAIN)
    headers.pop("content-length", None)
    cookies = [("set-cookie", str(each)) for each in returned.get("cookies") or ()]
    texts = "".join(f"{name}{value}" for name, value in (*headers.items(), *cookies, ("", content_type)))
    if "\r" in texts or "\n" in texts:
        raise ValueError("a header has a line break in it")
    body = b"" if status in _WITHOUT_BODY else _body(returned)
    return Answer(status, body, content_type, (*headers.items(), *cookies))


def _body(returned: dict[str, Any]) -> bytes:
    body = returned.get("body")
    if body is None:
        return b""
    if returned.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
