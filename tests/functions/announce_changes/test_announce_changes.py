import random
from itertools import pairwise

import pytest

from builders import MOMENT, TIME_TO_LIVE, capture, kinesis_record, sequence_number, task
from conftest import ClientOf
from functions.announce_changes.conftest import Announcements
from invocations import CountedCalls, sample, stops_at

OPEN, BEGUN, DONE = (task(status=status) for status in ("open", "in_progress", "done"))


def test_each_transition_is_announced_with_what_it_takes_to_act_on_it(announcements: Announcements) -> None:
    announcements.deliver(announcements.record(1, at=250, new=DONE, old=OPEN))

    (notification,) = announcements.received()
    deduplication_id = notification.pop("deduplicationId")
    assert len(deduplication_id) == 64
    assert notification == {
        "listId": "list-1",
        "taskId": "task-1",
        "kind": "MODIFY",
        "from": "open",
        "to": "done",
        "occurredAt": "2026-01-01T00:00:00.000250+00:00",
        "position": f"{MOMENT * 1_000_000 + 250:040d}",
        "eventId": "event-250",
    }


def test_transitions_are_announced_one_by_one_in_the_order_of_their_records(announcements: Announcements) -> None:
    announcements.deliver(
        announcements.record(1, at=10, new=OPEN),
        announcements.record(2, at=20, new=BEGUN, old=OPEN),
        announcements.record(3, at=30, new=DONE, old=BEGUN),
    )

    assert announcements.transitions() == [
        ("task-1", None, "open"),
        ("task-1", "open", "in_progress"),
        ("task-1", "in_progress", "done"),
    ]


def test_a_batch_without_a_transition_makes_no_call_at_all(announcements: Announcements, client_of: ClientOf) -> None:
    calls = [CountedCalls(client_of(service)) for service in ("dynamodb", "sns")]

    response = announcements.deliver(
        announcements.record(1, at=10, new=task(description={"S": "buy oat milk"}), old=OPEN),
        announcements.record(2, at=20, old=OPEN),
        announcements.record(3, at=30, old=DONE, userIdentity=TIME_TO_LIVE),
        announcements.record(4, at=40, new=task("settings", status=None)),
        kinesis_record(5, capture(50, new=task())),
    )

    assert stops_at(response) is None
    assert [count.by_operation for count in calls] == [{}, {}]


def test_an_announcement_takes_three_calls(announcements: Announcements, client_of: ClientOf) -> None:
    calls = [CountedCalls(client_of(service)) for service in ("dynamodb", "sns")]

    announcements.deliver(*(announcements.record(n, at=n, new=task(f"task-{n}")) for n in range(1, 6)))

    assert [count.by_operation for count in calls] == [{"PutItem": 5, "UpdateItem": 5}, {"Publish": 5}]


def test_a_repeat_is_not_announced_again(announcements: Announcements) -> None:
    first, repeat = announcements.record(1, at=10, new=OPEN), announcements.record(2, at=10, new=OPEN)

    announcements.deliver(first, repeat)

    assert announcements.transitions() == [("task-1", None, "open")]


def test_a_repeat_that_another_environment_meets_takes_one_call(
    announcements: Announcements, client_of: ClientOf
) -> None:
    announcements.deliver(announcements.record(1, at=10, new=OPEN))
    announcements.received()
    announcements.start_anew()
    calls = [CountedCalls(client_of(service)) for service in ("dynamodb", "sns")]

    response = announcements.deliver(announcements.record(2, at=10, new=OPEN, eventID="another"))

    assert stops_at(response) is None
    assert announcements.received() == []
    assert [count.by_operation for count in calls] == [{"PutItem": 1}, {}]


def test_two_transitions_at_one_position_are_both_announced(announcements: Announcements) -> None:
    announcements.deliver(
        announcements.record(1, at=10, new=task("task-1")),
        announcements.record(2, at=10, new=task("task-2")),
        announcements.record(3, at=10, new=BEGUN, old=OPEN),
    )

    assert len({notification["deduplicationId"] for notification in announcements.received()}) == 3


def test_an_older_transition_that_arrives_late_is_announced_and_says_when_it_was(announcements: Announcements) -> None:
    announcements.deliver(announcements.record(1, at=30, new=DONE, old=BEGUN))
    announcements.deliver(announcements.record(2, at=20, new=BEGUN, old=OPEN))

    by_position = sorted(announcements.received(), key=lambda notification: notification["position"])
    assert [notification["to"] for notification in by_position] == ["in_progress", "done"]


@pytest.mark.parametrize("seed", range(3))
def test_any_order_repeats_and_batches_announce_each_transition_once(announcements: Announcements, seed: int) -> None:
    draw = random.Random(seed)
    statuses = [draw.choice(["open", "in_progress", "done"]) for _ in range(16)]
    changes = list(enumerate(pairwise([None, *statuses]), start=1))
    disturbed = changes * 2
    draw.shuffle(disturbed)

    for start in range(0, len(disturbed), 5):
        announcements.deliver(
            *(
                announcements.record(start + n, at, task(status=after), task(status=before) if before else None)
                for n, (at, (before, after)) in enumerate(disturbed[start : start + 5])
            )
        )
        if draw.random() < 0.5:
            announcements.start_anew()

    expected = sorted(("task-1", before or "", after) for _, (before, after) in changes if before != after)
    assert sorted((task_id, before or "", after) for task_id, before, after in announcements.transitions()) == expected


