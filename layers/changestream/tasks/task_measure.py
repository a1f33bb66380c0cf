"""What a change of a task says to the measures of its list."""

import json
from datetime import UTC, datetime
from hashlib import sha256

from changestream.core.change import Change, ChangeKind, Image
from tasks.observation import Completion, MeasuredKind, Observation
from tasks.task import TaskStatus, status_of

LATE_SECONDS = 10
"""A change made so long before the window in which it is counted is late; capture mostly takes less than a second."""


def observe(change: Change, window_start: float) -> Observation:
    """Return a change as it is measured in a window.

    Its identity is its item, its position and its images, so that a repeat has the same. ``window_start`` is in epoch
    seconds.
    """
    what = json.dumps([change.item, change.position]).encode() + change.digest()
    completion, milliseconds = _completion(change)
    return Observation(
        identity=sha256(what).digest(),
        task=sha256(json.dumps(change.item).encode()).digest(),
        kind=_kind(change),
        completion=completion,
        milliseconds=milliseconds,
        late=change.occurred_at < window_start - LATE_SECONDS,
    )


def _kind(change: Change) -> MeasuredKind:
    match change.kind:
        case ChangeKind.INSERT:
            return MeasuredKind.INSERTED
        case ChangeKind.MODIFY:
            return MeasuredKind.MODIFIED
        case ChangeKind.REMOVE:
            return MeasuredKind.EXPIRED if change.by_time_to_live else MeasuredKind.REMOVED


def _completion(change: Change) -> tuple[Completion, int]:
    """Return what is known of the task's completion, and the milliseconds from its creation to it.

    A task that is opened again and done again completes twice, each time counted from its creation. A malformed task is
    never done: the change that makes it so is poison, and the change that puts it right completes it.
    """
    if not _says_done(change.new_image) or status_of(change.old_image) is TaskStatus.DONE:
        return Completion.NONE, 0
    created = _created_milliseconds(change.new_image or {})
    if created is None:
        return Completion.UNTIMED, 0
    open_for = int(change.occurred_at * 1000) - created
    return (Completion.TIMED, open_for) if open_for >= 0 else (Completion.BACKWARDS, 0)


def _says_done(image: Image | None) -> bool:
    return (image or {}).get("status", {}).get("S") == TaskStatus.DONE


def _created_milliseconds(image: Image) -> int | None:
    """Return the date of creation, ``None`` where it cannot be read; one without an offset is taken for UTC."""
    try:
        created = datetime.fromisoformat(image["createdDate"]["S"])
    except (KeyError, TypeError, ValueError):
        return None
    return int((created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp() * 1000)
