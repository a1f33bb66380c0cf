"""Replay: the revisions of an interval go to one consumer, in order, as the events that it would have received."""

from collections.abc import Iterator, Sequence

from changestream.core.errors import ChangestreamError
from consumers.kinds import replay_effect
from streamctl.replaying.delivery import Deliverable
from streamctl.replaying.events import CaptureRecords
from streamctl.replaying.history import History, RevisionKey
from streamctl.replaying.instants import text_of
from streamctl.replaying.judgement import require_replay
from streamctl.replaying.plan import Plan
from streamctl.replaying.receipt import Label
from streamctl.replaying.tables import TableReader
from streamctl.replaying.target import DeliveryTarget, Sources

SETTLED_MICROSECONDS = 300_000_000
"""Changes younger than this may not be in the history yet: the capture, its batches, a retry or two."""


def plan_replay(
    target: DeliveryTarget, sources: Sources, reader: TableReader, since: int, until: int, now: int, segments: int
) -> Plan:
    """Plan the replay of an interval; times in epoch microseconds. Raises ``Refused``.

    The order is that of the changes' times, over all tasks; of changes in one microsecond, which are never of one task
    unless its writes were so fast, any.
    """
    require_replay(target, since, until, now)
    history = History(reader, sources.tasks_table)
    keys = history.between(since, until, segments)
    records = CaptureRecords(sources.tasks_table, sources.change_stream_arn, target.role_arn)
    return Plan(
        run={
            "command": "replay",
            "function": target.arn,
            "table": reader.table,
            "since": text_of(since),
            "until": text_of(until),
        },
        target=target,
        records=len(keys),
        first=_label(keys[0]) if keys else None,
        last=_label(keys[-1]) if keys else None,
        notes=list(_notes(target, until, now)),
        deliverables=lambda is_applied: _deliverables(
            history, [key for key in keys if not is_applied(_label(key))], records
        ),
    )


def _deliverables(history: History, keys: Sequence[RevisionKey], records: CaptureRecords) -> Iterator[Deliverable]:
    for key, change in history.changes(keys):
        record = change if isinstance(change, ChangestreamError) else records.of_change(key.number, change)
        yield Deliverable(_label(key), record)


def _label(key: RevisionKey) -> Label:
    return {"task": key.task, "revision": key.revision, "at": text_of(key.moment)}


def _notes(target: DeliveryTarget, until: int, now: int) -> Iterator[str]:
    if target.known:
        yield f"{target.name} {replay_effect(target.known.kind)}"
    else:
        yield (
            f"{target.name} is none of this stack's: a replay is harmless to it only if it goes by the position of a "
            "change, or by what identifies it"
        )
    if now - until < SETTLED_MICROSECONDS:
        yield "changes of the last minutes may not be in the history yet: the stream will bring them, if it is mapped"
