"""Listings of the Lambda API in pages: MaxItems and Marker in, NextMarker out."""

from collections.abc import Sequence
from typing import Any

from local_aws.lambda_service.errors import invalid_value

MOST_ITEMS = 100

type Document = dict[str, Any]


def page_of(items: Sequence[Document], request: Document, name: str) -> Document:
    """The page that `request` asks for, under `name`; a marker is the place in the listing."""
    try:
        start, most = int(request.get("Marker") or 0), int(request.get("MaxItems") or MOST_ITEMS)
    except ValueError as error:
        raise invalid_value(f"Invalid Marker or MaxItems: {error}") from error
    if start < 0 or most < 1:
        raise invalid_value("Marker and MaxItems must be positive.")
    end = start + min(most, MOST_ITEMS)
    page: Document = {name: list(items[start:end])}
    return page | ({"NextMarker": str(end)} if end < len(items) else {})
