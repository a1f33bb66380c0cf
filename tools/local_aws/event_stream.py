"""AWS's binary event stream: how answers are framed that go on as long as there is something to tell.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"

_TEXT = 7  # the type of a header whose value is text


def event(kind: str, document: dict[str, Any]) -> bytes:
    """One message that carries a document."""
    names = {":event-type": kind, ":content-type": "application/x-amz-json-1.1", ":message-type": "event"}
    headers = b"".join(_header(name, value) for name, value in names.items())
    payload = json.dumps(document, separators=(",", ":")).encode()
    # Two lengths and the check sum of both, and the check sum of all at the end.
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", _TEXT, len(value)) + value.encode()
