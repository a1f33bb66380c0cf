"""The step of a task from one status to another."""

from dataclasses import dataclass

from changestream.core.change import Change, ChangeKind
from changestream.core.errors import PoisonRecord
from tasks.task import TaskStatus, status_of, task_after


@dataclass(frozen=True, slots=True)
class Transition:
    """``before`` is ``None`` for a task that had no known status: one that is new, or was malformed."""

    before: TaskStatus | None
    after: TaskStatus


def transition_of(change: Change) -> Transition | None:
    """Return the transition that a change made, ``None`` where the status stayed, or went with the task.

    Raises ``PoisonRecord`` for a change that left no well-formed task, and for a change without the images that it
    takes to tell.
    """
    task = task_after(change)
    if task is None:
        return None
    if change.kind is ChangeKind.MODIFY and change.old_image is None:
        raise PoisonRecord("MODIFY without an old image: the stream's view type has to include new and old images")
    before = status_of(change.old_image)
    return None if before is task.status else Transition(before, task.status)
