"""The HTTP API of the tasks: every change of a task is made here, on a condition; the views are read here, too."""

import os
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from answers import answer, created, task_answer
from boundary import Boundary
from changestream.aws.clients import client
from cursor import from_cursor, to_cursor
from documents import revision_document, task_document
from incoming import checked_key, expected_version
from models import LIST_ID, TASK_ID, Counts, FoundPage, HistoryPage, NewTask, Task, TaskChange, TaskPage
from new_task import new_item
from openapi import document
from search import found
from store import TaskStore
from views import TaskViews

LIST = "/lists/<list_id>"
TASK = f"{LIST}/tasks/<task_id>"

ListId = Annotated[str, Path(pattern=LIST_ID)]
TaskId = Annotated[str, Path(pattern=TASK_ID)]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag that the change is based on, or *.")]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", description="Makes a repeat harmless.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most that a page may have.")]
Cursor = Annotated[str | None, Query(max_length=4096, description="Of the page before.")]

logger = Logger()
metrics = Metrics()
app = APIGatewayHttpResolver(enable_validation=True)
boundary = Boundary(app, logger, metrics)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request: with what it asked for, or with the problem that it met."""
    return boundary.answer(event, context)


@app.post(f"{LIST}/tasks", status_code=201, summary="Create a task")
def create(list_id: ListId, task: NewTask, idempotency_key: IdempotencyKey = None) -> Response[Task]:
    """The same Idempotency-Key and body make the same task, however often they are sent."""
    return created(tasks().create(new_item(list_id, task, checked_key(idempotency_key))))


@app.get(TASK, summary="Read a task")
def read(list_id: ListId, task_id: TaskId) -> Response[Task]:
    """The ETag is the task's version."""
    return task_answer(tasks().read((list_id, task_id)))


@app.patch(TASK, summary="Change a task")
def update(list_id: ListId, task_id: TaskId, change: TaskChange, if_match: IfMatch = None) -> Response[Task]:
    """If-Match says which version the change is based on; a task that has changed since is left as it is (412)."""
    changes = change.model_dump(exclude_unset=True, mode="json")
    return task_answer(tasks().update((list_id, task_id), changes, expected_version(if_match, required=True)))


@app.post(f"{TASK}/complete", summary="Complete a task")
def complete(list_id: ListId, task_id: TaskId, if_match: IfMatch = None) -> Response[Task]:
    """A task that is done stays as it is."""
    return task_answer(tasks().complete((list_id, task_id), expected_version(if_match, required=False)))


@app.post(f"{TASK}/archive", summary="Archive a task")
def archive(list_id: ListId, task_id: TaskId, if_match: IfMatch = None) -> Response[Task]:
    """The task is gone from here at once; its time to live is over, and archive_tasks keeps it."""
    return task_answer(tasks().archive((list_id, task_id), expected_version(if_match, required=False)))


@app.delete(TASK, status_code=204, summary="Delete a task")
def delete(list_id: ListId, task_id: TaskId, if_match: IfMatch = None) -> Response[None]:
    """A task that is not there counts as deleted."""
    tasks().delete((list_id, task_id), expected_version(if_match, required=False))
    return Response(status_code=204)


@app.get(f"{LIST}/tasks", summary="List a list's tasks")
def list_tasks(list_id: ListId, limit: Limit = 25, cursor: Cursor = None) -> Response[TaskPage]:
    """In the order in which they were created. A page may be short, and even empty, with more to follow."""
    items, last = tasks().page(list_id, limit, from_cursor(list_id, cursor) if cursor else None)
    more = to_cursor(list_id, last) if last else None
    return answer({"tasks": [task_document(item) for item in items], "nextCursor": more})


@app.get(f"{LIST}/counts", summary="Count a list's tasks")
def counts(list_id: ListId) -> Response[Counts]:
    """In all and by status, moments behind the tasks themselves."""
    total, by_status = views().counts(list_id)
    return answer({"listId": list_id, "total": total, "byStatus": by_status})


@app.get(f"{TASK}/history", summary="Tell a task's history")
def history(list_id: ListId, task_id: TaskId, limit: Limit = 25, cursor: Cursor = None) -> Response[HistoryPage]:
    """Every revision, the newest first, also of a task that is gone; moments behind the task itself."""
    of = f"{list_id}/{task_id}"
    rows, last = views().history(list_id, task_id, limit, from_cursor(of, cursor) if cursor else None)
    more = to_cursor(of, last) if last else None
    return answer({"revisions": [revision_document(row) for row in rows], "nextCursor": more})


@app.get("/search", summary="Search tasks")
def search(
    q: Annotated[str, Query(min_length=1, max_length=200, description="Words of the description.")],
    list_id: Annotated[str | None, Query(alias="listId", pattern=LIST_ID)] = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Response[FoundPage]:
    """In all lists or in one, the newest first; moments behind the tasks themselves. 501 without a search index."""
    documents, more = found(list_id, q, limit, cursor)
    return answer({"tasks": documents, "nextCursor": more})


@app.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[dict[str, Any]]:
    """Describe this API."""
    return answer(document(app))


@cache
def tasks() -> TaskStore:
    """Build the store from the environment, on the first request that needs it."""
    return TaskStore(client("dynamodb"), os.environ["TASKS_TABLE"])


@cache
def views() -> TaskViews:
    """Build the views from the environment, on the first request that needs them."""
    return TaskViews(client("dynamodb"), os.environ["TASK_COUNTS_TABLE"], os.environ["TASK_HISTORY_TABLE"])
