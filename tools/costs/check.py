"""Cases in which the closed formula is held against the engine, at sizes that fit."""

from costs.batching import PUSH_SECONDS, TABLE_POLL_SECONDS, batch_records, divided
from costs.engine import Batches, Case, rehearse

TABLE = TABLE_POLL_SECONDS
CASES: dict[str, tuple[Case, float]] = {
    "ChangeStream, as in the template": (Case(1), 400),
    "": (Case(10), 60),
    " ": (Case(100), 12),
    "  ": (Case(1_000), 6),
    "   ": (Case(5_000, shards=11), 2.5),
    "the table's stream, as in the template": (Case(10, poll=TABLE), 40),
    "    ": (Case(1_000, poll=TABLE), 3),
    "no window": (Case(100, window=0), 20),
    "a window of 5 s": (Case(20, window=5), 60),
    "one lane a shard": (Case(100, factor=1), 20),
    "batches of 10": (Case(500, batch_size=10), 4),
    "batches of 500 within 2 s, one lane": (Case(100, batch_size=500, window=2, factor=1), 20),
    "invocations of 2.5 s": (Case(100, duration=2.5), 25),
    "half of it on 5 hot tasks": (Case(100, hot=0.5, hot_tasks=5), 15),
    "pushed, by enhanced fan-out": (Case(50, poll=PUSH_SECONDS), 5),
}
"""By what is said of them, blank for as above; with the seconds that each is played for."""


Checked = tuple[str, Case, Batches, tuple[float, float]]
"""A case with what is said of it, what the engine did, and the records and tasks that the formula says."""


def expected(case: Case) -> tuple[float, float]:
    """Return (records, tasks) of a mean batch by the closed formula."""
    invocations = tasks = 0.0
    for lanes in divided(case.rate, case.shards * case.factor, case.hot, case.hot_tasks):
        records = batch_records(lanes.rate, case.batch_size, case.window, case.poll, lambda _: case.duration)
        of_these = lanes.count * lanes.rate / records
        invocations += of_these
        tasks += of_these * lanes.distinct(records)
    return case.rate / invocations, tasks / invocations


def checked() -> list[Checked]:
    """Play all cases; return each with what the engine did and what the formula says."""
    return [(name.strip(), case, rehearse(case, seconds), expected(case)) for name, (case, seconds) in CASES.items()]
