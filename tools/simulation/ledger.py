"""A ledger of licences: its revisions, aggregated as a producer with the Kinesis Producer Library puts them."""

from collections.abc import Callable, Sequence
from random import Random

from domain.licences import DEFECTS, aggregated, licence, revision_record
from simulation.truth import Revision, Truth

LONGEST_DELAY = 120.0


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
        partition_key, data = aggregated(
            (one.document_id, revision_record(one.document_id, one.version, one.licence)) for one in some
        )
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
        document = licence(document_id, version)
        draw = self._chance.random()
        if draw < 0.1:
            revision = Revision(document_id, version, None, True)
        elif draw < 0.13:
            revision = Revision(document_id, version, self._chance.choice(DEFECTS)(document), False)
        else:
            revision = Revision(document_id, version, document, True)
        self._truth.revise(revision)
        return revision
