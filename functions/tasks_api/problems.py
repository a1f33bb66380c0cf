"""What went wrong with a request, as a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

CONTENT_TYPE = "application/problem+json"
JSON = "application/json"
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class WrongField:
    """A part of the request that is wrong: where (``body``, ``path``, ``query``, ``header``), its name, and why."""

    place: str
    name: str
    detail: str

    def document(self) -> dict[str, str]:
        """Return it as it stands in a problem's ``errors``."""
        return {"in": self.place, "name": self.name, "detail": self.detail}


@dataclass(eq=False)  # not frozen: raising an exception writes to it
class Problem(Exception):
    """Raised wherever a request cannot be served; ``kind`` names the problem, none being that of the status alone."""

    status: HTTPStatus
    detail: str
    kind: str = ""
    wrong: Sequence[WrongField] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the body to answer with."""
        document: dict[str, Any] = {
            "type": f"urn:changestream:problem:{self.kind}" if self.kind else "about:blank",
            "title": self.kind.replace("-", " ").capitalize() if self.kind else self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "requestId": request_id,
        }
        return document | ({"errors": [each.document() for each in self.wrong]} if self.wrong else {})


def invalid(*wrong: WrongField) -> Problem:
    """Return the problem of a request that says what the API does not take."""
    detail = "; ".join(f"{each.name or each.place}: {each.detail}" for each in wrong)
    return Problem(HTTPStatus.BAD_REQUEST, detail, "invalid-request", wrong)


def no_task(list_id: str, task_id: str) -> Problem:
    """Return the problem of a task that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, f"There is no task {task_id} in list {list_id}.", "no-such-task")


def changed_meanwhile(current: str) -> Problem:
    """Return the problem of a change based on another version than the ``current`` one, an entity tag."""
    detail = f"The task has changed: its version is {current} now. Read it again, and change that."
    return Problem(HTTPStatus.PRECONDITION_FAILED, detail, "version-conflict", headers={"ETag": current})


def not_a_task(list_id: str, task_id: str, reason: str) -> Problem:
    """Return the problem of an item that somebody wrote past this API, and that no view understands either."""
    detail = f"What is stored under {list_id}/{task_id} is malformed ({reason}). It can only be deleted."
    return Problem(HTTPStatus.CONFLICT, detail, "malformed-task")


def unsupported() -> Problem:
    """Return the problem of a body that is not JSON by its own account."""
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body has to be {JSON}.", headers={"Accept": JSON})


def unavailable() -> Problem:
    """Return the problem of a service behind the API that refuses for now."""
    detail = "A service that this request needs is overloaded or unavailable. Nothing is wrong with the request."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)


def unexpected() -> Problem:
    """Return the problem of a fault of this API's own, about which its log says more."""
    detail = "The request failed for a reason of our own. The log has it, under the request's id."
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
