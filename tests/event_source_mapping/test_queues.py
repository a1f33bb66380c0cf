"""SQS: what succeeds is deleted, what fails waits out its visibility time-out."""

from typing import Any

import pytest

from event_source_mapping import SourceError, Throttled
from event_source_mapping.rehearsal import QUEUE_ARN, Rehearsal, label, running
from event_source_mapping.virtual_time import run
from unreliable import make_unreliable

REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def queue_rehearsal(request: dict[str, Any], handler: Any = lambda _: None, duration: float = 0.0) -> Rehearsal:
    return Rehearsal(request, handler, source_arn=QUEUE_ARN, duration=duration)


def remaining(rehearsal: Rehearsal) -> list[str]:
    assert rehearsal.queue is not None
    return rehearsal.queue.bodies()


def for_seconds(rehearsal: Rehearsal, seconds: float) -> None:
    async def life() -> None:
        async with running(rehearsal):
            await rehearsal.clock.sleep(seconds)

    run(life())


def test_a_message_arrives_in_the_shape_that_lambda_gives_it() -> None:
    rehearsal = queue_rehearsal({})
    rehearsal.put("hello")

    rehearsal.play()

    (record,) = rehearsal.function.events[0]["Records"]
    assert record == {
        "messageId": "00000000-0000-4000-8000-000000000001",
        "receiptHandle": record["receiptHandle"],
        "body": "hello",
        "attributes": record["attributes"],
        "messageAttributes": {},
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": "eu-west-1",
    }
    assert remaining(rehearsal) == []


def test_a_failed_batch_comes_back_when_its_visibility_runs_out() -> None:
    attempts = iter([True, True, False])

    def handler(event: dict[str, Any]) -> None:
        if next(attempts):
            raise ValueError(str(event))

    rehearsal = queue_rehearsal({}, handler)
    rehearsal.put("a")

    for_seconds(rehearsal, 100)

    assert rehearsal.delivered_at == pytest.approx([0.0, 30.0, 60.0], abs=0.2)
    assert remaining(rehearsal) == []


def test_a_partial_response_deletes_the_messages_it_does_not_name() -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        bad = [record["messageId"] for record in event["Records"] if label(record) == "b"]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in bad]}

    rehearsal = queue_rehearsal(REPORTING, handler)
    for text in "abc":
        rehearsal.put(text)

    for_seconds(rehearsal, 10)

    assert rehearsal.delivered == [["a", "b", "c"]]
    assert remaining(rehearsal) == ["b"]


@pytest.mark.parametrize("entry", [{"itemIdentifier": "unknown"}, {"itemIdentifier": ""}, {"wrong": "name"}])
def test_a_malformed_response_keeps_every_message(entry: dict[str, Any]) -> None:
    rehearsal = queue_rehearsal(REPORTING, lambda _: {"batchItemFailures": [entry]})
    rehearsal.put("a")
    rehearsal.put("b")

    for_seconds(rehearsal, 10)

    assert remaining(rehearsal) == ["a", "b"]


def test_a_throttled_batch_stays_in_the_queue() -> None:
    def handler(event: dict[str, Any]) -> None:
        raise Throttled(str(len(event)))

    rehearsal = queue_rehearsal({}, handler)
    rehearsal.put("a")

    for_seconds(rehearsal, 10)

    assert remaining(rehearsal) == ["a"]


def test_without_a_window_a_batch_is_one_receive_of_at_most_ten() -> None:
    rehearsal = queue_rehearsal({"BatchSize": 10}, duration=1.0)
    for number in range(25):
        rehearsal.put(str(number))

    rehearsal.play()

    assert sorted(len(labels) for labels in rehearsal.delivered) == [5, 10, 10]


def test_with_a_window_receives_are_gathered_up_to_the_batch_size() -> None:
    request = {"BatchSize": 40, "MaximumBatchingWindowInSeconds": 5, "ScalingConfig": {"MaximumConcurrency": 2}}
    rehearsal = queue_rehearsal(request)
    for number in range(100):
        rehearsal.put(str(number))

    rehearsal.play()

    assert sum(len(labels) for labels in rehearsal.delivered) == 100
    assert max(len(labels) for labels in rehearsal.delivered) == 40


def test_a_batch_goes_when_its_window_runs_out() -> None:
    rehearsal = queue_rehearsal({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 5})
    rehearsal.put("a")
    sent = rehearsal.clock.now()

    rehearsal.play()

    waited = rehearsal.function.moments[0] - sent
    assert waited == pytest.approx(5.0, abs=0.2)


@pytest.mark.parametrize(("request_part", "most"), [({}, 5), ({"ScalingConfig": {"MaximumConcurrency": 3}}, 3)])
def test_no_more_invocations_run_at_once_than_allowed(request_part: dict[str, Any], most: int) -> None:
    rehearsal = queue_rehearsal({"BatchSize": 1, **request_part}, duration=5.0)
    for number in range(20):
        rehearsal.put(str(number))

    rehearsal.play()

    assert rehearsal.function.most_running == most


def test_large_messages_are_split_into_requests_of_six_megabytes() -> None:
    rehearsal = queue_rehearsal({"BatchSize": 10})
    for _ in range(10):
        rehearsal.put("x" * 1_000_000)

    rehearsal.play()

    assert [len(labels) for labels in rehearsal.delivered] == [6, 4]


def test_a_queue_that_does_not_answer_is_asked_again() -> None:
    rehearsal = queue_rehearsal({})
    rehearsal.put("a")
    trouble = iter([SourceError("InternalError")] * 7)
    make_unreliable(rehearsal.source, "receive", trouble)
    make_unreliable(rehearsal.source, "delete", trouble)

    for_seconds(rehearsal, 30)

    assert rehearsal.delivered == [["a"]]
    assert remaining(rehearsal) == []


def test_a_queue_in_flight_is_not_idle() -> None:
    rehearsal = queue_rehearsal({}, duration=60.0)
    rehearsal.put("a")

    async def looked_at_in_flight() -> bool:
        async with running(rehearsal):
            await rehearsal.clock.sleep(25)
            return rehearsal.mapping.idle()

    assert run(looked_at_in_flight()) is False
