"""Which shards may be read now: parents before their children, and where each starts."""

from collections.abc import Iterable, Mapping

from event_source_mapping.ports import Shard
from event_source_mapping.positions import SHARD_END, TRIM_HORIZON, Position, PositionType


def starting_positions(
    shards: Iterable[Shard], known: Mapping[str, Position], start: Position, *, late: bool = False
) -> dict[str, Position]:
    """Positions for shards that are not yet known.

    On first sight of a stream every shard starts at the mapping's starting position; under LATEST a closed
    shard has nothing later than its end, unless the stream is first seen `late`, so that it may have closed since
    the moment that was the latest. Shards that appear afterwards hold what the first ones went on to,
    and are read from their beginning.
    """
    first_sight = not known
    positions = {}
    for shard in shards:
        if shard.shard_id in known:
            continue
        if not first_sight:
            positions[shard.shard_id] = TRIM_HORIZON
        elif start.type is PositionType.LATEST and shard.closed and not late:
            positions[shard.shard_id] = SHARD_END
        else:
            positions[shard.shard_id] = start
    return positions


def readable(shards: Iterable[Shard], positions: Mapping[str, Position]) -> list[str]:
    """Shards not yet read to their end whose parents, as far as they are still listed, have been."""
    listed = {shard.shard_id: shard for shard in shards}

    def ended(shard_id: str) -> bool:
        return positions[shard_id].type is PositionType.SHARD_END

    return [
        shard_id
        for shard_id, shard in listed.items()
        if not ended(shard_id) and all(ended(parent) for parent in shard.parents if parent in listed)
    ]
