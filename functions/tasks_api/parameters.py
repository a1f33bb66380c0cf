"""The parts of requests that operations take. An operation names those it takes as the arguments of its function."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from problems import WrongField, invalid
from schemas import CURSOR, ENTITY_TAG, IDEMPOTENCY_KEY, LIST_ID, PAGE_LIMIT, TASK_ID, WORDS, Schema, ref
from validation import completed, faults

Request = Mapping[str, Mapping[str, Any]]
"""What came, by place and name; the names of headers are in lower case, and the body's is empty."""

BODY = "body"
DIGITS = 9
"""The most that a number in a query has: more are beyond every limit."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a request: where it is (``path``, ``query``, ``header``, ``body``), its name there, what it may be."""

    place: str
    name: str
    schema: Schema
    description: str = ""
    required: bool = False

    def value(self, request: Request) -> Any:
        """Return what came, or else the default. What is a number to this API came as text."""
        came = request[self.place].get(self._key, self.schema.get("default"))
        is_number = isinstance(came, str) and came.isascii() and came.isdecimal() and len(came) <= DIGITS
        return int(came) if self.schema.get("type") == "integer" and is_number else came

    def wrong(self, request: Request) -> Iterator[WrongField]:
        """Yield what is wrong with what came, or that nothing did."""
        if self._key in request[self.place]:
            for field, why in faults(self.schema, self.value(request)):
                yield WrongField(self.place, field or self.name, why)
        elif self.required:
            yield WrongField(self.place, self.name, "is missing")

    @property
    def _key(self) -> str:
        return self.name.lower() if self.place == "header" else self.name


PARAMETERS: Mapping[str, Parameter] = {
    "list_id": Parameter("path", "list_id", LIST_ID, required=True),
    "task_id": Parameter("path", "task_id", TASK_ID, required=True),
    "task": Parameter(BODY, "", ref("NewTask"), required=True),
    "change": Parameter(BODY, "", ref("TaskChange"), required=True),
    "if_match": Parameter("header", "If-Match", ENTITY_TAG, "The ETag that the change is based on, or *."),
    "idempotency_key": Parameter("header", "Idempotency-Key", IDEMPOTENCY_KEY, "Makes a repeat harmless."),
    "limit": Parameter("query", "limit", PAGE_LIMIT, "The most that a page may have."),
    "cursor": Parameter("query", "cursor", CURSOR, "Of the page before."),
    "q": Parameter("query", "q", WORDS, "Words of the description.", required=True),
    "in_list": Parameter("query", "listId", LIST_ID, "The list to search; all of them without."),
}
"""By the names of arguments."""


def arguments(takes: Mapping[str, Parameter], request: Request) -> dict[str, Any]:
    """Return the values of parameters, complete. Raises ``Problem`` that tells all that is wrong with them."""
    if wrong := [each for parameter in takes.values() for each in parameter.wrong(request)]:
        raise invalid(*wrong)
    return {name: completed(parameter.schema, parameter.value(request)) for name, parameter in takes.items()}
