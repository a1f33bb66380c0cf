"""Search, where there is an index to search in. What it takes is imported by the first search, not by every start."""

from __future__ import annotations

import os
from functools import cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING, Any

from changestream.core.errors import Unprocessable
from problems import Problem, WrongField, invalid

if TYPE_CHECKING:
    from changestream.aws.search_index import SearchIndex

READ_TIMEOUT_SECONDS = 5
"""A page is small, and a caller waits: two attempts have to fit the function's time-out, so that an answer leaves."""


def found(list_id: str | None, text: str, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Return tasks whose description has every word of the text, and the cursor of the next page, if there is one.

    Raises ``Problem`` where the stack was deployed without a search index, or the index cannot search for that.
    """
    endpoint = os.environ.get("SEARCH_ENDPOINT")
    if not endpoint:
        detail = "There is no search index: the stack was deployed without SearchEndpoint."
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, detail, "search-not-configured")
    try:
        hits = _index(endpoint, os.environ["SEARCH_INDEX"]).search(list_id, text, limit, cursor)
    except (ValueError, Unprocessable):
        wrong = WrongField("query", "cursor" if cursor else "q", "is nothing that can be searched for")
        raise invalid(wrong) from None
    now = time()
    return [dict(each) for each in hits.documents if each.get("expiresAt", now + 1) > now], hits.after


@cache
def _index(endpoint: str, alias: str) -> SearchIndex:
    from changestream.aws.search_index import SearchIndex
    from tasks.search_document import SHAPE

    return SearchIndex(endpoint, alias, os.environ["AWS_REGION"], SHAPE, READ_TIMEOUT_SECONDS)
