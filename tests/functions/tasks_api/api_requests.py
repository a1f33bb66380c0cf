"""The API as its clients see it: requests in, answers out, over tables of the served endpoint."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import app
from invocations import Context

Json = dict[str, Any]


@dataclass
class Answer:
    """What a client gets."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Json:
        document: Json = json.loads(self.text)
        return document

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


def request_event(method: str, path: str, body: str | None = None, **headers: str) -> Json:
    """The event for a request (payload format 2.0)."""
    path, _, query = path.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "queryStringParameters": dict(parse_qsl(query, keep_blank_values=True)),
        "requestContext": {
            "http": {"method": method, "path": path},
            "requestId": "request-1",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


class Api:
    """The API over its tables."""

    def __init__(self, client: Any, tasks: str, counts: str, history: str) -> None:
        self.client = client
        self.tasks_table = tasks
        self.counts_table = counts
        self.history_table = history

    def __call__(self, method: str, path: str, document: Any = None, **headers: str) -> Answer:
        """Make a request; headers are named with underscores for hyphens."""
        body = None if document is None else json.dumps(document)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.answer(request_event(method, path, body, **given))

    def answer(self, event: Json) -> Answer:
        answered = app.lambda_handler(event, Context())
        return Answer(answered["statusCode"], answered.get("headers", {}), answered.get("body") or "")

    def create(self, list_id: str = "groceries", **fields: Any) -> Answer:
        created = self("POST", f"/lists/{list_id}/tasks", {"description": "Buy milk"} | fields)
        assert created.status == 201, created.text
        return created

    def item(self, task_id: str, list_id: str = "groceries") -> Json:
        key = {"listId": {"S": list_id}, "taskId": {"S": task_id}}
        found: Json = self.client.get_item(TableName=self.tasks_table, Key=key, ConsistentRead=True).get("Item", {})
        return found

    def put(self, **attributes: Any) -> None:
        """Write an item past the API."""
        item = {
            "listId": {"S": "groceries"},
            "taskId": {"S": "task-1"},
            "description": {"S": "Buy milk"},
            "status": {"S": "open"},
            "createdDate": {"S": "2026-01-01T09:00:00+00:00"},
        } | attributes
        self.client.put_item(
            TableName=self.tasks_table, Item={name: value for name, value in item.items() if value is not None}
        )
