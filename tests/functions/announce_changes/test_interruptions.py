"""Announcements that something gets in the way of."""

from collections.abc import Callable
from time import time
from typing import Any
from warnings import catch_warnings

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from builders import sequence_number, task
from changestream.core.deadline import ANSWER_SECONDS
from functions.announce_changes.conftest import DAYS, Announcements
from invocations import stops_at

OPEN = task()


class CutOff(BaseException):
    """The end of a worker, for whatever is under way in it."""


def lose(client: Any, event: str, error: BaseException) -> None:
    """Have the next ``before-call`` or ``after-call`` of an operation fail: nothing leaves, or the answer is lost."""

    def fail(**_: Any) -> None:
        client.meta.events.unregister(event, fail)
        raise error

    client.meta.events.register(event, fail)


def cut_off(announcements: Announcements, client: Any, event: str, record: dict[str, Any]) -> None:
    """Have a worker end at a call of its function."""
    lose(client, event, CutOff())
    with pytest.raises(CutOff), catch_warnings(action="ignore"):
        announcements.deliver(record)


def test_a_refusing_topic_stops_the_batch_and_leaves_no_claim(
    announcements: Announcements, refuse: Callable[..., None]
) -> None:
    refuse(service="sns", operation="Publish", resource=announcements.topic, error="InternalError", status=500)

    response = announcements.deliver(*(announcements.record(n, at=n, new=task(f"task-{n}")) for n in (1, 2)))

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "unavailable"
    assert announcements.memories() == []


def test_what_could_not_be_announced_is_announced_when_it_is_delivered_again(announcements: Announcements) -> None:
    records = [announcements.record(n, at=n, new=task(f"task-{n}")) for n in (1, 2, 3)]
    announcements.deliver(records[0])
    lose(announcements.sns, "before-call.sns.Publish", EndpointConnectionError(endpoint_url="sns"))

    response = announcements.deliver(*records)
    announcements.deliver(*records)

    assert stops_at(response) == sequence_number(2)
    assert announcements.transitions() == [(f"task-{n}", None, "open") for n in (1, 2, 3)]


def test_what_the_topic_will_never_take_is_poison(announcements: Announcements, refuse: Callable[..., None]) -> None:
    refuse(service="sns", operation="Publish", resource=announcements.topic, error="InvalidParameter")

    response = announcements.deliver(announcements.record(1, at=10, new=OPEN))

    assert response["failure"]["kind"] == "poison"


def test_a_refusing_memory_stops_the_batch_before_anything_is_announced(
    announcements: Announcements, refuse: Callable[..., None]
) -> None:
    refuse(service="dynamodb", operation="PutItem", resource=announcements.memory, error="InternalServerError")

    response = announcements.deliver(announcements.record(9, at=10, new=OPEN))

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"
    assert announcements.received() == []


def test_a_refusing_table_leaves_it_open_whether_poison_has_been_rewritten(
    announcements: Announcements, refuse: Callable[..., None]
) -> None:
    refuse(service="dynamodb", operation="GetItem", resource=announcements.tasks_table, error="InternalServerError")

    response = announcements.deliver(announcements.record(1, at=10, new=task(status=None)))

    assert response["failure"]["kind"] == "unavailable"


def test_a_transition_that_another_invocation_is_at_is_left_for_later(announcements: Announcements) -> None:
    record = announcements.record(1, at=10, new=OPEN)
    cut_off(announcements, announcements.sns, "before-call.sns.Publish", record)

    response = announcements.deliver(record)

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "unavailable"
    assert announcements.received() == []


def test_a_claim_of_an_invocation_that_was_cut_off_ends_with_its_time_out(announcements: Announcements) -> None:
    record = announcements.record(1, at=10, new=OPEN)
    cut_off(announcements, announcements.sns, "before-call.sns.Publish", record)

    announcements.let_pass(seconds=20)

    assert stops_at(announcements.deliver(record)) is None
    assert announcements.transitions() == [("task-1", None, "open")]


def test_what_was_announced_but_not_remembered_comes_again_under_the_same_deduplication_id(
    announcements: Announcements,
) -> None:
    record = announcements.record(1, at=10, new=OPEN)
    cut_off(announcements, announcements.dynamodb, "before-call.dynamodb.UpdateItem", record)
    announcements.let_pass(seconds=20)

    announcements.deliver(record)

    first, second = announcements.received()
    assert first == second


def test_a_lost_answer_of_the_topic_costs_a_second_notification_and_never_the_first(
    announcements: Announcements,
) -> None:
    record = announcements.record(1, at=10, new=OPEN)
    lose(announcements.sns, "after-call.sns.Publish", ReadTimeoutError(endpoint_url="sns"))

    response = announcements.deliver(record)
    announcements.deliver(record)

    assert response["failure"]["kind"] == "unavailable"
    assert len({notification["deduplicationId"] for notification in announcements.received()}) == 1


def test_what_was_announced_is_remembered_for_longer_than_anything_is_delivered_again(
    announcements: Announcements,
) -> None:
    announcements.deliver(announcements.record(1, at=10, new=OPEN))

    (memory,) = announcements.memories()
    remembered_days = (int(memory["expiration"]["N"]) - time()) / 86_400
    assert remembered_days == pytest.approx(DAYS, abs=0.1)


def test_what_is_remembered_outlives_the_names_of_function_and_module(announcements: Announcements) -> None:
    announcements.deliver(announcements.record(1, at=10, new=OPEN))

    (memory,) = announcements.memories()
    assert memory["id"]["S"].startswith("announcement#")


def test_a_function_short_of_time_answers_with_the_first_transition_not_announced(
    announcements: Announcements,
) -> None:
    response = announcements.deliver(
        announcements.record(4, at=1, new=OPEN, old=OPEN),
        announcements.record(5, at=2, new=OPEN),
        seconds_left=ANSWER_SECONDS,
    )

    assert stops_at(response) == sequence_number(5)
    assert response["failure"]["kind"] == "out_of_time"
    assert announcements.memories() == []
