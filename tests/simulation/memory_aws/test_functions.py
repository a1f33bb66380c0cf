"""Lambda in memory invokes what it was given, and answers as boto3's client does: the layer's own delivery reads it."""

import json
from typing import Any

import pytest

from builders import ROLE_ARN, function_arn, table_record, task
from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone
from changestream.core.redelivery import Applied, Crashed, Refused
from changestream.recovery.consumers import Consumers
from changestream.recovery.function import ConsumerFunction
from simulation.memory_aws import MemoryAws
from simulation.memory_aws.functions import Invoked

from .memory_and_served import outcome

ARN = function_arn("count_tasks")


def consumer(memory: MemoryAws, arn: str = ARN) -> ConsumerFunction:
    return ConsumerFunction(
        memory.client("lambda"), arn, Deadline(lambda: 600, 0), Consumers((ARN, function_arn("gone")), 60)
    )


def answering(memory: MemoryAws, answer: Any, error: str | None = None) -> list[Any]:
    """Give the account a function that answers so; return the events that it gets."""
    events: list[Any] = []

    def run(payload: bytes) -> Invoked:
        events.append(json.loads(payload))
        return Invoked(json.dumps(answer).encode(), error)

    memory.functions().add(ARN, ROLE_ARN, run)
    return events


def test_a_delivery_reaches_the_function_and_its_answer_the_layer(memory: MemoryAws) -> None:
    records = [table_record(1, task()), table_record(2, task())]
    number = records[1]["dynamodb"]["SequenceNumber"]
    events = answering(memory, {"batchItemFailures": [{"itemIdentifier": number}]})

    answer = consumer(memory, f"{ARN}:live").deliver(records)

    assert events == [{"Records": records}]
    assert isinstance(answer, Refused)


def test_a_function_that_succeeds_has_applied_all(memory: MemoryAws) -> None:
    answering(memory, {"batchItemFailures": []})

    assert isinstance(consumer(memory).deliver([table_record(1, task())]), Applied)
    assert consumer(memory).role_arn() == ROLE_ARN


def test_a_function_that_raises_has_crashed(memory: MemoryAws) -> None:
    answering(memory, {"errorType": "KeyError", "errorMessage": "listId"}, "Unhandled")

    answer = consumer(memory).deliver([table_record(1, task())])

    assert answer == Crashed("KeyError: listId")


def test_a_function_that_is_not_there_is_gone(memory: MemoryAws) -> None:
    with pytest.raises(FunctionGone):
        consumer(memory, function_arn("gone")).deliver([table_record(1, task())])


def test_a_payload_beyond_the_limit_is_refused(memory: MemoryAws) -> None:
    events = answering(memory, None)
    parameters = {"FunctionName": ARN, "InvocationType": "RequestResponse", "Payload": b" " * (6 * 1024 * 1024 + 1)}

    refused = outcome(memory.client("lambda"), ("invoke", parameters))

    assert refused["error"] == "RequestTooLargeException"
    assert events == []
