"""The largest body that a request to each service may have, decided by its head alone.

The services' own limits count the content. On the wire it is longer: base64 takes 4 bytes for 3, JSON and forms up to
3 for a byte of text. The limits here leave room for that, and the services still check the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .http_server import MOST_BODY_BYTES
from .wire import Request

MIB = 1024 * 1024

_DEFAULT_BYTES = 4 * MIB
_BY_SERVICE = {
    # Memory sets the limit for objects, not S3: it takes 5 GiB in one PutObject. Larger objects go in parts.
    "s3": MOST_BODY_BYTES,
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 50 MB of zip, 6 MB of payload
    "lambda": 70_167_211,
    # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html: 10 MiB, in base64
    "kinesis": 16 * MIB,
    # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html: 16 MB
    "dynamodb": 16 * MIB,
    "dynamodbstreams": MIB,
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html: 1 MiB
    "sqs": 4 * MIB,
    # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: 256 KiB
    "sns": MIB,
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: templates of 1 MB
    "cloudformation": 4 * MIB,
}
_BY_PATH = {
    "/_local/": MIB,
    # These two say themselves, in their own words, that 10 MB is the most.
    # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html
    "/_opensearch/": 16 * MIB,
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    "/_api/": 16 * MIB,
}


def largest_body(environ: Mapping[str, Any]) -> int:
    """Return the most bytes that the body of a request with this head may have."""
    length = environ.get("CONTENT_LENGTH", "0")
    if len(length) <= 6 and "HTTP_TRANSFER_ENCODING" not in environ:
        return MIB  # six digits
    return most_bytes(Request(dict(environ)))


def most_bytes(request: Request) -> int:
    """Return the most bytes that the content of a request's body may have."""
    for prefix, most in _BY_PATH.items():
        if request.path.startswith(prefix):
            return most
    if ".execute-api." in request.environ.get("HTTP_HOST", ""):
        return _BY_PATH["/_api/"]
    # A request that names no service is one for S3: an object by its path alone.
    return _BY_SERVICE.get(request.service or "s3", _DEFAULT_BYTES)
