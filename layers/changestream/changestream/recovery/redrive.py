"""Delivering parked records again to the function that failed on them, until they are applied."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from changestream.aws.concurrency import Done, side_by_side
from changestream.core.batch import LONGEST_REASON
from changestream.core.deadline import Deadline
from changestream.core.errors import ForeignObject, TransientError
from changestream.core.lanes import lanes
from changestream.core.quoting import shortened
from changestream.core.redrive import RedriveRounds
from changestream.recovery.consumers import Consumers
from changestream.recovery.parked_delivery import ParkedDelivery
from changestream.recovery.parked_records import NoRoom, ParkedRecords, Room, Stored
from changestream.recovery.redrive_report import RedriveReport
from changestream.wire.parked_items import concern_of
from changestream.wire.parked_object import place_of

REFUSALS_BORNE = 2
"""Objects in a row that S3 refuses to have read or written before a run gives way: it is not the objects then."""

OBJECTS_AT_ONCE = 32
"""Objects that are read before any of them is delivered."""

BYTES_AT_ONCE = 16 * 1024 * 1024
"""Of these objects together, unless one alone has more: read, a document takes up to twenty times its bytes."""

DELIVERIES_AT_ONCE = 8
"""Invocations at the same time: consumers have the live stream to work on, and share the account's concurrency."""

Ending = RedriveReport | Exception | None
"""What became of an object: ``None`` if it has gone."""


class Redrive:
    """One run over some parked objects, safe beside any other run and beside recovery.

    Objects that concern different items are delivered in parallel; those that concern the same item go in the order in
    which they lie in their shard. A run that dies leaves leases that end by themselves. ``by`` names the run, for
    people.
    """

    def __init__(
        self,
        records: ParkedRecords,
        lambda_client: Any,
        consumers: Consumers,
        rounds: RedriveRounds,
        clock: Callable[[], float],
        by: str,
    ) -> None:
        self._records = records
        self._delivery = ParkedDelivery(records, lambda_client, consumers, rounds, clock, by)
        self._seconds = consumers.seconds
        self._refused = 0
        self._faults: list[Exception] = []

    def run(self, keys: Iterable[str], deadline: Deadline, *, asked_for: bool) -> RedriveReport:
        """Go through the objects, some at a time. ``asked_for`` delivers also what rests, or waits for a person.

        Raises ``TransientError`` if S3 refuses again and again: what was done until then is done. An unexpected error
        of one object is raised after all the others are done.
        """
        report = RedriveReport()
        waiting = deque(sorted(dict.fromkeys(keys), key=place_of))
        most = OBJECTS_AT_ONCE
        while waiting and not report.unseen:
            if deadline.seconds_left() < self._seconds:
                report.unseen = True
                break
            part = [waiting.popleft() for _ in range(min(most, len(waiting)))]
            loaded = self._load(part, deadline)
            waiting.extendleft(reversed(part[len(loaded) :]))
            most = OBJECTS_AT_ONCE if loaded else 1  # alone, an object has all the room there is
            self._take(report, part, self._deliver(loaded, deadline, asked_for=asked_for))
        if self._faults:
            raise self._faults[0]
        return report

    def _load(self, keys: Sequence[str], deadline: Deadline) -> list[Stored | Exception | None]:
        """Read objects in parallel, as many of them as there is room for and time."""
        room = Room(BYTES_AT_ONCE)

        def read(key: str) -> Stored | Exception | None:
            try:
                return self._records.load(key, room)
            except Exception as error:  # one object's error is its own
                return error

        found: list[Stored | Exception | None] = []
        for ending in side_by_side(keys, read, deadline):
            if not isinstance(ending, Done) or isinstance(ending.result, NoRoom):
                break
            found.append(ending.result)
        return found

    def _deliver(
        self, loaded: Sequence[Stored | Exception | None], deadline: Deadline, *, asked_for: bool
    ) -> list[Ending]:
        """Deliver objects, those of different items in parallel; return what became of each, in their order."""
        places = [place for place, one in enumerate(loaded) if isinstance(one, Stored)]
        endings: list[Ending] = [one if isinstance(one, Exception) else None for one in loaded]
        stored = [one for one in loaded if isinstance(one, Stored)]
        unseen = RedriveReport(unseen=True)

        def deliver(lane: Sequence[int]) -> None:
            for index in lane:
                try:
                    done = deadline.seconds_left() < self._seconds
                    ending: Ending = (
                        unseen if done else self._delivery.deliver(stored[index], deadline, asked_for=asked_for)
                    )
                except Exception as error:  # likewise
                    ending = error
                endings[places[index]] = ending

        for place in places:
            endings[place] = unseen
        of_items = lanes([concern_of(one.manifest, one.payload) for one in stored])
        side_by_side(of_items, deliver, deadline, DELIVERIES_AT_ONCE)
        return list(endings)

    def _take(self, report: RedriveReport, keys: Sequence[str], endings: Sequence[Ending]) -> None:
        """Add what became of some objects to the report."""
        for key, ending in zip(keys, endings, strict=False):
            match ending:
                case ForeignObject():
                    report.unreadable[key] = shortened(ending.reason, LONGEST_REASON)
                case TransientError():
                    self._refused += 1
                    if self._refused > REFUSALS_BORNE:
                        raise ending
                    report.kept[key] = shortened(ending.reason, LONGEST_REASON)
                    continue
                case Exception():
                    self._faults.append(ending)
                    report.kept[key] = shortened(f"{type(ending).__name__}: {ending}", LONGEST_REASON)
                case RedriveReport():
                    report.add(ending)
            self._refused = 0
