"""``streamctl requeue`` puts dead letters back, once it is told to."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from streamctl.exits import Exit

from .world import Deployed


@pytest.fixture
def letters(deployed: Deployed) -> Iterator[set[str]]:
    """Dead letters; beside them may be those of other tests, which come into sight again when it pleases them."""
    sqs, bodies = deployed.client("sqs"), {f"letter {uuid4()}" for _ in range(12)}
    for body in bodies:
        sqs.send_message(QueueUrl=deployed.outputs["FailedBatchesDeadLetterQueueUrl"], MessageBody=body)
    yield bodies
    for name in ("FailedBatchesDeadLetterQueueUrl", "FailedBatchesQueueUrl"):
        taken(deployed, name)


def taken(deployed: Deployed, queue: str) -> set[str]:
    """Take whatever a queue has."""
    sqs, url, bodies = deployed.client("sqs"), deployed.outputs[queue], set()
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            bodies.add(message["Body"])
    return bodies


def test_dead_letters_stay_where_they_are_in_a_dry_run(deployed: Deployed, letters: set[str]) -> None:
    said = deployed.streamctl("requeue", "--json")

    assert (said.code, said.document["requeued"]) == (Exit.FINE, 0)
    assert said.document["waiting"] >= len(letters)
    assert taken(deployed, "FailedBatchesDeadLetterQueueUrl") >= letters


def test_dead_letters_are_on_the_queue_again_and_nowhere_else(deployed: Deployed, letters: set[str]) -> None:
    said = deployed.streamctl("requeue", "--apply", "--json")

    assert said.code == Exit.FINE
    assert said.document["requeued"] >= len(letters)
    assert taken(deployed, "FailedBatchesQueueUrl") >= letters
    assert not taken(deployed, "FailedBatchesDeadLetterQueueUrl") & letters


def test_no_more_are_moved_than_asked_for(deployed: Deployed, letters: set[str]) -> None:
    said = deployed.streamctl("requeue", "--apply", "--limit", "5", "--json")

    assert said.document["requeued"] == 5
    assert len(taken(deployed, "FailedBatchesDeadLetterQueueUrl") & letters) >= len(letters) - 5
