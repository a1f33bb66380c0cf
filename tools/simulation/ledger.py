"""A ledger of licences: its revisions, aggregated as a producer with the Kinesis Producer Library puts them.

Documents and aggregates are made by the libraries that producers use, not by code of ours.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import amazon.ion.simpleion as ion
from aws_kinesis_agg.aggregator import RecordAggregator

from simulation.truth import Revision, Truth

Document = dict[str, Any]

LONGEST_DELAY = 120.0
TX_TIME = datetime(2026, 1, 1, tzinfo=UTC)
DEFECTS: Sequence[Callable[[Document], Document]] = (
    lambda licence: {name: value for name, value in licence.items() if name != "postcode"},
    lambda licence: licence | {"penaltyPoints": "three"},
    lambda licence: licence | {"licenceId": None},
)
"""What goes wrong with documents that nobody checked."""


class Ledger:
    """Revises documents; ``put`` takes (partition key, data) and ``later`` has something done after a while."""

    def __init__(
        self,
        truth: Truth,
        put: Callable[[str, bytes], str],
        later: Callable[[float, Callable[[], None]], object],
        chance: Random,
        documents: int,
    ) -> None:
        self._truth = truth
        self._put = put
        self._later = later
        self._chance = chance
        self._documents = [f"{number:022d}" for number in range(documents)]
        self.under_way = 0

    def revise(self) -> None:
        """Make a few revisions and put them as one aggregate, maybe late, maybe twice."""
        some = [self._revision(self._chance.choice(self._documents)) for _ in range(self._chance.randint(1, 4))]
        if self._truth.revisions and self._chance.random() < 0.2:
            some.append(self._chance.choice(self._truth.revisions[-20:]))
        partition_key, data = _aggregate(some)
        for _ in range(2 if self._chance.random() < 0.1 else 1):
            if self._chance.random() < 0.3:
                self.under_way += 1
                self._later(self._chance.random() ** 2 * LONGEST_DELAY, lambda: self._arrive(partition_key, data, some))
            else:
                self._note(self._put(partition_key, data), some)

    def _arrive(self, partition_key: str, data: bytes, some: Sequence[Revision]) -> None:
        self.under_way -= 1
        self._note(self._put(partition_key, data), some)

    @staticmethod
    def _note(sequence_number: str, some: Sequence[Revision]) -> None:
        for revision in some:
            revision.captured.append(sequence_number)

    def _revision(self, document_id: str) -> Revision:
        version = len(self._truth.of_document[document_id])
        licence = _licence(document_id, version)
        draw = self._chance.random()
        if draw < 0.1:
            revision = Revision(document_id, version, None, True)
        elif draw < 0.13:
            revision = Revision(document_id, version, self._chance.choice(DEFECTS)(licence), False)
        else:
            revision = Revision(document_id, version, licence, True)
        self._truth.revise(revision)
        return revision


def _aggregate(revisions: Sequence[Revision]) -> tuple[str, bytes]:
    aggregator = RecordAggregator()
    for one in revisions:
        aggregator.add_user_record(one.document_id, _record(one))
    partition_key, _, data = aggregator.clear_and_get().get_contents()
    return partition_key, bytes(data)


def _record(one: Revision) -> bytes:
    metadata = {"id": one.document_id, "version": one.version, "txTime": TX_TIME, "txId": "transaction"}
    revision = {"hash": bytes(32), "metadata": metadata} | ({"data": one.licence} if one.licence else {})
    payload = {"tableInfo": {"tableName": "BicycleLicence"}, "revision": revision}
    document: bytes = ion.dumps({"recordType": "REVISION_DETAILS", "payload": payload}, binary=True)
    return document


def _licence(document_id: str, version: int) -> Document:
    return {
        "licenceId": f"licence-{document_id[-4:]}",
        "name": "A. Rider",
        "penaltyPoints": version,
        "postcode": f"AB{version} 1CD",
    }
