"""What requests and answers look like: validated by pydantic, described in the OpenAPI document.

``defer_build``: a model's validator is built for the first request that needs it, and not at every cold start.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from changestream.core.task import TaskStatus

LIST_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
TASK_ID = r"^task-[A-Za-z0-9._-]{1,122}$"
ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LONGEST_DESCRIPTION = 4000

ABSENT: Callable[[], Any] = lambda: None  # noqa: E731 - stands for a field that the request leaves out


def _real_date(text: str) -> str:
    date.fromisoformat(text)
    return text


Description = Annotated[str, Field(min_length=1, max_length=LONGEST_DESCRIPTION)]
Day = Annotated[
    str,
    Field(pattern=ISO_DATE, examples=["2026-12-24"], json_schema_extra={"format": "date"}),
    AfterValidator(_real_date),
]


class Input(BaseModel):
    """A request's body. A field that nobody knows is a mistake of the client, which hears of it."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Output(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(defer_build=True)


class NewTask(Input):
    """A task to create."""

    description: Description
    status: TaskStatus = TaskStatus.OPEN
    dueDate: Day | None = None


class TaskChange(Input):
    """What to change of a task: the fields that are given (RFC 7396); ``null`` removes ``dueDate``."""

    description: Description = Field(default_factory=ABSENT)
    status: TaskStatus = Field(default_factory=ABSENT)
    dueDate: Day | None = Field(default_factory=ABSENT)

    @model_validator(mode="after")
    def _says_something(self) -> "TaskChange":
        if not self.model_fields_set:
            raise ValueError("names no field to change")
        return self


class Task(Output):
    """A task as it stands. ``version`` is also its entity tag."""

    listId: str
    taskId: str
    description: str
    status: TaskStatus
    createdDate: str
    dueDate: str | None
    expiresAt: int | None = Field(description="Epoch seconds; of an archived task.")
    version: int


class TaskPage(Output):
    """Some of a list's tasks; more follow under ``nextCursor``, unless it is null."""

    tasks: list[Task]
    nextCursor: str | None


class Counts(Output):
    """How many tasks a list has, as count_tasks has counted them so far."""

    listId: str
    total: int
    byStatus: dict[TaskStatus, int]


class Revision(Output):
    """One change of a task: the task before and after it, as plain JSON."""

    revision: str
    kind: str
    changedAt: str
    byTimeToLive: bool
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class HistoryPage(Output):
    """Some of a task's revisions, the newest first; older ones follow under ``nextCursor``, unless it is null."""

    revisions: list[Revision]
    nextCursor: str | None


class FoundTask(Output):
    """A task as the search index has it."""

    listId: str
    taskId: str
    description: str
    status: TaskStatus
    createdDate: str
    dueDate: str | None = None


class FoundPage(Output):
    """Some of the tasks that a search found; more follow under ``nextCursor``, unless it is null."""

    tasks: list[FoundTask]
    nextCursor: str | None
