import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from builders import sequence_number, table_record, task
from changestream.aws.tally_table import TallyTable
from changestream.core.deadline import ANSWER_SECONDS, Deadline
from changestream.wire import table_stream
from changestream.wire.batch import DecodedBatch
from conftest import ClientOf
from functions.count_tasks import app
from invocations import Context, CountedCalls, View, sample, stops_at

Json = dict[str, Any]


ENDLESS = Deadline(lambda: 60.0, 0.0)


def decoded(records: list[Json]) -> DecodedBatch:
    return table_stream.decode(records, lambda _: True)


class Counts(View):
    handler = staticmethod(app.lambda_handler)

    def row(self, task_id: str, list_id: str = "list-1") -> Json:
        key = {"listId": {"S": list_id}, "taskId": {"S": task_id}}
        item: Json = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        return item

    def totals(self, list_id: str = "list-1") -> dict[str, int]:
        row = self.row(app.TOTALS_ID, list_id)
        return {name: int(value["N"]) for name, value in row.items() if value.get("N", "0") != "0"}


@pytest.fixture
def counts(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counts]:
    table = create_table("listId", "taskId")
    monkeypatch.setenv("TASK_COUNTS_TABLE", table)
    monkeypatch.setenv("TOMBSTONE_DAYS", "400")
    app.consumer.cache_clear()
    yield Counts(client_of("dynamodb"), table)
    app.consumer.cache_clear()


def test_the_sample_changes_are_counted_per_list_and_status(counts: Counts) -> None:
    response = app.lambda_handler(sample("table-stream-changes.json"), Context())

    assert stops_at(response) is None
    assert counts.totals("list-home") == {"total": 1, "done": 1}
    assert counts.totals("list-garage") == {"total": 1, "open": 1}


def test_what_a_backfill_brings_counts_where_no_change_was_and_nowhere_else(counts: Counts) -> None:
    changed, removed = task("task-milk", "list-home"), task("task-bread", "list-home")
    counts.deliver(table_record(1, changed), table_record(2, old=removed))

    app.lambda_handler(sample("table-stream-backfill.json"), Context())
    assert counts.totals("list-home") == {"total": 1, "open": 1}

    counts.deliver(table_record(3, task("task-jam", "list-home")))
    assert counts.totals("list-home") == {"total": 2, "open": 2}


def test_a_batch_delivered_again_counts_nothing_twice(counts: Counts) -> None:
    records = [table_record(n, task(f"task-{n}")) for n in range(1, 6)]

    counts.deliver(*records)
    counts.deliver(*records[:3])
    counts.deliver(*records)

    assert counts.totals() == {"total": 5, "open": 5}


def test_a_change_that_arrives_after_a_newer_one_changes_nothing(counts: Counts) -> None:
    old, new = task(), task(status="done")

    counts.deliver(table_record(2, new, old))
    counts.deliver(table_record(1, old))

    assert counts.totals() == {"total": 1, "done": 1}


def test_a_late_change_does_not_bring_back_a_removed_task(counts: Counts) -> None:
    counts.deliver(table_record(1, task()), table_record(3, old=task()))
    counts.deliver(table_record(2, task(status="done"), task()))

    assert counts.totals() == {}


