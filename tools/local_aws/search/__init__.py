"""The part of the OpenSearch protocol that a stream's consumer uses, on SQLite: indexes, bulk writes, search.

https://docs.opensearch.org/latest/api-reference/
"""

from .service import PREFIX, SearchService

__all__ = ["PREFIX", "SearchService"]