def test_subscriptions_filter_by_what_the_attributes_say(announcements: Announcements) -> None:
    finished = announcements.subscribe(to=["done"], listId=["list-1"])
    new = announcements.subscribe(**{"from": [{"exists": False}]})

    announcements.deliver(
        announcements.record(1, at=10, new=OPEN),
        announcements.record(2, at=20, new=DONE, old=OPEN),
        announcements.record(3, at=30, new=task(list_id="list-2", status="done"), old=task(list_id="list-2")),
    )

    assert [(one["listId"], one["to"]) for one in announcements.received(finished)] == [("list-1", "done")]
    assert [(one["listId"], one["from"], one["to"]) for one in announcements.received(new)] == [
        ("list-1", None, "open")
    ]


def test_a_batch_stops_at_a_poison_record_and_goes_on_after_it_in_a_batch_of_its_own(
    announcements: Announcements,
) -> None:
    bad = task("task-2", status="finished")
    announcements.write(bad)
    before, poison, after = (
        announcements.record(1, at=10, new=task("task-1")),
        announcements.record(2, at=20, new=bad),
        announcements.record(3, at=30, new=task("task-3")),
    )

    response = announcements.deliver(before, poison, after)
    announced_first = announcements.transitions()
    announcements.deliver(after)

    assert stops_at(response) == sequence_number(2)
    assert response["failure"] == {
        "kind": "poison",
        "reason": "task with status 'finished', not one of open, in_progress, done",
    }
    assert announced_first == [("task-1", None, "open")]
    assert announcements.transitions() == [("task-3", None, "open")]


def test_what_is_not_a_captured_change_stops_the_batch_where_it_stands(announcements: Announcements) -> None:
    response = announcements.deliver(
        announcements.record(1, at=10, new=OPEN),
        kinesis_record(2, b"not a change"),
        announcements.record(3, at=20, new=BEGUN, old=OPEN),
    )

    assert stops_at(response) == sequence_number(2)
    assert announcements.transitions() == [("task-1", None, "open")]


@pytest.mark.parametrize("now", [DONE, None], ids=["rewritten", "gone"])
def test_poison_is_superseded_once_its_task_is_written_properly_or_gone(
    announcements: Announcements, now: dict[str, object] | None
) -> None:
    bad = task(status=None)
    announcements.write(bad)
    poison = announcements.record(1, at=10, new=bad, old=OPEN)
    assert stops_at(announcements.deliver(poison)) == sequence_number(1)

    if now:
        announcements.write(now)
    else:
        announcements.dynamodb.delete_item(
            TableName=announcements.tasks_table, Key={"listId": bad["listId"], "taskId": bad["taskId"]}
        )

    assert stops_at(announcements.deliver(poison)) is None
    assert announcements.received() == []


def test_the_rewriting_of_a_malformed_task_is_a_transition_from_no_known_status(announcements: Announcements) -> None:
    announcements.deliver(announcements.record(1, at=20, new=DONE, old=task(status="finished")))

    assert announcements.transitions() == [("task-1", None, "done")]


def test_a_malformed_task_is_announced_once_it_is_rewritten_though_its_status_was_a_known_one(
    announcements: Announcements,
) -> None:
    malformed = task(status="done", createdDate={"S": "2026-11-21 06:00:00"})
    announcements.write(malformed)
    poison = announcements.record(1, at=20, new=malformed, old=OPEN)

    assert announcements.deliver(poison)["failure"]["kind"] == "poison"
    announcements.write(DONE)
    announcements.deliver(poison, announcements.record(2, at=30, new=DONE, old=malformed))

    assert announcements.transitions() == [("task-1", None, "done")]


@pytest.mark.parametrize("missing", ["OldImage", "NewImage"])
def test_a_change_without_an_image_is_poison_however_its_task_stands(
    announcements: Announcements, missing: str
) -> None:
    announcements.write(DONE)
    body = capture(10, new=DONE, old=OPEN, tableName=announcements.tasks_table)
    del body["dynamodb"][missing]

    response = announcements.deliver(kinesis_record(1, body))

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "poison"
    assert "without" in response["failure"]["reason"]


def test_the_sample_events_are_announced_up_to_the_one_that_has_no_order(
    announcements: Announcements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKS_TABLE", "changestream-TasksTable")

    good = announcements.deliver(*sample("kinesis-transitions.json")["Records"])
    poison = announcements.deliver(*sample("kinesis-transition-in-milliseconds.json")["Records"])

    assert stops_at(good) is None
    assert "set the table's ApproximateCreationDateTimePrecision" in poison["failure"]["reason"]
    assert announcements.transitions() == [
        ("task-milk", None, "open"),
        ("task-milk", "open", "in_progress"),
        ("task-milk", "in_progress", "done"),
        ("task-milk", None, "open"),
    ]
