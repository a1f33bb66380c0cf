"""The routes under /_local/: what runs and what it asked for, what to refuse, how to disorder captured records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs

from .calls import CallCounts
from .capture import Capture
from .disorder import Disorder
from .refusals import Refusals
from .wire import Answer, Request, ServiceError, json_answer

MOST_ENTRIES = 200_000
"""Entries of the journal in one answer."""


class ReadableJournal(Protocol):
    def add(self, kind: str, **fields: Any) -> Any: ...

    def after(self, number: int, limit: int = 1000) -> list[dict[str, Any]]: ...


class ControlledFunctions(Protocol):
    """What the control routes ask of the Lambda service."""

    def mappings(self) -> list[dict[str, Any]]: ...

    def workers(self) -> list[dict[str, Any]]: ...

    def quiet(self) -> bool: ...


class ControlRoutes:
    def __init__(
        self,
        refusals: Refusals,
        calls: CallCounts,
        capture: Capture,
        journal: ReadableJournal,
        functions: ControlledFunctions | None,
        outputs: Callable[[], dict[str, str]],
    ) -> None:
        self._refusals = refusals
        self._calls = calls
        self._capture = capture
        self._journal = journal
        self._functions = functions
        self._outputs = outputs

    def answer(self, request: Request) -> Answer:
        route = request.path.removeprefix("/_local/").rstrip("/").split("/")
        match request.method, route:
            case "GET", ["status"]:
                document: dict[str, Any] = self.status()
            case "POST", ["refusals"]:
                document = {"id": self._refusals.add(request.json).refusal_id}
            case "GET", ["refusals"]:
                document = {"refusals": [each.document() for each in self._refusals.in_force()]}
            case "DELETE", ["refusals", *which]:
                if not self._refusals.withdraw(*which) and which:
                    raise ServiceError("ResourceNotFoundException", f"no refusal {which[0]} is in force", 404)
                document = {}
            case "POST", ["capture"]:
                document = self._set_capture(request.json)
            case "GET", ["calls"]:
                document = {"calls": self._calls.document()}
            case "GET", ["journal"]:
                document = self._journal_page(request)
            case _:
                raise ServiceError("ResourceNotFoundException", f"no route {request.method} {request.path}", 404)
        return json_answer(request, document)

    def status(self) -> dict[str, Any]:
        functions = self._functions
        return {
            "outputs": self._outputs(),
            "mappings": functions.mappings() if functions else [],
            "workers": functions.workers() if functions else [],
            "skipped": dict(self._capture.skipped),
            # A record held back is one that a mapping will yet get.
            "quiet": self._capture.held == 0 and (functions is None or functions.quiet()),
        }

    def _set_capture(self, wanted: dict[str, Any]) -> dict[str, Any]:
        now = self._capture.disorder
        try:
            repeats = float(wanted.get("repeats", now.repeats))
            reorders = float(wanted.get("reorders", now.reorders))
            self._capture.disorder = Disorder(repeats, reorders)
        except (TypeError, ValueError, OverflowError) as error:
            raise ServiceError("ValidationException", str(error)) from None
        return {"repeats": repeats, "reorders": reorders}

    def _journal_page(self, request: Request) -> dict[str, Any]:
        query = parse_qs(request.environ["QUERY_STRING"])
        try:
            after, limit = int(query.get("after", ["0"])[0]), int(query.get("limit", ["1000"])[0])
        except ValueError:
            raise ServiceError("ValidationException", "after and limit are numbers") from None
        if not 0 <= after < 2**63 or not 1 <= limit <= MOST_ENTRIES:
            raise ServiceError("ValidationException", f"after is 0 or more, limit from 1 to {MOST_ENTRIES}")
        entries = self._journal.after(after, limit)
        return {"entries": entries, "next": entries[-1]["number"] if entries else after}
