"""Rows of the views, read past the hook."""

from typing import Any

from simulation.world import World

Item = dict[str, Any]


def rows_of(world: World, table: str) -> list[Item]:
    """Return every row of a table."""
    return [row for _, row in world.tables.table(table).everything()]
