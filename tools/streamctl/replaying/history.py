"""The revisions that record_history keeps, as the changes that they are of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.core.position import Position, position_of
from changestream.wire.attribute_values import to_event
from changestream.wire.stored_images import images_of
from streamctl.replaying.tables import TableReader

TIES = 10**20
"""Above every number of 64 bits: by those the revisions of one microsecond are told apart."""


class UnfaithfulRevision(ChangestreamError):
    """The row does not say of its change what its key says: leave it out, and tell; its consumer would take it for
    another change."""


@dataclass(frozen=True, slots=True, order=True)
class RevisionKey:
    """The key of a row, in the order of time.

    ``number`` begins with the time of the change in microseconds; it is the same in every run, and higher for a later
    change of whatever task. Changes of one microsecond are in an order that nothing but the number says.
    """

    number: int
    task: str
    revision: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "RevisionKey":
        """Return the key of a row. Raises ``PoisonRecord`` for one that record_history never wrote."""
        task, revision = row["task"]["S"], row["revision"]["S"]
        tie = int.from_bytes(sha256(f"{task}\n{revision}".encode()).digest()[:8])
        try:
            return cls(int(revision.partition("#")[0]) * TIES + tie, task, revision)
        except ValueError:
            raise PoisonRecord(f"the history has a row that is none of its own: {task}, {revision!r}") from None

    @property
    def moment(self) -> int:
        """The time of the change in epoch microseconds."""
        return self.number // TIES

    def document(self) -> dict[str, Any]:
        """Return it as DynamoDB takes it."""
        return {"task": {"S": self.task}, "revision": {"S": self.revision}}


class History:
    """The table of revisions; ``tasks_table`` is the table whose changes they are."""

    def __init__(self, reader: TableReader, tasks_table: str) -> None:
        self._reader = reader
        self._tasks_table = tasks_table

    def between(self, since: int, until: int, segments: int) -> list[RevisionKey]:
        """Return the revisions from ``since`` on and before ``until``, in epoch microseconds, in the order of time.

        The table knows no order among tasks, so all of it is scanned, for keys, which are held in memory to be sorted:
        some 300 bytes for each revision of the interval.
        """
        keys = self._reader.scan(
            segments,
            ProjectionExpression="#task, #revision",
            FilterExpression="#revision BETWEEN :since AND :until",
            ExpressionAttributeNames={"#task": "task", "#revision": "revision"},
            # A revision goes on after its position, so none of those at `until` is between the two.
            ExpressionAttributeValues={
                ":since": {"S": position_of(since)},
                ":until": {"S": position_of(until)},
            },
        )
        return sorted(RevisionKey.of(row) for row in keys)

    def changes(self, keys: Sequence[RevisionKey]) -> Iterator[tuple[RevisionKey, Change | ChangestreamError]]:
        """Return the changes of some revisions in their order, or why one of them cannot be had."""
        rows = self._reader.get([key.document() for key in keys])
        for key, (_, row) in zip(keys, rows, strict=True):
            try:
                if row is None:
                    raise UnfaithfulRevision("the row has gone since it was found")
                yield key, change_of(key, row, self._tasks_table)
            except ChangestreamError as error:
                yield key, error


def change_of(key: RevisionKey, row: Mapping[str, Any], tasks_table: str) -> Change:
    """Return the change that a row is of.

    Raises ``PoisonRecord`` for a row that is none of record_history's, ``UnfaithfulRevision`` where its images are not
    those of which the digest stands in its key: they would make another identity, and so another notification, another
    measure and another row.
    """
    try:
        position, _, digest = key.revision.partition("#")
        keys = to_event({"listId": row["listId"], "taskId": row["taskId"]})
        images = images_of(row, ("oldImage", "newImage"))
        change = Change(
            kind=ChangeKind(row["kind"]["S"]),
            keys=keys,
            item=item_key(keys),
            old_image=images.get("oldImage"),
            new_image=images.get("newImage"),
            position=Position(position),
            sequence_number=str(key.number),
            event_id=row["eventId"]["S"],
            time=key.moment / 1e6,
            by_time_to_live=row["byTimeToLive"]["BOOL"],
            table=tasks_table,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PoisonRecord(f"no row of record_history: {error!r}") from error
    if change.digest().hex()[: len(digest)] != digest:
        raise UnfaithfulRevision(f"the images are not those that the revision {key.revision} is named after")
    return change
