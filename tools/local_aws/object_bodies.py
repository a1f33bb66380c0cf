"""Bodies of S3 that are chunked within HTTP's own framing, checked before moto takes them apart.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

from __future__ import annotations

import re

from .wire import Request, ServiceError

_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})(;[^\r\n]*)?\r\n")
_LONGEST_LINE = 4096


def check_chunked_object(request: Request) -> None:
    """Raise `ServiceError` for chunks that do not add up to the length that the request tells.

    moto makes room for the length that is told, and reads sizes as Python reads numbers.
    """
    environ = request.environ
    told = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
    coded = "aws-chunked" in environ.get("HTTP_CONTENT_ENCODING", "")
    if told is None and not coded and not environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING-"):
        return
    if told is not None and not re.fullmatch("[0-9]{1,12}", told):
        raise _malformed("x-amz-decoded-content-length is not a number")
    if not request.body and told in (None, "0"):
        return
    decoded = _decoded_length(request.body)
    if told is not None and decoded != int(told):
        raise _malformed(f"its chunks have {decoded} bytes, not the {told} of x-amz-decoded-content-length")


def _decoded_length(body: bytes) -> int:
    place = total = 0
    while True:
        found = _SIZE.match(body, place, place + _LONGEST_LINE)
        if found is None:
            raise _malformed("a chunk does not begin with its size")
        size, place = int(found[1], 16), found.end()
        if size == 0:
            return total
        total += size
        place += size
        if body[place : place + 2] != b"\r\n":
            raise _malformed("a chunk is longer or shorter than its size says")
        place += 2


def _malformed(reason: str) -> ServiceError:
    return ServiceError("InvalidChunkSizeError", f"The body is not a chunked object: {reason}")
