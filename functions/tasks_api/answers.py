"""Answers with the headers that go with them."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from changestream.core.change import Image
from documents import Document, entity_tag, task_document
from problems import JSON


def answer(body: Document, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """Answer with a document. What is behind the signature of one caller is not for a cache to give to others."""
    return Response(status, JSON, body, headers={"Cache-Control": "no-store", **(headers or {})})


def task_answer(item: Image) -> Response[Any]:
    """Answer with a task and its entity tag."""
    task = task_document(item)
    return answer(task, headers={"ETag": entity_tag(task["version"])})


def created(item: Image) -> Response[Any]:
    """Answer that a task was created, and where it is: relative to the list's tasks (RFC 9110, 10.2.2)."""
    task = task_document(item)
    headers = {"ETag": entity_tag(task["version"]), "Location": f"tasks/{task['taskId']}"}
    return answer(task, 201, headers)
