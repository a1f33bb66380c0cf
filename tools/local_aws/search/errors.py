"""Errors as OpenSearch words them: a type, a reason, a status."""

from __future__ import annotations

from typing import Any

type Json = dict[str, Any]


class SearchError(Exception):
    """To be answered to the client, for a whole request or for one item of it; `more` is what its type tells beside."""

    def __init__(self, status: int, kind: str, reason: str, **more: Any) -> None:
        super().__init__(f"{kind}: {reason}")
        self.status = status
        self.kind = kind
        self.reason = reason
        self.more = more

    def cause(self) -> Json:
        """The error of an item."""
        return {"type": self.kind, "reason": self.reason, **self.more}

    def document(self) -> Json:
        """The answer to a whole request."""
        root = {name: value for name, value in self.cause().items() if name != "caused_by"}
        return {"error": {"root_cause": [root], **self.cause()}, "status": self.status}


def not_served(what: str) -> SearchError:
    """OpenSearch may well know it; this endpoint does not, and says so instead of doing something else."""
    return SearchError(400, "illegal_argument_exception", f"{what} is not served by this endpoint")


def no_such_index(name: str, *, alias_required: bool = False) -> SearchError:
    reason = f"no such index [{name}]"
    if alias_required:
        reason += f" and [require_alias] request flag is [true] and [{name}] is not an alias"
    return SearchError(404, "index_not_found_exception", reason, index=name, index_uuid="_na_")
