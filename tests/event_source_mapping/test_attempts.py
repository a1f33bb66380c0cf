"""Retries, partial responses, bisecting and giving up, as recorded from AWS."""

from typing import Any

import pytest

from event_source_mapping import Throttled
from event_source_mapping.rehearsal import FAILED_BATCHES_ARN, Rehearsal, identifier, label

DESTINATION = {"DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}}
REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def failing_on(*bad: str) -> Any:
    """A handler that raises when its batch holds one of the labels."""

    def handler(event: dict[str, Any]) -> None:
        if any(label(record) in bad for record in event["Records"]):
            raise ValueError("bad record")

    return handler


def reporting(*bad: str) -> Any:
    """A handler that reports the records with these labels."""

    def handler(event: dict[str, Any]) -> dict[str, Any]:
        failed = [identifier(record) for record in event["Records"] if label(record) in bad]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}

    return handler


def played(request: dict[str, Any], handler: Any, labels: str, **kwargs: Any) -> Rehearsal:
    rehearsal = Rehearsal(request, handler, **kwargs)
    for text in labels:
        rehearsal.put(text)
    rehearsal.play()
    return rehearsal


def batches(rehearsal: Rehearsal) -> list[str]:
    return ["".join(labels) for labels in rehearsal.delivered]


@pytest.mark.parametrize(("retries", "count"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_a_batch_that_keeps_failing_is_invoked_once_more_than_it_is_retried(retries: int, count: int) -> None:
    request = {"MaximumRetryAttempts": retries, **DESTINATION}

    rehearsal = played(request, failing_on("a"), "a")

    assert batches(rehearsal) == ["a"] * count
    context: Any = rehearsal.destinations.messages[0]["requestContext"]
    assert context["approximateInvokeCount"] == count
    assert context["condition"] == "RetryAttemptsExhausted"


def test_the_count_of_attempts_restarts_when_the_checkpoint_moves() -> None:
    request = {"BatchSize": 3, "MaximumRetryAttempts": 3, **REPORTING, **DESTINATION}

    rehearsal = played(request, reporting("5"), "012345")

    assert batches(rehearsal) == ["012", "345", "5", "5", "5", "5"]
    message: Any = rehearsal.destinations.messages[0]
    assert message["requestContext"]["approximateInvokeCount"] == 4
    assert message["DDBStreamBatchInfo"]["batchSize"] == 1
    assert message["responseContext"]["functionError"] is None


def test_a_partial_response_with_progress_is_followed_up_at_once() -> None:
    rehearsal = played({"MaximumRetryAttempts": 1, **REPORTING}, reporting("c"), "abcd")

    assert batches(rehearsal) == ["abcd", "cd", "cd"]
    assert rehearsal.delivered_at == [0.0, 0.0, 0.5]


def test_without_bisect_the_whole_rest_from_the_checkpoint_is_given_up() -> None:
    request = {"MaximumRetryAttempts": 1, **REPORTING, **DESTINATION}

    rehearsal = played(request, reporting("2"), "123")

    message: Any = rehearsal.destinations.messages[0]
    assert message["DDBStreamBatchInfo"]["batchSize"] == 2
    assert batches(rehearsal) == ["123", "23", "23"]


def test_the_lowest_of_several_reported_records_is_the_checkpoint() -> None:
    rehearsal = played({"MaximumRetryAttempts": 0, **REPORTING}, reporting("b", "d"), "abcd")

    assert batches(rehearsal) == ["abcd", "bcd"]


@pytest.mark.parametrize(
    "entry",
    [{"itemIdentifier": 123}, {"itemIdentifier": ""}, {"itemIdentifier": None}, {"foo": 123}, {"foo": None}],
)
def test_a_malformed_response_fails_the_whole_batch_with_no_function_error(entry: dict[str, Any]) -> None:
    request = {"MaximumRetryAttempts": 1, **REPORTING, **DESTINATION}

    rehearsal = played(request, lambda _: {"batchItemFailures": [entry]}, "ab")

    assert batches(rehearsal) == ["ab", "ab"]
    message: Any = rehearsal.destinations.messages[0]
    assert message["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
    assert message["DDBStreamBatchInfo"]["batchSize"] == 2


def test_bisecting_goes_depth_first_in_order_and_costs_no_attempt() -> None:
    request = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0, **DESTINATION}

    rehearsal = played(request, failing_on("8"), "123456789X")

    assert batches(rehearsal) == ["123456789X", "12345", "6789X", "67", "89X", "8", "9X"]
    message: Any = rehearsal.destinations.messages[0]
    assert message["requestContext"]["approximateInvokeCount"] == 1
    assert message["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_single_record_is_retried_because_it_cannot_be_bisected() -> None:
    request = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 2}

    rehearsal = played(request, failing_on("b"), "ab")

    assert batches(rehearsal) == ["ab", "a", "b", "b", "b"]


def test_a_partial_response_splits_where_it_says_and_halves_only_without_progress() -> None:
    request = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0, **REPORTING}

    rehearsal = played(request, reporting("8"), "123456789X")

    assert batches(rehearsal) == ["123456789X", "89X", "8", "9X"]


def test_backoff_doubles_from_half_a_second_to_a_minute() -> None:
    rehearsal = played({"MaximumRetryAttempts": 9}, failing_on("a"), "a")

    gaps = [later - earlier for earlier, later in zip(rehearsal.delivered_at, rehearsal.delivered_at[1:], strict=False)]
    assert gaps == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_record_that_fails_until_it_is_a_minute_old_is_given_up_by_age_after_the_recorded_count() -> None:
    request = {"MaximumRecordAgeInSeconds": 60, **DESTINATION}

    rehearsal = played(request, failing_on("a"), "a")

    message: Any = rehearsal.destinations.messages[0]
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["requestContext"]["approximateInvokeCount"] == 8
    assert "responseContext" not in message


def test_throttling_is_no_attempt() -> None:
    refusals = iter([True] * 5 + [False] * 3)

    def handler(event: dict[str, Any]) -> None:
        if next(refusals):
            raise Throttled("Rate Exceeded.")
        raise ValueError(str(event))

    rehearsal = played({"MaximumRetryAttempts": 1, **DESTINATION}, handler, "a")

    assert len(rehearsal.delivered) == 7
    context: Any = rehearsal.destinations.messages[0]["requestContext"]
    assert context["approximateInvokeCount"] == 2


def test_a_batch_that_is_only_throttled_ends_by_its_age_without_response_context() -> None:
    def handler(event: dict[str, Any]) -> None:
        raise Throttled(f"{len(event)} refused")

    rehearsal = played({"MaximumRecordAgeInSeconds": 60, **DESTINATION}, handler, "a")

    message: Any = rehearsal.destinations.messages[0]
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in message


def test_a_destination_that_refuses_is_asked_until_it_accepts() -> None:
    rehearsal = Rehearsal({"MaximumRetryAttempts": 0, "BatchSize": 1, **DESTINATION}, failing_on("a"))
    rehearsal.destinations.refusals = 20
    rehearsal.put("a")
    rehearsal.put("b")

    rehearsal.play()

    assert len(rehearsal.destinations.messages) == 1
    assert batches(rehearsal) == ["a", "b"]


def test_without_a_destination_what_is_given_up_is_passed_over() -> None:
    rehearsal = played({"MaximumRetryAttempts": 0, "BatchSize": 1}, failing_on("a"), "ab")

    assert batches(rehearsal) == ["a", "b"]
    assert rehearsal.mapping.last_processing_result == "OK"


def test_a_failing_shard_holds_up_no_other() -> None:
    rehearsal = Rehearsal({"MaximumRetryAttempts": 3}, failing_on("bad"), shards=2)
    rehearsal.put("bad", item="1")
    rehearsal.put("good", item="0")

    rehearsal.play()

    assert [labels for labels in rehearsal.delivered if labels == ["good"]] == [["good"]]
    assert rehearsal.delivered.index(["good"]) < 2
