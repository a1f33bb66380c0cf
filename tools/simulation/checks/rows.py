"""Rows and documents of the views, read past the hook."""

from typing import Any

from local_aws.search.errors import SearchError
from simulation.world import World

Item = dict[str, Any]


def rows_of(world: World, table: str) -> list[Item]:
    """Return every row of a table."""
    return [row for _, row in world.tables.table(table).everything()]


def search_documents(world: World) -> list[tuple[int, Any]]:
    """Return (version, document) of everything in the search index."""
    documents = world.aws.search().documents
    try:
        index = documents.index_of(world.stack.environment["SEARCH_INDEX"])
    except SearchError:  # nothing has been indexed yet
        return []
    return [(found.version, found.source) for found in documents.of(index)]
