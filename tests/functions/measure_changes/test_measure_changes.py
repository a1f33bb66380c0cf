import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from builders import MOMENT, TIME_TO_LIVE, capture, kinesis_record, sequence_number, task
from changestream.wire.failure_message import failed_batch
from functions.measure_changes import app
from functions.measure_changes.conftest import Measured
from invocations import Context, CountedCalls, sample, stops_at
from tasks.observation import Completion, MeasuredKind

Json = dict[str, Any]


def seconds(count: float) -> int:
    return int(count * 1_000_000)


def history(count: int, seed: int) -> list[Json]:
    """Captured changes of a few tasks in three lists, in the order in which they were made."""
    draw, items, changes = random.Random(seed), dict[tuple[str, str], Json | None](), list[Json]()
    for n in range(1, count + 1):
        list_id, task_id = f"list-{draw.randrange(3)}", f"task-{draw.randrange(4)}"
        old = items.get((list_id, task_id))
        removed = old and draw.random() < 0.2
        new = None if removed else task(task_id, list_id, status=draw.choice(["open", "in_progress", "done"]))
        items[list_id, task_id] = new
        by_service = {"userIdentity": TIME_TO_LIVE} if removed and draw.random() < 0.5 else {}
        changes.append(capture(n * 1000, new, old, **by_service))
    return changes


NAMES = {"INSERT": MeasuredKind.INSERTED, "MODIFY": MeasuredKind.MODIFIED, "REMOVE": MeasuredKind.REMOVED}


def kinds(changes: list[Json]) -> dict[str, Counter[MeasuredKind]]:
    """How many changes of each kind there are, by list."""
    counts: dict[str, Counter[MeasuredKind]] = {}
    for change in changes:
        list_id = change["dynamodb"]["Keys"]["listId"]["S"]
        kind = MeasuredKind.EXPIRED if change["userIdentity"] else NAMES[change["eventName"]]
        counts.setdefault(list_id, Counter()).update([kind])
    return counts


def test_a_windows_changes_are_a_row_for_each_list_at_its_end_and_nothing_before(measured: Measured) -> None:
    opened, done = task(), task(status="done")

    measured.invoke(
        kinesis_record(1, capture(seconds(1), new=opened)),
        kinesis_record(2, capture(seconds(2), new=task("task-2", "list-2"))),
    )
    measured.invoke(kinesis_record(3, capture(seconds(30), new=done, old=opened)))
    assert measured.rows() == []
    measured.close()

    (row,) = measured.rows()
    assert row["window"]["S"].startswith("2026-01-01T00:00:00Z#")
    assert {name: row[name]["N"] for name in ("inserted", "modified", "tasks", "completed", "openSecondsMean")} == {
        "inserted": "1",
        "modified": "1",
        "tasks": "1",
        "completed": "1",
        "openSecondsMean": "30.000",
    }
    assert float(row["openSecondsP95"]["N"]) == pytest.approx(30, rel=0.01)
    assert row["expiresAt"]["N"] == str(MOMENT + 400 * 86_400)
    assert measured.of("list-2").kinds == {MeasuredKind.INSERTED: 1}


def test_removals_by_callers_are_told_from_those_by_time_to_live(measured: Measured) -> None:
    measured.close(
        kinesis_record(1, capture(1, old=task("task-1"))),
        kinesis_record(2, capture(2, old=task("task-2"), userIdentity=TIME_TO_LIVE)),
    )

    assert measured.of().kinds == {MeasuredKind.REMOVED: 1, MeasuredKind.EXPIRED: 1}


def test_a_task_done_before_it_was_created_is_counted_as_such(measured: Measured) -> None:
    done = task(status="done", createdDate={"S": "2026-01-01T00:10:00Z"})

    measured.close(kinesis_record(1, capture(1, new=done, old=task())))

    assert measured.of().completions == {Completion.BACKWARDS: 1}
    assert "openSecondsMean" not in measured.rows()[0]


