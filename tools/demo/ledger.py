"""A ledger of licences and its stream: what a producer with the Kinesis Producer Library would put, gone through once
more by a network that repeats and reorders.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from domain.licences import DEFECTS, Revision, aggregated, ledger_record, licence

DELETED_SHARE, REPEATED_SHARE = 0.15, 0.1
DISPLACEMENT = 40
"""By how many places a revision may be put too early or too late."""

USER_RECORDS = 12
"""In an aggregate."""

RECORDS_PER_PUT = 20


@dataclass(frozen=True, slots=True)
class PlayedLedger:
    """Every revision of every document in order, and by document the revisions among them that are malformed."""

    revisions: Sequence[Revision]
    malformed: dict[str, Revision]

    def healing(self) -> list[Revision]:
        """Return for each malformed revision the proper one that follows it."""
        return [
            Revision(one.document_id, one.version + 1, licence(one.document_id, 0)) for one in self.malformed.values()
        ]


def draw(seed: int, documents: int) -> PlayedLedger:
    """Return a ledger of so many licences; the same for the same numbers."""
    chooser = random.Random(seed)  # noqa: S311 - a repeatable workload, nothing secret
    ids = [f"{chooser.getrandbits(110):022x}" for _ in range(documents)]
    spoilt = dict(zip(chooser.sample(ids, len(DEFECTS)), DEFECTS, strict=True))
    revisions: list[Revision] = []
    malformed: dict[str, Revision] = {}
    for document_id in ids:
        last = chooser.randint(1, 6)
        for version in range(last):
            revisions.append(Revision(document_id, version, licence(document_id, version)))
        if document_id in spoilt:
            malformed[document_id] = Revision(document_id, last, spoilt[document_id](licence(document_id, last)))
            revisions.append(malformed[document_id])
        elif chooser.random() < DELETED_SHARE:
            revisions.append(Revision(document_id, last, None))
    return PlayedLedger(revisions, malformed)


def put(client: Any, stream: str, revisions: Sequence[Revision], seed: int) -> None:
    """Put revisions on the stream: aggregated, some of them repeated, most of them out of order."""
    chooser = random.Random(seed)  # noqa: S311 - as above
    repeated = [*revisions, *(one for one in revisions if chooser.random() < REPEATED_SHARE)]
    places = sorted((n + chooser.uniform(-DISPLACEMENT, DISPLACEMENT), n) for n in range(len(repeated)))
    for some in batched(_aggregates([repeated[n] for _, n in places]), RECORDS_PER_PUT, strict=False):
        answer = client.put_records(StreamName=stream, Records=list(some))
        if answer["FailedRecordCount"]:
            raise RuntimeError(f"{answer['FailedRecordCount']} records were not taken by {stream}")


def _aggregates(revisions: Sequence[Revision]) -> Iterator[dict[str, Any]]:
    for number, some in enumerate(batched(revisions, USER_RECORDS, strict=False)):
        records = [(one.document_id, one.record) for one in some]
        own_affair = ledger_record("BLOCK_SUMMARY", {"transactionId": f"transaction-{number}"})
        partition_key, data = aggregated([*records, ("block", own_affair)])
        yield {"PartitionKey": partition_key, "Data": data}
