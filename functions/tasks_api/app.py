"""The HTTP API of the tasks: every change of a task is made here, on a condition; the views are read here, too."""

import os
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from answers import answer, created, task_answer
from boundary import Boundary
from changestream.aws.clients import client
from cursor import from_cursor, to_cursor
from documents import Document, found_document, revision_document, task_document
from incoming import version_if_any, version_required
from new_task import new_item
from operations import Operations
from search import found
from store import TaskStore
from views import TaskViews

LIST = "/lists/<list_id>"
TASK = f"{LIST}/tasks/<task_id>"

logger = Logger()
metrics = Metrics()
app = APIGatewayHttpResolver()
operations = Operations(app)
boundary = Boundary(app, logger, metrics)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request: with what it asked for, or with the problem that it met."""
    return boundary.answer(event, context)


@operations.add("POST", f"{LIST}/tasks", "Create a task", gives="Task", status=HTTPStatus.CREATED)
def create(list_id: str, task: Document, idempotency_key: str | None) -> Response[Any]:
    """The same Idempotency-Key and body make the same task, however often they are sent."""
    return created(tasks().create(new_item(list_id, task, idempotency_key)))


@operations.add("GET", TASK, "Read a task", gives="Task")
def read(list_id: str, task_id: str) -> Response[Any]:
    """The ETag is the task's version."""
    return task_answer(tasks().read((list_id, task_id)))


@operations.add("PATCH", TASK, "Change a task", gives="Task")
def update(list_id: str, task_id: str, change: Document, if_match: str | None) -> Response[Any]:
    """If-Match says which version the change is based on; a task that has changed since is left as it is (412)."""
    return task_answer(tasks().update((list_id, task_id), change, version_required(if_match)))


@operations.add("POST", f"{TASK}/complete", "Complete a task", gives="Task")
def complete(list_id: str, task_id: str, if_match: str | None) -> Response[Any]:
    """A task that is done stays as it is."""
    return task_answer(tasks().complete((list_id, task_id), version_if_any(if_match)))


@operations.add("POST", f"{TASK}/archive", "Archive a task", gives="Task")
def archive(list_id: str, task_id: str, if_match: str | None) -> Response[Any]:
    """The task is gone from here at once; its time to live is over, and archive_tasks keeps it."""
    return task_answer(tasks().archive((list_id, task_id), version_if_any(if_match)))


@operations.add("DELETE", TASK, "Delete a task", gives=None, status=HTTPStatus.NO_CONTENT)
def delete(list_id: str, task_id: str, if_match: str | None) -> Response[Any]:
    """A task that is not there counts as deleted."""
    tasks().delete((list_id, task_id), version_if_any(if_match))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@operations.add("GET", f"{LIST}/tasks", "List a list's tasks", gives="TaskPage")
def list_tasks(list_id: str, limit: int, cursor: str | None) -> Response[Any]:
    """By their ids: as they were created, but for those with an Idempotency-Key. Any page but the last may be short."""
    items, last = tasks().page(list_id, limit, from_cursor(list_id, cursor) if cursor else None)
    more = to_cursor(list_id, last) if last else None
    return answer({"tasks": [task_document(item) for item in items], "nextCursor": more})


@operations.add("GET", f"{LIST}/counts", "Count a list's tasks", gives="Counts")
def counts(list_id: str) -> Response[Any]:
    """In all and by status, moments behind the tasks themselves."""
    total, by_status = views().counts(list_id)
    return answer({"listId": list_id, "total": total, "byStatus": by_status})


@operations.add("GET", f"{TASK}/history", "Tell a task's history", gives="HistoryPage")
def history(list_id: str, task_id: str, limit: int, cursor: str | None) -> Response[Any]:
    """Every revision, the newest first, also of a task that is gone; moments behind the task itself."""
    of = f"{list_id}/{task_id}"
    rows, last = views().history(list_id, task_id, limit, from_cursor(of, cursor) if cursor else None)
    more = to_cursor(of, last) if last else None
    return answer({"revisions": [revision_document(row) for row in rows], "nextCursor": more})


@operations.add("GET", "/search", "Search tasks", gives="FoundPage")
def search(q: str, in_list: str | None, limit: int, cursor: str | None) -> Response[Any]:
    """In all lists or in one, the newest first; moments behind the tasks themselves. 501 without a search index."""
    documents, more = found(in_list, q, limit, cursor)
    return answer({"tasks": [found_document(each) for each in documents], "nextCursor": more})


@app.get("/openapi.json")
def openapi() -> Response[Any]:
    """Describe this API."""
    from openapi import document  # here, because few starts are followed by this request

    return answer(document(operations))


@cache
def tasks() -> TaskStore:
    """Build the store from the environment, on the first request that needs it."""
    return TaskStore(client("dynamodb"), os.environ["TASKS_TABLE"])


@cache
def views() -> TaskViews:
    """Build the views from the environment, on the first request that needs them."""
    return TaskViews(client("dynamodb"), os.environ["TASK_COUNTS_TABLE"], os.environ["TASK_HISTORY_TABLE"])
