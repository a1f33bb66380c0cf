"""A ledger of licences: its revisions, aggregated as a producer with the Kinesis Producer Library puts them."""

from collections import Counter
from collections.abc import Callable
from random import Random

from domain.licences import DEFECTS, Revision, aggregated, licence

LONGEST_DELAY = 120.0


class Ledger:
    """Revises documents; ``put`` takes (partition key, data) and ``later`` has something done after a while."""

    def __init__(
        self,
        put: Callable[[str, bytes], str],
        later: Callable[[float, Callable[[], None]], object],
        chance: Random,
        documents: int,
    ) -> None:
        self._put = put
        self._later = later
        self._chance = chance
        self._documents = [f"{number:022d}" for number in range(documents)]
        self._versions: Counter[str] = Counter()
        self._revisions: list[Revision] = []
        self.under_way = 0

    def revise(self) -> None:
        """Make a few revisions and put them as one aggregate, maybe late, maybe twice."""
        some = [self._revision(self._chance.choice(self._documents)) for _ in range(self._chance.randint(1, 4))]
        if self._revisions and self._chance.random() < 0.2:
            some.append(self._chance.choice(self._revisions[-20:]))
        partition_key, data = aggregated((one.document_id, one.record) for one in some)
        for _ in range(2 if self._chance.random() < 0.1 else 1):
            if self._chance.random() < 0.3:
                self.under_way += 1
                self._later(self._chance.random() ** 2 * LONGEST_DELAY, lambda: self._arrive(partition_key, data))
            else:
                self._put(partition_key, data)

    def _arrive(self, partition_key: str, data: bytes) -> None:
        self.under_way -= 1
        self._put(partition_key, data)

    def _revision(self, document_id: str) -> Revision:
        version = self._versions[document_id]
        self._versions[document_id] += 1
        document = licence(document_id, version)
        draw = self._chance.random()
        if draw < 0.1:
            revision = Revision(document_id, version, None)
        elif draw < 0.13:
            revision = Revision(document_id, version, self._chance.choice(DEFECTS)(document))
        else:
            revision = Revision(document_id, version, document)
        self._revisions.append(revision)
        return revision
