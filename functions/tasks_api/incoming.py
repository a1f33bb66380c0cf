"""What a request has to be before its route is looked for, and the version that it asks for."""

import json
from base64 import b64decode
from http import HTTPStatus
from typing import Any

from documents import Document
from problems import JSON, Problem, WrongField, invalid, unsupported

LARGEST_BODY_BYTES = 65_536


def body_of(event: dict[str, Any]) -> Document | None:
    """Return the body, if there is one. Raises ``Problem`` for one that is too large, not JSON, or no JSON object."""
    try:
        raw = _bytes(event)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not base64, which it is said to be.") from None
    if not raw:
        return None
    if len(raw) > LARGEST_BODY_BYTES:
        detail = f"The body has {len(raw)} bytes; {LARGEST_BODY_BYTES} is the limit."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    given = event.get("headers", {}).get("content-type", JSON)
    if given.partition(";")[0].strip().lower() != JSON:
        raise unsupported()
    try:
        document = json.loads(raw.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {why}.", "malformed-json") from None
    if not isinstance(document, dict):
        raise invalid(WrongField("body", "", "has to be a JSON object"))
    return document


def version_required(if_match: str | None) -> int | None:
    """Return the version that If-Match names, ``None`` for any. Raises ``Problem`` where there is no If-Match."""
    if if_match is None:
        detail = "Say which version the change is based on: If-Match with the task's ETag, or * for any."
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, detail, "version-required")
    return version_if_any(if_match)


def version_if_any(if_match: str | None) -> int | None:
    """Return the version that If-Match names, ``None`` for any."""
    return None if if_match in (None, "*") else int(if_match.strip('"'))


def _bytes(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    return b64decode(body)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
