"""The safeguards that docs/guarantees.md names, and what the code would be without each of them.

A safeguard is taken away by putting something in the place of a function of the simulation's own copy of the code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest import mock

from simulation.deployment import Deployment
from simulation.faults import Aim, Fault, FaultPlan

Replacement = tuple[Any, str, Any]


@dataclass(frozen=True, slots=True)
class Safeguard:
    """``without`` returns what stands in for what: (object, name, replacement).

    ``plan`` is for what goes wrong in one run of thousands before anybody misses the safeguard. ``function`` is the one
    whose view has to be found wrong, if it matters. ``seed`` is tried first: set it if the first seeds find nothing.
    """

    name: str
    without: Callable[[Deployment], list[Replacement]]
    changes: int = 80
    plan: FaultPlan | None = None
    function: str | None = None
    seed: int = 0

    @contextmanager
    def taken_away(self, deployment: Deployment) -> Iterator[None]:
        patches = [mock.patch.object(*replacement) for replacement in self.without(deployment)]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in reversed(patches):
                patch.stop()


def _module(deployment: Deployment, name: str) -> Any:
    return deployment.module(f"changestream.{name}")


def _unguarded(deployment: Deployment) -> list[Replacement]:
    def write(self: Any, row: Any, _position: Any) -> bool:
        self._client.put_item(TableName=self._table, Item=row)
        return True

    return [(_module(deployment, "aws.guarded_table").GuardedTable, "_write", write)]


def _without_tombstones(deployment: Deployment) -> list[Replacement]:
    def bury(self: Any, keys: Any, _position: Any) -> bool:
        self._client.delete_item(TableName=self._table, Key=dict(keys))
        return True

    return [(_module(deployment, "aws.guarded_table").GuardedTable, "bury", bury)]


def _everything_supersedes(deployment: Deployment) -> list[Replacement]:
    return [(_module(deployment, "core.tally"), "supersedes", lambda *_: True)]


def _unconditional_tally(deployment: Deployment) -> list[Replacement]:
    table = _module(deployment, "aws.tally_table").TallyTable
    original = table._put

    def put(*arguments: Any) -> Any:
        action = original(*arguments)
        for name in ("ConditionExpression", "ExpressionAttributeValues"):
            action["Put"].pop(name, None)
        return action

    return [(table, "_put", put)]


def _tally_without_transaction(deployment: Deployment) -> list[Replacement]:
    module = _module(deployment, "aws.tally_table")
    original = module.TallyTable.write

    class OneByOne:
        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def transact_write_items(self, TransactItems: list[Any]) -> None:  # noqa: N803 - as boto3 has it
            for action in TransactItems:
                for kind, parameters in action.items():
                    getattr(self._client, {"Put": "put_item", "Update": "update_item"}[kind])(**parameters)

    def write(self: Any, *arguments: Any) -> Any:
        with mock.patch.object(self, "_client", OneByOne(self._client)):
            return original(self, *arguments)

    return [(module.TallyTable, "write", write)]


def _without_end_of_range(deployment: Deployment) -> list[Replacement]:
    refetch = _module(deployment, "recovery.refetch").Refetch
    endless = _module(deployment, "core.sequence_number").SequenceNumber.parse("9" * 60)
    original = refetch.__init__

    def init(self: Any, reader: Any, batch: Any, *rest: Any, **named: Any) -> None:
        original(self, reader, replace(batch, end=endless), *rest, **named)

    return [(refetch, "__init__", init)]


def _numbers_compared_as_text(deployment: Deployment) -> list[Replacement]:
    number = _module(deployment, "core.sequence_number").SequenceNumber
    return [
        (number, "__lt__", lambda self, other: self.text < other.text),
        (number, "__le__", lambda self, other: self.text <= other.text),
        (number, "__gt__", lambda self, other: self.text > other.text),
        (number, "__ge__", lambda self, other: self.text >= other.text),
    ]


def _lowest_failure_as_text(deployment: Deployment) -> list[Replacement]:
    outcome = _module(deployment, "core.batch").BatchOutcome

    def first(self: Any) -> Any:
        return min(self.failures, key=lambda failure: failure.sequence_number, default=None)

    return [(outcome, "first_failure", property(first))]


def _highest_failure_named(deployment: Deployment) -> list[Replacement]:
    outcome = _module(deployment, "core.batch").BatchOutcome

    def last(self: Any) -> Any:
        return max(self.failures, key=lambda failure: int(failure.sequence_number), default=None)

    return [(outcome, "first_failure", property(last))]


def _goes_on_after_a_failure(deployment: Deployment) -> list[Replacement]:
    module = _module(deployment, "aws.effect_consumer")
    batch = _module(deployment, "core.batch")

    def consume(self: Any, decoded: Any, deadline: Any) -> Any:
        failures = list(decoded.failures)
        for change in decoded.changes:
            ending = module.attempt(partial(self._apply, change, deadline))
            if isinstance(ending, module.NotDone):
                failures.append(batch.Failure(change.sequence_number, ending.kind, ending.reason))
        return batch.BatchOutcome(decoded.records, 0, 0, failures)

    return [(module.EffectConsumer, "consume", consume)]


def _settled_and_not_parked(deployment: Deployment) -> list[Replacement]:
    """A message is settled whether or not its records were parked: as if whoever parks had died."""
    return [(_module(deployment, "recovery.parking_lot").ParkingLot, "_put", lambda *_: None)]


def _deleted_before_parked(deployment: Deployment) -> list[Replacement]:
    """A message is deleted as soon as it is read: what recovery parks afterwards, it may not live to park."""
    lease = _module(deployment, "recovery.message_lease").MessageLease
    original = lease.__enter__

    def enter(self: Any) -> Any:
        for handle in self._held:
            self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=handle)
        return original(self)

    return [(lease, "__enter__", enter)]


def _removed_before_its_parts_are_parked(deployment: Deployment) -> list[Replacement]:
    redrive = _module(deployment, "recovery.parked_delivery").ParkedDelivery
    original = redrive._parts

    def parts(self: Any, taken: Any, result: Any) -> list[Any]:
        found = list(original(self, taken, result))
        if [part.key for part in found] != [taken.key]:
            self._records.remove(taken)
        return found

    return [(redrive, "_parts", parts)]


def _gaps_passed_over(deployment: Deployment) -> list[Replacement]:
    lot = _module(deployment, "recovery.parking_lot").ParkingLot
    expired = _module(deployment, "core.failed_batch").ParkReason.EXPIRED
    original = lot.park

    def park(self: Any, batch: Any, parked: Any) -> str:
        return "nowhere" if parked.reason is expired else str(original(self, batch, parked))

    return [(lot, "park", park)]


def _nothing_remembered(deployment: Deployment) -> list[Replacement]:
    def carry_out(_self: Any, _identity: str, effect: Callable[[], None]) -> bool:
        effect()
        return True

    return [(_module(deployment, "aws.once").Once, "carry_out", carry_out)]


def _windows_not_handed_over(deployment: Deployment) -> list[Replacement]:
    return [(_module(deployment, "aws.failed_range").FailedRanges, "send", lambda *_: None)]


def _strangers_let_pass(deployment: Deployment) -> list[Replacement]:
    of_table, captured = (_module(deployment, name) for name in ("wire.table_stream", "wire.kinesis_capture"))
    decode_of_table, decode_captured = of_table.decode, captured.decode
    return [
        (of_table, "decode", lambda records, *_: decode_of_table(records, bool)),
        (captured, "decode", lambda records, _, table: decode_captured(records, bool, table)),
    ]


DYING_REDRIVES = FaultPlan(
    aims=(
        Aim(Fault.REFUSED, "recover_batches", "invoke", 1.0),
        Aim(Fault.CRASH_AFTER, "redrive_parked", "delete_object", 0.5),
    ),
    stopped={"count_tasks": 3.0},
)
"""Whole batches are given up by age, and parked as they are, so that redrive has something to split; then it dies."""

SAFEGUARDS = (
    Safeguard("the watermark condition", _unguarded),
    Safeguard("tombstones", _without_tombstones),
    Safeguard("the comparison with a membership's watermark", _everything_supersedes),
    Safeguard("the condition of a membership's row", _unconditional_tally, 150),
    Safeguard("one transaction for memberships and totals", _tally_without_transaction),
    Safeguard("the end of the range", _without_end_of_range),
    Safeguard("sequence numbers as integers", _numbers_compared_as_text, seed=4),
    Safeguard("the lowest failure", _highest_failure_named, seed=2),
    Safeguard("the lowest failure as an integer", _lowest_failure_as_text),
    Safeguard("the stop at the first failure", _goes_on_after_a_failure),
    Safeguard("parking before a message is settled", _settled_and_not_parked),
    Safeguard("deletion of a message after its records are parked", _deleted_before_parked),
    Safeguard(
        "removal of an object after its parts are parked",
        _removed_before_its_parts_are_parked,
        plan=DYING_REDRIVES,
        seed=13,
    ),
    Safeguard("gaps that are reported", _gaps_passed_over, 150, seed=12),
    Safeguard("the memory of what was announced", _nothing_remembered),
    Safeguard("windows handed over to recovery", _windows_not_handed_over),
    Safeguard("parking what a foreign function fails on", _settled_and_not_parked, function="copy_changes"),
    Safeguard("the second look at what a filter lets pass", _strangers_let_pass, seed=6),
)
