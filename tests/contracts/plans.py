"""In which batches, how often and in which order the records of a shard are delivered."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

Json = dict[str, Any]


def redelivered(draw: Random, records: Sequence[Json]) -> list[list[Json]]:
    """The batches of a shard in order; after each, perhaps, a prefix or any other range of what was delivered."""
    batches: list[list[Json]] = []
    done = 0
    while done < len(records):
        start, done = done, draw.randint(done + 1, len(records))
        batches.append(list(records[start:done]))
        for _ in range(draw.randrange(3)):
            start = draw.choice((0, draw.randrange(done)))
            batches.append(list(records[start : draw.randint(start + 1, done)]))
    return batches


def disordered(draw: Random, records: Sequence[Json]) -> list[list[Json]]:
    """Every record once, in any order, in any batches; within a batch as the shard has them."""
    places = draw.sample(range(len(records)), len(records))
    cuts = sorted({0, len(places), *(draw.randrange(len(places)) for _ in range(3))})
    return [[records[place] for place in sorted(places[a:b])] for a, b in pairwise(cuts)]


def repeated[Change](draw: Random, changes: Sequence[Change]) -> list[Change]:
    """The changes in any order, some of them again: what a stream makes of them that delivers at least once."""
    arrived = [*changes, *draw.choices(changes, k=draw.randrange(4))]
    draw.shuffle(arrived)
    return arrived
