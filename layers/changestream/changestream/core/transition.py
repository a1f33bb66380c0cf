"""The step of a task from one status to another."""

from dataclasses import dataclass

from changestream.core.change import Change, ChangeKind, Image
from changestream.core.errors import PoisonRecord
from changestream.core.task import TaskStatus, status_from_image


@dataclass(frozen=True, slots=True)
class Transition:
    """``before`` is ``None`` for a task that had no known status: one that is new, or was malformed."""

    before: TaskStatus | None
    after: TaskStatus


def transition_of(change: Change) -> Transition | None:
    """Return the transition that a change made, ``None`` where the status stayed, or went with the task.

    Only the status is read: a task that is malformed in another respect has its transitions all the same. Raises
    ``PoisonRecord`` for a task left without a known status, and for a change without the images that it takes to tell.
    """
    image = change.image_after()
    if image is None:
        return None
    if change.kind is ChangeKind.MODIFY and change.old_image is None:
        raise PoisonRecord("MODIFY without an old image: the stream's view type has to include new and old images")
    after = status_from_image(image)
    before = known_status(change.old_image)
    return None if before is after else Transition(before, after)


def known_status(image: Image | None) -> TaskStatus | None:
    """Return the status of a task, ``None`` where it has none that is known."""
    try:
        return None if image is None else status_from_image(image)
    except PoisonRecord:
        return None
