"""The shards of a stream as families: those without a living parent, each with the descendants of its records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamctl.reading.shards import ListedShard


@dataclass(frozen=True, slots=True)
class Descent:
    """A shard with its children.

    A shard that a merge made is a child of the first parent that is still listed, so that every shard has one place;
    ``other_parents`` names the rest, listed or trimmed.
    """

    shard: ListedShard
    children: tuple["Descent", ...]
    other_parents: tuple[str, ...] = ()

    def all(self) -> Iterator[ListedShard]:
        """Go through the family, parents before children."""
        yield self.shard
        for child in self.children:
            yield from child.all()


def families(shards: Iterable[ListedShard]) -> list[Descent]:
    """Return the oldest shards that are still listed, in the order of the listing, with their descendants."""
    listed = {shard.shard_id: shard for shard in shards}
    children: dict[str | None, list[ListedShard]] = {}
    for shard in listed.values():
        first = next((parent for parent in shard.parents if parent in listed and parent != shard.shard_id), None)
        children.setdefault(first, []).append(shard)

    def descent(shard: ListedShard, parent: str | None) -> Descent:
        below = tuple(descent(child, shard.shard_id) for child in children.get(shard.shard_id, ()))
        return Descent(shard, below, tuple(each for each in shard.parents if each != parent))

    return [descent(shard, None) for shard in children.get(None, ())]
