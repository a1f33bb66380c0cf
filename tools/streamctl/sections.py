"""The sections of the status: each reads one side of the stack, and one that fails takes none of the others with it."""

from collections.abc import Callable
from functools import partial
from time import time
from typing import Any

from streamctl.exits import Exit, Trouble
from streamctl.reading.failing import add_measures, add_reasons
from streamctl.reading.mappings import add_hours_left, mappings
from streamctl.reading.parked import parked
from streamctl.reading.queues import add_ages, queues
from streamctl.reading.streams import streams
from streamctl.stack import Stack
from streamctl.together import together
from streamctl.troubles import FORESEEN, trouble_of

Rows = list[dict[str, Any]]

SECTIONS: dict[str, Callable[[Stack], Rows]] = {
    "streams": streams,
    "mappings": mappings,
    "queues": queues,
    "parked": parked,
}
type Addition = tuple[str, Callable[[Stack, Rows], None]]

ADDITIONS: dict[str, list[Addition]] = {
    "metrics": [("mappings", add_measures), ("queues", add_ages)],
    "logs": [("mappings", add_reasons)],
}
"""What CloudWatch adds to sections, which are worth having without it; in this order, for one needs the other."""


def read_all(stack: Stack) -> dict[str, Any]:
    """Return what each section found, or ``{"error": …}`` in its place; under ``metrics`` and ``logs``, what CloudWatch
    adds to them, ``None`` or such an error.

    Raises ``Trouble`` without a stack.
    """
    stack.outputs  # noqa: B018 - asked for once, before all of them need it
    found: dict[str, Any] = dict(
        zip(SECTIONS, together(lambda name: _read(stack, SECTIONS[name]), SECTIONS), strict=True)
    )
    rows = {name: each if isinstance(each, list) else [] for name, each in found.items()}
    add_hours_left(rows["mappings"], {each["stream"]: each["retentionHours"] for each in rows["streams"]}, time())
    for name, additions in ADDITIONS.items():
        found[name] = _read(stack, partial(_add, additions, rows))
    return found


def _add(additions: list[Addition], rows: dict[str, Rows], stack: Stack) -> None:
    together(lambda each: each[1](stack, rows[each[0]]), additions)


def errors_of(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return why sections are missing, by their names."""
    return {name: each["error"] for name, each in found.items() if isinstance(each, dict)}


def exit_of(found: dict[str, Any], attention: list[str]) -> Exit:
    """Return the gravest of what is known."""
    codes = [int(error["code"]) for error in errors_of(found).values()]
    return Exit(max(codes, default=Exit.ATTENTION if attention else Exit.FINE))


def _read[Found](stack: Stack, read: Callable[[Stack], Found]) -> Found | dict[str, Any]:
    try:
        return read(stack)
    except (*FORESEEN, Trouble) as error:
        trouble = trouble_of(error, stack.target.endpoint)
        if trouble is None:
            raise
        return {"error": trouble.document()}
