"""Which pieces of work may run in parallel: those about different items. Those about the same item run in order."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concern:
    """The items that a piece of work is about. ``items`` is ``None`` if nobody can tell: any of the shard, then."""

    function: str
    shard_id: str
    items: Set[str] | None


def lanes(concerns: Sequence[Concern]) -> list[list[int]]:
    """Return the pieces of work, by their index, in lanes: no two lanes share an item of a function.

    Pieces whose items cannot be told share a lane with everything of their function and shard. Within a lane the order
    is kept, and lanes are in the order of their first pieces.
    """
    unknown = {(one.function, one.shard_id) for one in concerns if one.items is None}
    lane_of = list(range(len(concerns)))

    def first_of(index: int) -> int:
        while lane_of[index] != index:
            lane_of[index] = lane_of[lane_of[index]]
            index = lane_of[index]
        return index

    first_with: dict[tuple[str, ...], int] = {}
    for index, concern in enumerate(concerns):
        for mark in _marks(concern, unknown):
            one, other = sorted((first_of(first_with.setdefault(mark, index)), first_of(index)))
            lane_of[other] = one
    found: dict[int, list[int]] = {}
    for index in range(len(concerns)):
        found.setdefault(first_of(index), []).append(index)
    return list(found.values())


def _marks(concern: Concern, unknown: Set[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    """Yield what a piece of work shares a lane by."""
    shard = concern.function, concern.shard_id
    if shard in unknown:
        yield ("shard", *shard)
    for item in concern.items or ():
        yield "item", concern.function, item
