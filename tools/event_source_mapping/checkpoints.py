"""Where a mapping resumes, as the JSON object that hosts store: a place per shard, or how to begin."""

from typing import Any

from event_source_mapping.positions import TRIM_HORIZON, Position, PositionType
from event_source_mapping.settings import MappingSettings


def first_checkpoints(settings: MappingSettings, now: float) -> dict[str, Any]:
    """What `checkpoints()` tells of a mapping that is made `now`, for hosts that store it before they run one."""
    return written({}, starting_position(settings, now))


def written(positions: dict[str, Position], start: Position) -> dict[str, Any]:
    """Before a shard has been seen only LATEST needs to be told: it is a moment that the settings do not know."""
    shards = {shard_id: position.to_json() for shard_id, position in positions.items()}
    if not shards and start.type is PositionType.LATEST:
        return {"shards": {}, "start": start.to_json()}
    return {"shards": shards}


def positions_in(stored: dict[str, Any]) -> dict[str, Position]:
    return {shard_id: Position.from_json(place) for shard_id, place in (stored.get("shards") or {}).items()}


def start_in(stored: dict[str, Any]) -> Position | None:
    """How a mapping begins that was stopped before it had seen a shard; None where its settings say it."""
    start = stored.get("start")
    return Position.from_json(start) if start else None


def starting_position(settings: MappingSettings, now: float) -> Position:
    """What the settings say of shards that are there at first."""
    if settings.starting_position == "AT_TIMESTAMP":
        return Position(PositionType.AT_TIMESTAMP, timestamp=settings.starting_position_timestamp)
    if settings.starting_position == "LATEST":
        return Position(PositionType.LATEST, timestamp=now)
    return TRIM_HORIZON
