"""Calls to AWS that fail by plan: at the client, so that no retry and no pause comes between."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.exceptions import ReadTimeoutError

REFUSAL = {"Error": {"Code": "AccessDeniedException", "Message": "refused"}, "ResponseMetadata": {}}


class Outage:
    """Hangs on every client that is made of boto3's default session from now on."""

    def __init__(self) -> None:
        self._calls: frozenset[int] = frozenset()
        self._answers_lost = False
        self._count = 0
        self._lock = Lock()
        boto3.setup_default_session()
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("before-call", self._before)
        session.events.register("after-call", self._after)

    @contextmanager
    def of(self, calls: frozenset[int], *, answers_lost: bool) -> Iterator[None]:
        """Let the calls with these numbers fail, counted from now on."""
        self._calls, self._answers_lost, self._count = calls, answers_lost, 0
        try:
            yield
        finally:
            self._calls = frozenset()

    def _before(self, context: dict[str, Any], **_: Any) -> tuple[Any, Any] | None:
        with self._lock:
            number, self._count = self._count, self._count + 1
        fails = number in self._calls
        context["answer_lost"] = fails and self._answers_lost
        return (SimpleNamespace(status_code=400), REFUSAL) if fails and not self._answers_lost else None

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        if context["answer_lost"]:
            raise ReadTimeoutError(endpoint_url="what was carried out and could not be told")