def test_a_malformed_task_is_handed_over_and_counts_as_done_once_it_is_rewritten(measured: Measured) -> None:
    malformed = task(status="done", createdDate={"S": "2026-11-21 06:00:00"})
    measured.close(
        kinesis_record(1, capture(1, new=task())),
        kinesis_record(2, capture(2, new=malformed, old=task())),
        kinesis_record(3, capture(3, new=task(status="done"), old=malformed)),
    )

    assert measured.of().kinds == {MeasuredKind.INSERTED: 1, MeasuredKind.MODIFIED: 1}
    assert measured.of().completions == {Completion.TIMED: 1}
    (message,) = measured.messages()
    assert failed_batch(message).start.text == sequence_number(2)


def test_a_repeat_counts_as_one_and_not_as_a_change(measured: Measured) -> None:
    change = capture(1, new=task())

    measured.invoke(kinesis_record(1, change), kinesis_record(2, change))
    measured.close(kinesis_record(3, change))

    assert measured.of().changes == 1
    assert measured.rows()[0]["repeated"] == {"N": "2"}


def test_a_repeat_in_a_later_window_counts_once_to_who_reads_the_rows(measured: Measured) -> None:
    change = capture(seconds(59), new=task())

    measured.close(kinesis_record(1, change))
    measured.close(
        kinesis_record(2, change), kinesis_record(3, capture(seconds(61), new=task("task-2"))), start=MOMENT + 60
    )

    assert len(measured.rows()) == 2
    assert measured.of().changes == 2


def test_a_late_change_is_counted_as_late_and_measured(measured: Measured) -> None:
    measured.close(
        kinesis_record(1, capture(seconds(45), new=task("task-1"))),
        kinesis_record(2, capture(seconds(55), new=task("task-2"))),
        start=MOMENT + 60,
    )

    assert (measured.of().changes, measured.of().late) == (2, 1)


def test_a_change_that_came_in_time_is_not_late_however_late_it_comes_again(measured: Measured) -> None:
    change = capture(seconds(1), new=task())

    measured.close(kinesis_record(2, change), start=MOMENT + 60)
    late = measured.of().late
    measured.close(kinesis_record(1, change))

    assert (late, measured.of().late) == (1, 0)
    assert measured.of().changes == 1


def test_a_final_invocation_that_comes_again_writes_the_same_rows(measured: Measured) -> None:
    measured.invoke(*(kinesis_record(n, change) for n, change in enumerate(history(20, seed=1))))
    gathered = measured.state

    measured.close()
    once = measured.client.scan(TableName=measured.table)["Items"]
    measured.state = gathered
    measured.close()

    assert measured.client.scan(TableName=measured.table)["Items"] == once


@pytest.mark.parametrize("final", [True, False])
def test_a_window_that_lambda_ends_early_has_its_row_beside_that_of_the_rest(measured: Measured, final: bool) -> None:
    measured.invoke(kinesis_record(1, capture(1, new=task("task-1"))))
    measured.invoke(early=True, final=final)
    measured.state = {}
    measured.invoke(kinesis_record(2, capture(2, new=task("task-2"))))
    measured.close()

    assert len(measured.rows()) == 2
    assert measured.of().kinds == {MeasuredKind.INSERTED: 2}


@pytest.mark.parametrize("seed", range(3))
def test_any_order_repeats_batches_and_redeliveries_end_in_the_measures_of_the_changes(
    measured: Measured, seed: int
) -> None:
    changes, draw = history(40, seed), random.Random(seed)
    disturbed = changes + draw.sample(changes, 15)
    draw.shuffle(disturbed)
    records = [kinesis_record(n, change) for n, change in enumerate(disturbed)]

    while records:
        batch, records = records[: (size := draw.randint(1, 12))], records[size:]
        before = measured.state
        measured.invoke(*batch, final=draw.random() < 0.3)
        if draw.random() < 0.4:
            measured.state = before
            measured.invoke(*batch, final=draw.random() < 0.5)
        if draw.random() < 0.3:
            assert stops_at(measured.deliver(*batch[: draw.randint(1, len(batch))])) is None
    measured.close()

    assert {list_id: measured.of(list_id).kinds for list_id in kinds(changes)} == kinds(changes)


