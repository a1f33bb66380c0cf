"""How many records come in a batch: the closed formula, which ``costs.engine`` holds against the engine.

A lane collects from the first record that waits, or from the end of its last invocation, until the window has run out
or the batch is full; records come in by polls (event_source_mapping.lane_worker).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TABLE_POLL_SECONDS = 0.25
STREAM_POLL_SECONDS = 1.0
PUSH_SECONDS = 0.05
"""Between two looks at a shard: four a second, one a second, and as good as at once."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes alike: how many, the changes of each a second, the share of them of hot tasks, how many of those it has."""

    count: float
    rate: float
    hot: float = 0.0
    hot_tasks: float = 0.0

    def distinct(self, records: float) -> float:
        """Return how many tasks so many records are of: cold ones all differ, hot ones come again."""
        of_hot = records * self.hot
        return records - of_hot + expected_distinct(of_hot, self.hot_tasks)


def expected_distinct(drawn: float, kinds: float) -> float:
    """Return how many kinds are among so many, drawn evenly; with less than one kind, it is that kind always."""
    if drawn <= 0:
        return 0.0
    if kinds <= 1:
        return min(1.0, drawn)
    return kinds * -math.expm1(drawn * math.log1p(-1 / kinds))


def divided(rate: float, lanes: int, hot: float, hot_tasks: int) -> Iterator[Lanes]:
    """Yield the lanes that have hot tasks, and those that have none: all changes of a task go through one lane."""
    if not hot or not hot_tasks:
        yield Lanes(lanes, rate / lanes)
        return
    with_hot = expected_distinct(hot_tasks, lanes)
    cold_rate = rate * (1 - hot) / lanes
    hot_rate = rate * hot / with_hot
    yield Lanes(with_hot, cold_rate + hot_rate, hot_rate / (cold_rate + hot_rate), hot_tasks / with_hot)
    if lanes > with_hot:
        yield Lanes(lanes - with_hot, cold_rate)


def batch_records(
    rate: float, batch_size: int, window: float, poll: float, duration: Callable[[float], float] = lambda _: 0.0
) -> float:
    """Return the mean number of records in a batch of a lane to which so many come a second.

    ``duration`` says how long an invocation with so many records takes: what comes meanwhile waits for the next.
    """
    if not rate:
        return 1.0
    first = rate * poll / -math.expm1(-rate * poll)  # of the poll that found something
    polls = math.floor(window / poll + 1e-9)
    records = first + rate * polls * poll
    for _ in range(8):
        busy = duration(min(records, batch_size)) + window
        again = max(first + rate * polls * poll, rate * busy)
        records = (records + again) / 2
    if records > batch_size:  # a full batch goes before its window ends, and what is left begins another
        records = (records + rate * polls * poll) / 2
    return max(1.0, min(float(batch_size), records))
