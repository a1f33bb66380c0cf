"""Which shards may be read, and where each starts."""

from event_source_mapping import Position, Shard
from event_source_mapping.lineage import readable, starting_positions
from event_source_mapping.positions import LATEST, SHARD_END, TRIM_HORIZON


def test_shards_first_seen_later_start_at_their_beginning_and_closed_ones_have_nothing_latest() -> None:
    shards = [Shard("a", closed=True), Shard("b", ("a",))]

    first = starting_positions(shards, {}, LATEST)
    later = starting_positions([*shards, Shard("c", ("b",))], first, LATEST)
    late = starting_positions(shards, {}, LATEST, late=True)

    assert late == {"a": LATEST, "b": LATEST}
    assert first == {"a": SHARD_END, "b": LATEST}
    assert later == {"c": TRIM_HORIZON}


def test_a_shard_is_readable_when_its_listed_parents_have_ended() -> None:
    shards = [Shard("merged", ("left", "right")), Shard("left"), Shard("orphan", ("gone",))]
    positions: dict[str, Position] = dict.fromkeys(["merged", "left", "orphan"], TRIM_HORIZON)

    before = readable(shards, positions)
    after = readable(shards, positions | {"left": SHARD_END})

    assert before == ["left", "orphan"]
    assert after == ["merged", "orphan"]
