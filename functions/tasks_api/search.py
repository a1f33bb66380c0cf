"""Search, where there is an index to search in."""

import os
from http import HTTPStatus
from typing import Any

from problems import Problem


def found(words: str, list_id: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the tasks that have the words. Raises ``Problem`` where the stack was deployed without a search index."""
    if not os.environ.get("SEARCH_ENDPOINT"):
        detail = "There is no search index: the stack was deployed without SearchEndpoint."
        raise Problem(HTTPStatus.NOT_IMPLEMENTED, detail, "search-not-configured")
    raise NotImplementedError(words, list_id, limit)
