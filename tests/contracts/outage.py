"""Calls to AWS that fail by plan: at the client, so that no retry and no pause comes between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ReadTimeoutError

from changestream.aws import clients
from simulation.memory_aws import Answer, Call, client_error

REFUSAL = {"Error": {"Code": "AccessDeniedException", "Message": "refused"}, "ResponseMetadata": {}}


class Outage:
    """Counts calls, and knows which of them are to fail.

    ``ask_search`` sends (path, body) to the search index in memory; it is ``None`` at the endpoint.
    """

    def __init__(self) -> None:
        self.ask_search: Callable[[str, bytes], tuple[int, Any]] | None = None
        self._calls: frozenset[int] = frozenset()
        self.answers_lost = False
        self._count = 0
        self._lock = Lock()

    @contextmanager
    def of(self, calls: frozenset[int], *, answers_lost: bool) -> Iterator[None]:
        """Let the calls with these numbers fail, counted from now on."""
        self._calls, self.answers_lost, self._count = calls, answers_lost, 0
        try:
            yield
        finally:
            self._calls = frozenset()

    def befalls_next(self) -> bool:
        """Count a call; tell whether it fails."""
        with self._lock:
            number, self._count = self._count, self._count + 1
        return number in self._calls


class ServedOutage(Outage):
    """Hangs on every client that the layer makes from now on."""

    def __init__(self) -> None:
        super().__init__()
        clients.session.cache_clear()
        session: Any = clients.session()
        session.register("before-call", self._before)
        session.register("after-call", self._after)

    def _before(self, context: dict[str, Any], **_: Any) -> tuple[Any, Any] | None:
        fails = self.befalls_next()
        context["answer_lost"] = fails and self.answers_lost
        return (SimpleNamespace(status_code=400), REFUSAL) if fails and not self.answers_lost else None

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        if context["answer_lost"]:
            raise _lost()


class MemoryOutage(Outage):
    """The hook of services in memory."""

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        fails = self.befalls_next()
        if fails and not self.answers_lost:
            raise client_error(call, "AccessDeniedException", "refused")
        try:
            return carry_out()
        finally:
            if fails:
                raise _lost()


def _lost() -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url="what was carried out and could not be told")
