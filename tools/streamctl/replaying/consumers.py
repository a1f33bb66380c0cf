"""Who may be given what: the consumers of this application, and what a replay or a backfill would do to each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

ANNOUNCED_ONCE = "announces what it has not announced; what it has, it remembers"
BACKFILL_INSTEAD = (
    "its positions are sequence numbers of the table's stream, those of the history are times: compared with each "
    "other, either would always win. Bring it up to date with `streamctl backfill` instead"
)


class ReplayedFeed(StrEnum):
    """The stream that orders a consumer's changes."""

    TABLE_STREAM = "the table's DynamoDB stream"
    CHANGE_STREAM = "ChangeStream"
    OTHER = "another stream"


@dataclass(frozen=True, slots=True)
class Known:
    """A consumer of this application; a refusal says why, and what to do instead, and is empty where there is none.

    ``forgets`` is the setting of the function that says after how many days an effect of its own would come again.
    """

    feed: ReplayedFeed
    replay_effect: str = ""
    replay_refusal: str = ""
    backfill_refusal: str = ""
    forgets: str = ""


KNOWN: Mapping[str, Known] = {
    "count_tasks": Known(ReplayedFeed.TABLE_STREAM, replay_refusal=BACKFILL_INSTEAD),
    "archive_tasks": Known(
        ReplayedFeed.TABLE_STREAM,
        replay_refusal="its rows are named after the sequence numbers of deletions, which the history does not have. "
        "What expired stands in the history as well: REMOVE with byTimeToLive",
        backfill_refusal="it keeps what expired, and what stands in the table has not expired",
    ),
    "index_tasks": Known(ReplayedFeed.CHANGE_STREAM, "writes what is newer than what it has; the rest is superseded"),
    "replicate_tasks": Known(
        ReplayedFeed.CHANGE_STREAM, "writes what is newer than what it has; the rest is superseded"
    ),
    "record_history": Known(
        ReplayedFeed.CHANGE_STREAM,
        "writes the rows that the replay is made of once more: nothing changes",
        backfill_refusal="it keeps changes, and that an item stands in the table is none: a revision of a change that "
        "never was would stand in the audit. Replay an older history into it instead",
    ),
    "measure_changes": Known(
        ReplayedFeed.CHANGE_STREAM,
        "adds what it has not measured, in the windows of the changes' own times; what it has counts once",
        backfill_refusal="it counts changes, and that an item stands in the table is none. "
        "Replay the time that it is to measure instead",
    ),
    "announce_changes": Known(
        ReplayedFeed.CHANGE_STREAM,
        ANNOUNCED_ONCE,
        backfill_refusal="it would announce that every task was created just now. "
        "Replay the time whose transitions were not announced instead",
        forgets="TOMBSTONE_DAYS",
    ),
    "project_licences": Known(
        ReplayedFeed.OTHER,
        replay_refusal="it is fed by LedgerStream, of which the history has nothing. "
        "Have the ledger's producer send its revisions again",
        backfill_refusal="its documents are those of the ledger, and not in the table. "
        "Have the ledger's producer send its revisions again",
    ),
}


def logical_id(name: str) -> str:
    """Return the logical id of a function of this application: ``CountTasksFunction`` for ``count_tasks``."""
    return "".join(word.capitalize() for word in name.split("_")) + "Function"
