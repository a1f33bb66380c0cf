"""The kinds of consumers, the feeds that order their changes, and what follows from both."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a consumer makes of changes; docs/guarantees.md has what each kind promises."""

    NEWEST = "newest"
    """The newest state of each item, one row an item."""
    ROWS = "rows"
    """One row for each change."""
    TALLY = "tally"
    """Totals, kept right by a row of each item that says how it is counted."""
    EFFECT = "effect"
    """An effect outside of the application, for example a notification."""
    WINDOW = "window"
    """Figures of the changes of each window of time."""


class Feed(StrEnum):
    """The stream that orders a consumer's changes."""

    TABLE = "the table's DynamoDB stream"
    CHANGES = "the stream that the table is captured into"
    OTHER = "another stream"


_OTHER_SOURCE = (
    "it does not read changes of the table, so neither the table nor its history has its records. "
    "Have the stream's producer send them again"
)
_REPLAYED = {
    Kind.NEWEST: "writes the changes that are newer than its rows; the others are superseded",
    Kind.ROWS: "writes the rows of the replayed changes again: rows that exist stay as they are",
    Kind.TALLY: "counts the changes that are newer than its rows; the others are superseded",
    Kind.EFFECT: "repeats no effect that it remembers; changes that it does not remember take effect",
    Kind.WINDOW: "adds the changes that it has not counted to the windows of their own times",
}
_NOT_BACKFILLED = {
    Kind.ROWS: "it keeps changes, and an item in the table is not a change",
    Kind.EFFECT: "it would take effect as if every item were created now. Replay the time that lacks effects instead",
    Kind.WINDOW: "it counts changes, and an item in the table is not a change. Replay the time to be counted instead",
}


def replay_refusal(kind: Kind, feed: Feed) -> str:
    """Return why a consumer cannot be given revisions of the history; empty if it can."""
    if feed is Feed.OTHER:
        return _OTHER_SOURCE
    if feed is Feed.CHANGES:
        return ""
    if kind is Kind.ROWS:
        return "its rows are named after sequence numbers of the table's stream, which the history does not have"
    return (
        "its positions are sequence numbers of the table's stream, and those of the history are times: compared with "
        "each other, one would always win. Use `streamctl backfill` instead"
    )


def backfill_refusal(kind: Kind, feed: Feed) -> str:
    """Return why a consumer cannot be given the items of the table as insertions; empty if it can."""
    if feed is Feed.OTHER:
        return _OTHER_SOURCE
    refusal = _NOT_BACKFILLED.get(kind, "")
    return (
        f"{refusal}. Replay an older history into it instead" if (kind, feed) == (Kind.ROWS, Feed.CHANGES) else refusal
    )


def replay_effect(kind: Kind) -> str:
    """Return what a replay does to the view."""
    return _REPLAYED[kind]