def test_nothing_is_called_until_a_window_ends_and_then_a_write_for_25_lists(measured: Measured) -> None:
    calls = CountedCalls(measured.client)
    records = [kinesis_record(n, capture(n, new=task("task-1", f"list-{n}"))) for n in range(100)]

    measured.invoke(*records)
    assert calls.by_operation == {}
    measured.close()

    assert calls.by_operation == {"BatchWriteItem": 4}


def test_the_sample_windows_end_in_one_row(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKS_TABLE", "changestream-TasksTable")

    answer = app.lambda_handler(sample("kinesis-window-changes.json"), Context())
    for name in ("kinesis-window-final.json", "kinesis-window-terminated-early.json", "kinesis-window-final.json"):
        event = sample(name)
        assert event["state"] == answer["state"]
        assert app.lambda_handler(event, Context()) == {"batchItemFailures": [], "state": {}}

    assert len(measured.rows("list-home")) == 1
    assert measured.of("list-home").kinds == {
        MeasuredKind.INSERTED: 1,
        MeasuredKind.MODIFIED: 1,
        MeasuredKind.REMOVED: 1,
    }


def test_the_sample_poison_is_handed_over(measured: Measured) -> None:
    event = sample("kinesis-window-poison.json")

    assert app.lambda_handler(event, Context())["batchItemFailures"] == []

    (message,) = measured.messages()
    assert failed_batch(message).start.text == event["Records"][1]["kinesis"]["sequenceNumber"]


def test_a_windows_figures_are_metrics_over_all_lists_with_no_dimension_for_a_list(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    done = [
        capture(seconds(n), new=task(list_id=f"list-{n}", status="done"), old=task(list_id=f"list-{n}"))
        for n in (10, 30)
    ]

    measured.invoke(*(kinesis_record(n, change) for n, change in enumerate([*done, done[0]])))
    before = capsys.readouterr().out
    measured.close()

    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "TasksModified" in line)
    assert "TasksModified" not in before
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (line["TasksModified"], line["TasksChanged"], line["RepeatedChanges"]) == ([2.0], [2.0], [1.0])
    assert line["OpenSecondsMean"] == [20.0]
    assert line["OpenSecondsP95"] == [pytest.approx(30, rel=0.01)]


def test_an_empty_window_writes_nothing(measured: Measured) -> None:
    calls = CountedCalls(measured.client)

    measured.close(kinesis_record(1, capture(1, new=task("settings"))))

    assert calls.by_operation == {}


def test_what_recovery_brings_without_a_window_is_counted_once_in_whatever_pieces(measured: Measured) -> None:
    records = [kinesis_record(n, capture(seconds(n), new=task(f"task-{n}"))) for n in range(1, 6)]
    measured.close(*records[:2])

    for piece in (records[:3], records[2:], records, records[:2]):
        assert stops_at(measured.deliver(*piece)) is None

    assert measured.of().kinds == {MeasuredKind.INSERTED: 5}
    assert {row["window"]["S"].split("#")[0] for row in measured.rows()} == {"2026-01-01T00:00:00Z"}


def test_what_recovery_brings_fails_as_with_any_consumer(measured: Measured, refuse: Callable[..., None]) -> None:
    poison = measured.deliver(kinesis_record(1, capture(1, new=task())), kinesis_record(2, b"not a captured change"))
    refuse(service="dynamodb", operation="BatchWriteItem", resource=measured.table, error="InternalServerError")
    refused = measured.deliver(kinesis_record(4, capture(1, new=task())))

    assert (stops_at(poison), poison["failure"]["kind"]) == (sequence_number(2), "poison")
    assert (stops_at(refused), refused["failure"]["kind"]) == (sequence_number(4), "unavailable")
