"""The audit of table, streams and parking lot, each compared with what was written."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from consumers.kinds import Feed, Kind
from demo.feeds import Feeds
from demo.tables import key_of
from domain.contents import is_poison
from domain.licences import Revision
from domain.tasks import Item, Key
from verification.changes import Given, stream_differences
from verification.parked import ParkedPayload
from verification.subject import ViewSubject

KEEPS_EVERY_CHANGE = frozenset({Kind.ROWS, Kind.WINDOW})
"""Kinds of consumers for which a malformed change stays parked, however its item is rewritten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: how many rows were compared and in what they differ."""

    subject: str
    compared: int
    differences: list[str]

    @property
    def holds(self) -> bool:
        """Nothing differs, and there was something to compare."""
        return not self.differences and self.compared > 0


def audit_table(tasks: Mapping[Key, Item], written: Mapping[Key, Item]) -> Finding:
    """Compare the table with what was written to it, so that the table itself is not taken on trust."""
    differences = [
        f"{'/'.join(key)}: written {written.get(key)}, in the table {tasks.get(key)}"
        for key in sorted({*written, *tasks})
        if written.get(key) != tasks.get(key)
    ]
    return Finding("TasksTable, per task", len(written), differences)


def audit_streams(feeds: Feeds, tasks: Mapping[Key, Item], revisions: Iterable[Revision]) -> Finding:
    """Compare the streams with one another and with what was written: the views are compared with the streams."""
    of_table, captured, of_ledger = (feeds.changes_of(feed) for feed in (Feed.TABLE, Feed.CHANGES, Feed.OTHER))
    last = {_key(change): change.new for change in sorted(of_table, key=lambda change: change.position)}
    differences = [
        f"{'/'.join(key)}: the stream of the table ends with {last.get(key)}, in the table {tasks.get(key)}"
        for key in sorted({*last, *tasks})
        if last.get(key) != tasks.get(key)
    ]
    differences += stream_differences(of_table, captured)
    put = {f"{one.document_id}, version {one.version}" for one in revisions}
    carried = {f"{change.subject}, version {change.position - 1}" for change in of_ledger}
    differences += [f"{one}: is not both put and in the stream" for one in sorted(put ^ carried)]
    return Finding("streams, per change", len(of_table) + len(captured) + len(of_ledger), differences)


def audit_expiries(feeds: Feeds, left_to_expire: Collection[Key]) -> Finding:
    """State that each task that was left to expire was deleted by TTL, once."""
    expired = [_key(change) for change in feeds.changes_of(Feed.TABLE) if change.by_ttl]
    differences = [
        f"{'/'.join(key)}: left to expire, deleted by TTL {expired.count(key)} times"
        for key in sorted(left_to_expire)
        if expired.count(key) != 1
    ]
    return Finding("TasksTable, per task left to expire", len(left_to_expire), differences)


def audit_parked(
    parked: Iterable[ParkedPayload], expected: Collection[tuple[str, Key]], malformed: Mapping[Key, Item]
) -> Finding:
    """Compare what is parked with the malformed writes: each one, for each function that cannot understand it, with
    payload and reason, and nothing else; ``expected`` names them as (function, key)."""
    found: set[tuple[str, Key]] = set()
    differences = []
    for one in parked:
        for image in one.new_images:
            key = key_of(dict(image)) if image else ("", "")
            found.add((one.function, key))
            if malformed.get(key) != image:
                differences.append(f"{one.key}: not what was written malformed ({one.reason}: {one.message})")
            elif one.reason != "poison" or not one.message:
                differences.append(f"{one.key}: parked for {one.reason!r}: {one.message!r}")
    differences += [f"{'/'.join(key)} is not parked for {function}" for function, key in sorted(set(expected) - found)]
    return Finding("ParkedRecordsBucket, per malformed item", len(expected), differences)


def expected_parked(subject: ViewSubject, *, is_healed: bool) -> Iterator[Key]:
    """Yield the tasks of which a malformed change has to be parked for a consumer. Of a consumer whose content is not
    known, no change has to be: it may understand more than others do."""
    is_superseded = is_healed and subject.consumer.kind not in KEEPS_EVERY_CHANGE
    if subject.consumer.feed is Feed.OTHER or not (subject.content and subject.content.has_poison) or is_superseded:
        return
    yield from (_key(change) for change in subject.given if is_poison(change))


def audit_emptiness(subject: str, compared: int, left: Iterable[str]) -> Finding:
    """State that nothing is left in a place; ``compared`` says how many places were looked at."""
    return Finding(subject, compared, list(left))


def _key(change: Given) -> Key:
    return change.keys["listId"], change.keys["taskId"]
