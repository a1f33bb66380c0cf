"""What a request has to be before its route is looked for, and what its headers say."""

import json
import re
from base64 import b64decode
from http import HTTPStatus
from typing import Any

from problems import JSON, Problem, WrongField, invalid, unsupported

LARGEST_BODY_BYTES = 65_536
ENTITY_TAG = re.compile(r'"(0|[1-9][0-9]{0,17})"')
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def check_body(event: dict[str, Any]) -> None:
    """Raise ``Problem`` for a body that is too large, not JSON, or not a JSON object."""
    try:
        raw = _bytes(event)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not base64, which it is said to be.") from None
    if not raw:
        return
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


def expected_version(if_match: str | None, *, required: bool) -> int | None:
    """Return the version that If-Match names, ``None`` for any. Raises ``Problem`` for a tag that is none of ours."""
    if if_match is None:
        if required:
            detail = "Say which version the change is based on: If-Match with the task's ETag, or * for any."
            raise Problem(HTTPStatus.PRECONDITION_REQUIRED, detail, "version-required")
        return None
    tag = if_match.strip()
    if tag == "*":
        return None
    if not (found := ENTITY_TAG.fullmatch(tag)):
        raise invalid(WrongField("header", "If-Match", 'has to be * or one ETag of the task, such as "3"'))
    return int(found[1])


def checked_key(idempotency_key: str | None) -> str | None:
    """Return the key. Raises ``Problem`` for one that is too long or not printable."""
    if idempotency_key is not None and not IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise invalid(WrongField("header", "Idempotency-Key", "has to be 1 to 255 printable characters without blanks"))
    return idempotency_key


def _bytes(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    return b64decode(body)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
