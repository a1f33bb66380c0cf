from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from changestream.recovery import message_lease
from changestream.recovery.message_lease import LEASE_SECONDS, MessageLease

PATIENCE_SECONDS = 10


class Queue:
    """Notes every change of visibility, and answers or refuses as told."""

    def __init__(self) -> None:
        self.changes: list[dict[str, int]] = []
        self.failed: list[dict[str, str]] = []
        self.error: Exception | None = None
        self.renewed_twice = Event()

    def change_message_visibility_batch(self, *, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        self.changes.append({entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in Entries})
        if len(self.changes) > 2:
            self.renewed_twice.set()
        if self.error:
            raise self.error
        return {"Failed": self.failed}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(message_lease, "RENEWAL_SECONDS", 0.01)
    return Queue()


def lease(queue: Queue, refusals: list[str]) -> MessageLease:
    return MessageLease(queue, "url", ["a", "b"], refusals.append)


def test_messages_are_held_again_and_again_while_they_are_worked_on(queue: Queue) -> None:
    with lease(queue, []):
        assert queue.renewed_twice.wait(PATIENCE_SECONDS)

    assert all(change == {"a": LEASE_SECONDS, "b": LEASE_SECONDS} for change in queue.changes)


def test_nothing_is_held_after_the_work(queue: Queue) -> None:
    with lease(queue, []):
        pass
    held = len(queue.changes)

    assert not queue.renewed_twice.wait(0.05) or len(queue.changes) == held


def test_a_message_given_back_waits_for_its_pause_and_is_held_no_longer(queue: Queue) -> None:
    with lease(queue, []) as held:
        held.give_back("a", 40)
        at = len(queue.changes)
        queue.renewed_twice.clear()
        assert queue.renewed_twice.wait(PATIENCE_SECONDS)

    assert queue.changes[at - 1] == {"a": 40}
    assert all(change == {"b": LEASE_SECONDS} for change in queue.changes[at:])


def test_a_refusal_is_told_and_the_work_goes_on(queue: Queue) -> None:
    refusals: list[str] = []
    queue.failed = [{"Id": "0", "Code": "ReceiptHandleIsInvalid", "Message": "gone"}]

    with lease(queue, refusals):
        assert queue.renewed_twice.wait(PATIENCE_SECONDS)

    assert "ReceiptHandleIsInvalid: gone" in refusals


def test_an_error_is_told_and_renewing_goes_on(queue: Queue) -> None:
    refusals: list[str] = []
    queue.error = ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "ChangeMessageVisibilityBatch")

    with lease(queue, refusals):
        assert queue.renewed_twice.wait(PATIENCE_SECONDS)

    assert "Throttling" in refusals[0]