def test_a_tombstone_expires_after_the_days_it_is_given(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    app.consumer()._clock = lambda: 1_800_000_000.0

    counts.deliver(table_record(1, old=task()))

    assert counts.row("task-1")["expiresAt"] == {"N": str(1_800_000_000 + 400 * 86_400)}


def test_a_poison_record_fails_alone_and_the_good_ones_around_it_are_counted(counts: Counts) -> None:
    bad = table_record(2, task("task-bad", status=None))

    response = counts.deliver(table_record(1, task("task-1")), bad, table_record(3, task("task-3")))

    assert stops_at(response) == sequence_number(2)
    assert response["failure"] == {"kind": "poison", "reason": "task without status"}
    assert counts.totals() == {"total": 2, "open": 2}


def test_poison_is_superseded_once_its_task_has_been_written_properly(counts: Counts) -> None:
    bad = table_record(1, task(status="?"))
    assert stops_at(counts.deliver(bad)) == sequence_number(1)

    counts.deliver(table_record(2, task(status="done"), task(status="?")))

    assert stops_at(counts.deliver(bad)) is None
    assert counts.totals() == {"total": 1, "done": 1}


def test_a_change_without_its_new_image_is_poison_and_no_removal(counts: Counts) -> None:
    counts.deliver(table_record(1, task()))
    keys_only = table_record(2, task(status="done"), task())
    del keys_only["dynamodb"]["NewImage"]

    response = counts.deliver(keys_only)

    assert stops_at(response) == sequence_number(2)
    assert "view type" in response["failure"]["reason"]
    assert counts.totals() == {"total": 1, "open": 1}


class Interrupted(TallyTable):
    """Between its first read and its first write, somebody else does something."""

    def __init__(self, table: TallyTable, meanwhile: Callable[[], object]) -> None:
        self.__dict__ |= table.__dict__
        self.meanwhile: Callable[[], object] | None = meanwhile

    def write(self, *settlement: Any) -> None:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        super().write(*settlement)


@pytest.mark.parametrize("known", [False, True])
def test_a_task_that_somebody_else_counts_at_the_same_time_is_counted_once(counts: Counts, known: bool) -> None:
    if known:
        counts.deliver(table_record(1, task()))
    newest = [table_record(2, task(status="done"), task())]
    ours, theirs = app.consumer(), app.consumer.__wrapped__()
    ours._table = Interrupted(ours._table, lambda: theirs.consume(decoded(newest), ENDLESS))

    outcome = ours.consume(decoded(newest), ENDLESS)

    assert outcome.failures == []
    assert counts.totals() == {"total": 1, "done": 1}


def test_a_row_that_never_stops_changing_is_left_for_another_delivery(counts: Counts) -> None:
    ours, turn = app.consumer(), iter(range(2, 1000))

    def change() -> None:
        n = next(turn)
        app.consumer.__wrapped__().consume(decoded([table_record(n, task(status="done"))]), ENDLESS)
        ours._table = Interrupted(ours._table, change)

    ours._table = Interrupted(ours._table, change)
    outcome = ours.consume(decoded([table_record(2000, task())]), ENDLESS)

    assert [failure.kind for failure in outcome.failures] == ["unavailable"]
    assert counts.totals() == {"total": 1, "done": 1}


def test_items_that_are_not_tasks_are_passed_over(counts: Counts) -> None:
    response = counts.deliver(table_record(1, task("settings", status=None)), table_record(2, task()))

    assert stops_at(response) is None
    assert counts.totals() == {"total": 1, "open": 1}


def test_a_refused_dependency_fails_from_the_lowest_record_and_says_that_it_is_unavailable(
    counts: Counts, refuse: Callable[..., None]
) -> None:
    refuse(service="dynamodb", operation="TransactWriteItems", resource=counts.table, error="ThrottlingException")

    response = counts.deliver(table_record(9, task("task-b")), table_record(10, task("task-a")))

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"
    assert counts.totals() == {}


def test_a_function_short_of_time_answers_with_the_first_record_not_done(counts: Counts) -> None:
    response = counts.deliver(table_record(4, task()), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"


def test_a_batch_takes_one_read_and_one_transaction_per_list(counts: Counts) -> None:
    records = [table_record(n, task(f"task-{n % 30}", f"list-{n % 4}")) for n in range(100)]
    calls = CountedCalls(counts.client)

    counts.deliver(*records)

    assert calls.by_operation == {"BatchGetItem": 1, "TransactWriteItems": 4}


def test_a_list_larger_than_a_transaction_is_counted_in_several(counts: Counts) -> None:
    response = counts.deliver(*(table_record(n, task(f"task-{n}")) for n in range(250)))

    assert stops_at(response) is None
    assert counts.totals() == {"total": 250, "open": 250}


def test_lanes_that_meet_at_one_list_count_every_task_once(counts: Counts) -> None:
    lanes = [[table_record(n, task(f"task-{n}")) for n in range(lane, 40, 4)] for lane in range(4)]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda lane: app.consumer().consume(decoded(lane), ENDLESS), lanes))

    assert [outcome.failures for outcome in outcomes] == [[]] * 4
    assert counts.totals() == {"total": 40, "open": 40}


@pytest.mark.parametrize("seed", range(5))
def test_prefixes_repeats_and_interleavings_end_in_the_counts_of_one_delivery(counts: Counts, seed: int) -> None:
    draw = random.Random(seed)
    items: dict[str, Json | None] = {}
    history = []
    for n in range(1, 41):
        task_id = f"task-{draw.randrange(6)}"
        old = items.get(task_id)
        new = (
            None if old and draw.random() < 0.2 else task(task_id, status=draw.choice(["open", "in_progress", "done"]))
        )
        items[task_id] = new
        history.append(table_record(n, new, old))

    for _ in range(8):
        start = draw.randrange(len(history))
        counts.deliver(*history[start : start + draw.randrange(1, 15)])
    counts.deliver(*history)

    statuses = [item["status"]["S"] for item in items.values() if item]
    expected = {status: statuses.count(status) for status in set(statuses)}
    assert counts.totals() == expected | ({"total": len(statuses)} if statuses else {})


def test_a_change_whose_record_carries_no_time_is_counted(counts: Counts) -> None:
    record = table_record(1, new=task())
    del record["dynamodb"]["ApproximateCreationDateTime"]

    assert stops_at(counts.deliver(record)) is None
    assert counts.totals()["total"] == 1
