"""Compressed request bodies, decompressed once and within the bound of their service, before any check reads them.

Compressed objects that S3 Select or ImportTable would read are refused: moto decompresses them without a bound.

The SDKs compress requests of a few services, such as PutMetricData:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html
"""

from __future__ import annotations

import io
import zlib
from typing import Any

from moto.core.responses import BaseResponse
from moto.dynamodb.models import DynamoDBBackend
from moto.s3.models import S3Backend

from .body_limits import most_bytes
from .wire import Request, ServiceError

_GZIP = zlib.MAX_WBITS | 16


def inflate(request: Request) -> None:
    """Decompress a gzip body in place, and drop the header. Raise `ServiceError` for a damaged or too large body.

    S3 keeps the content of an object as it is, with its encoding as metadata.
    """
    if request.environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() != "gzip" or _is_object(request):
        return
    most = most_bytes(request)
    reader = zlib.decompressobj(_GZIP)
    try:
        body = reader.decompress(request.body, most + 1)
    except zlib.error as error:
        raise ServiceError("SerializationException", f"the body is not gzip: {error}") from None
    if len(body) > most:
        raise ServiceError("RequestEntityTooLargeException", f"the decompressed body exceeds {most} bytes", 413)
    if not reader.eof or reader.unused_data:
        raise ServiceError("SerializationException", "the body is not one complete gzip member")
    request.body = body
    environ = request.environ
    del environ["HTTP_CONTENT_ENCODING"]
    environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), io.BytesIO(body)


def _is_object(request: Request) -> bool:
    # A request that names no service is one for S3.
    return not request.service or request.service.startswith("s3")


def _refuse_compressed(self: Any, request: Any) -> None:
    """Refuse the compressed bodies that `inflate` takes for objects, and that moto sends to another service."""
    if request.content_encoding == "gzip" and self.allow_request_decompression:
        raise ServiceError("UnsupportedMediaType", "this service takes no compressed body", 415)


def _select_uncompressed(
    self: Any, bucket_name: str, key_name: str, select_query: str, input_details: dict[str, Any], *more: Any, **by: Any
) -> Any:
    _refuse_object(input_details.get("CompressionType"), "InvalidCompressionFormat")
    return _select(self, bucket_name, key_name, select_query, input_details, *more, **by)


def _import_uncompressed(
    self: Any, s3_source: Any, input_format: Any, compression_type: str | None, *more: Any, **by: Any
) -> Any:
    _refuse_object(compression_type, "ValidationException")
    return _import(self, s3_source, input_format, compression_type, *more, **by)


def _refuse_object(compression: str | None, code: str) -> None:
    if compression not in (None, "", "NONE"):
        raise ServiceError(code, "this endpoint reads only objects that are not compressed")


_select, _import = S3Backend.select_object_content, DynamoDBBackend.import_table
S3Backend.select_object_content = _select_uncompressed  # type: ignore[method-assign]
DynamoDBBackend.import_table = _import_uncompressed  # type: ignore[method-assign]
BaseResponse.decompress_request_body = _refuse_compressed  # type: ignore[method-assign]
