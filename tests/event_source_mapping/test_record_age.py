"""MaximumRecordAgeInSeconds: only the expired front of a batch is cut off."""

import math
from typing import Any

from event_source_mapping import age
from event_source_mapping.rehearsal import DATA_STREAM_ARN, FAILED_BATCHES_ARN, Rehearsal, running
from event_source_mapping.virtual_time import run

REQUEST = {
    "MaximumRecordAgeInSeconds": 60,
    "MaximumRetryAttempts": 0,
    "BatchSize": 10,
    "DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}},
}


def test_an_expired_record_is_given_up_without_an_invocation_and_the_fresh_ones_are_delivered() -> None:
    rehearsal = Rehearsal(REQUEST, source_arn=DATA_STREAM_ARN)

    async def aged() -> None:
        rehearsal.put("old")
        await rehearsal.clock.sleep(80)
        for text in "abcde":
            rehearsal.put(text)
        await rehearsal.until_idle()

    run(aged())

    assert rehearsal.delivered == [["a", "b", "c", "d", "e"]]
    message: Any = rehearsal.destinations.messages[0]
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["requestContext"]["approximateInvokeCount"] == 1
    assert message["KinesisBatchInfo"]["batchSize"] == 1
    assert "responseContext" not in message


def test_the_attempts_of_what_is_left_start_afresh_when_the_front_expires() -> None:
    def handler(event: dict[str, Any]) -> None:
        raise ValueError(str(event))

    rehearsal = Rehearsal(REQUEST | {"MaximumRetryAttempts": 8}, handler)

    async def aged() -> None:
        rehearsal.put("old")
        await rehearsal.clock.sleep(50)
        rehearsal.put("young")
        async with running(rehearsal):
            await rehearsal.idle()

    run(aged())

    counts: list[Any] = [message["requestContext"] for message in rehearsal.destinations.messages]
    assert [context["approximateInvokeCount"] for context in counts] == [6, 8]
    assert rehearsal.delivered[-1] == ["young"]


def test_an_expired_record_behind_a_fresh_one_stays() -> None:
    arrivals = [10.0, 100.0, 20.0]

    assert age.expired_front(arrivals, float, now=110.0, maximum_age=60) == 1


def test_without_a_limit_nothing_expires() -> None:
    assert age.expired_front([0.0], float, now=1e9, maximum_age=math.inf) == 0
