"""The sections of the status: each reads one side of the stack, and one that fails takes none of the others with it."""

from collections.abc import Callable
from typing import Any

from streamctl.exits import Exit, Trouble
from streamctl.reading.mappings import mappings
from streamctl.reading.parked import parked
from streamctl.reading.queues import queues
from streamctl.reading.streams import streams
from streamctl.stack import Stack
from streamctl.together import together
from streamctl.troubles import FORESEEN, trouble_of

SECTIONS: dict[str, Callable[[Stack], list[dict[str, Any]]]] = {
    "streams": streams,
    "mappings": mappings,
    "queues": queues,
    "parked": parked,
}


def read_all(stack: Stack) -> dict[str, Any]:
    """Return what each section found, or ``{"error": …}`` in its place. Raises ``Trouble`` without a stack."""
    stack.outputs  # noqa: B018 - asked for once, before all of them need it
    found = together(lambda name: _read(stack, name), SECTIONS)
    return dict(zip(SECTIONS, found, strict=True))


def exit_of(found: dict[str, Any], attention: list[str]) -> Exit:
    """Return the gravest of what is known."""
    codes = [each["error"]["code"] for each in found.values() if isinstance(each, dict)]
    return Exit(max(codes, default=Exit.ATTENTION if attention else Exit.FINE))


def _read(stack: Stack, name: str) -> list[dict[str, Any]] | dict[str, Any]:
    try:
        return SECTIONS[name](stack)
    except (*FORESEEN, Trouble) as error:
        trouble = trouble_of(error, stack.target.endpoint)
        if trouble is None:
            raise
        return {"error": trouble.document()}
