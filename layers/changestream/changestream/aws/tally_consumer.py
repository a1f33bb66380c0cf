"""Consuming a batch into a tally: one read for the batch, one transaction per group."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from time import sleep, time

from changestream.aws.concurrency import Done, NotDone, side_by_side
from changestream.aws.tally_table import READ_LIMIT, WRITE_LIMIT, Key, TallyTable
from changestream.core.batch import BatchOutcome, Failure, FailureKind, lowest
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.errors import Conflict, TransientError
from changestream.core.position import supersedes
from changestream.core.selection import Selection, select
from changestream.core.tally import Member, settle
from changestream.wire.batch import DecodedBatch

CONFLICT_ROUNDS = 8
CONFLICT_PAUSE_SECONDS = 0.02
SECONDS_PER_DAY = 86_400

Selected = Selection[str | None]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Members of one group that are written in one transaction."""

    group: str
    selections: tuple[Selected, ...]


class TallyConsumer:
    """Counts members per group and status.

    ``key_of`` names a change's (group, member); ``status_after`` says under which status the member counts once the
    change is applied, ``None`` for not at all, and raises ``PoisonRecord`` where it cannot tell.
    """

    def __init__(
        self,
        table: TallyTable,
        key_of: Callable[[Change], Key],
        status_after: Callable[[Change], str | None],
        tombstone_days: int,
        clock: Callable[[], float] = time,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._table = table
        self._key_of = key_of
        self._status_after = status_after
        self._tombstone_seconds = tombstone_days * SECONDS_PER_DAY
        self._clock = clock
        self._pause = pause

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Apply the changes of a batch, each item's newest good one only, and say how every record ended."""
        selections = {self._key(selection): selection for selection in select(batch.changes, self._status_after)}
        members, failed = self._read(list(selections), deadline)
        failed |= self._write([s for key, s in selections.items() if key not in failed and s.newest], members, deadline)
        superseded, failures = 0, list(batch.failures)
        for key, selection in selections.items():
            lost, found = _endings(selection, members.get(key), failed.get(key))
            superseded += lost
            failures += found
        return BatchOutcome(batch.records, superseded, batch.passed_over, failures)

    def _key(self, selection: Selected) -> Key:
        return self._key_of(selection.newest[0] if selection.newest else selection.poison[0].change)

    def _read(self, keys: Sequence[Key], deadline: Deadline) -> tuple[dict[Key, Member], dict[Key, NotDone]]:
        parts = list(batched(keys, READ_LIMIT, strict=False))
        members: dict[Key, Member] = {}
        failed: dict[Key, NotDone] = {}
        for part, ending in zip(parts, side_by_side(parts, self._table.read, deadline), strict=True):
            if isinstance(ending, Done):
                members |= ending.result
            else:
                failed |= dict.fromkeys(part, ending)
        return members, failed

    def _write(
        self, selections: Sequence[Selected], members: dict[Key, Member], deadline: Deadline
    ) -> dict[Key, NotDone]:
        """Write each group, and where DynamoDB refuses one for good, its members one by one to find which it is."""
        failed: dict[Key, NotDone] = {}
        units = self._units(selections)
        while units:
            endings = side_by_side(units, lambda unit: self._settle(unit, members, deadline), deadline)
            refused: list[_Unit] = []
            for unit, ending in zip(units, endings, strict=True):
                if isinstance(ending, Done):
                    continue
                if ending.kind is FailureKind.POISON and len(unit.selections) > 1:
                    refused += [_Unit(unit.group, (selection,)) for selection in unit.selections]
                else:
                    failed |= {self._key(selection): ending for selection in unit.selections}
            units = refused
        return failed

    def _units(self, selections: Iterable[Selected]) -> list[_Unit]:
        groups: dict[str, list[Selected]] = {}
        for selection in selections:
            groups.setdefault(self._key(selection)[0], []).append(selection)
        return [
            _Unit(group, part)
            for group, of_group in groups.items()
            for part in batched(of_group, WRITE_LIMIT, strict=False)
        ]

    def _settle(self, unit: _Unit, members: dict[Key, Member], deadline: Deadline) -> None:
        """Write a unit; where someone else was at its rows, read them again and work the difference out anew."""
        newest = {
            self._key(selection)[1]: Member(selection.newest[0].position, selection.newest[1])
            for selection in unit.selections
            if selection.newest
        }
        rows = {member: members[unit.group, member] for member in newest if (unit.group, member) in members}
        expires_at = int(self._clock()) + self._tombstone_seconds
        for _ in range(CONFLICT_ROUNDS):
            settlement = settle(newest.items(), rows)
            if not settlement.writes:
                return
            deadline.require(0.1, f"writing the tally of {unit.group}")
            try:
                self._table.write(unit.group, settlement, expires_at)
            except Conflict:
                self._pause(random.uniform(0, CONFLICT_PAUSE_SECONDS * len(newest)))  # noqa: S311 - spreads load only
                read = self._table.read([(unit.group, member) for member in newest])
                rows = {member: row for (_, member), row in read.items()}
            else:
                return
        raise TransientError(f"the tally of {unit.group} changed {CONFLICT_ROUNDS} times while it was being written")


def _endings(selection: Selected, member: Member | None, failure: NotDone | None) -> tuple[int, list[Failure]]:
    """Return how many of an item's records were superseded, and the failures among them.

    ``member`` is the row as it stood before the batch. A poison change that the row has passed was overtaken by a good
    one, so it is superseded as well; one that could not be compared fails with whatever kept the row from being read.
    """
    if failure:
        records = [*selection.good, *(poisoned.change for poisoned in selection.poison)]
        return 0, [Failure(lowest(change.sequence_number for change in records), failure.kind, failure.reason)]
    watermark = member.watermark if member else None
    superseded = len(selection.older)
    superseded += bool(selection.newest and not supersedes(selection.newest[0].position, watermark))
    failures = []
    for poisoned in selection.poison:
        if supersedes(poisoned.change.position, watermark):
            failures.append(poisoned.failure)
        else:
            superseded += 1
    return superseded, failures
