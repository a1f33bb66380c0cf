"""How a view stands to a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from changestream.core.position import Position


class Verdict(StrEnum):
    """Where a change is with a view."""

    APPLIED = "applied"
    """The view's row is of this change, or there is a row for it."""
    SUPERSEDED = "superseded"
    """The view's row is of a newer change, which is as good."""
    NOT_YET = "not_yet"
    """The view is before it: its mapping has not brought it, or tries again, or its failed batch waits."""
    PARKED = "parked"
    """The view is before it, and the record is parked for the view's function."""
    WAITING = "waiting"
    """The view is before it, and an on-failure message that points to the record waits to be recovered."""
    NO_EFFECT = "no_effect"
    """No effect of the change is remembered, and the tools do not know whether it has one."""
    NOT_CONCERNED = "not_concerned"
    """The change asks nothing of the view."""
    UNKNOWN = "unknown"
    """What it takes to tell could not be found, or not be read: ``why`` says so."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """One view and the change. ``row`` is what the view has of the item, ``watermark`` the position it has applied."""

    view: str
    function: str
    verdict: Verdict
    why: str = ""
    position: str | None = None
    watermark: str | None = None
    row: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        return {
            "view": self.view,
            "function": self.function,
            "verdict": self.verdict,
            "why": self.why or None,
            "position": self.position,
            "watermark": self.watermark,
            "row": self.row,
        }


def by_watermark(position: Position, watermark: str | None) -> Verdict:
    """Compare a change with the row of its item: texts of one width, so text order is number order."""
    if watermark is None or watermark < position:
        return Verdict.NOT_YET
    return Verdict.APPLIED if watermark == position else Verdict.SUPERSEDED
