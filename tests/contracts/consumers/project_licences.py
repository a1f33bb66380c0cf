from random import Random

from contracts.consumer import Change, Consumer, Stream
from contracts.tables import Json
from functions.project_licences import app
from ledger_builders import aggregated, block_summary, licence, revision


class Adapter(Consumer):
    function = app
    stream = Stream.KINESIS

    def begin(self) -> None:
        self.table = self.tables.create("documentId")
        self.settings(LICENCES_TABLE=self.table, TOMBSTONE_DAYS="450")

    def shown(self) -> list[tuple[Change, Json]]:
        """A licence that is issued, and that gets points."""
        return [
            (
                in_one_record(revision(version, licence(penaltyPoints=points), "document-shown")),
                {"documentId": {"S": "document-shown"}, "penaltyPoints": {"N": str(points)}},
            )
            for version, points in enumerate((0, 3))
        ]

    def drawn(self, draw: Random, first: int) -> list[Change]:
        """Aggregates of revisions of a few documents."""
        revisions, versions = [], dict.fromkeys(range(3), 0)
        for _ in range(draw.randint(2, 12)):
            document = draw.randrange(3)
            written = ... if draw.random() < 0.3 else licence(penaltyPoints=draw.randrange(12))
            revisions.append(revision(versions[document], written, f"document-{document}"))
            versions[document] += 1
        size = draw.randint(1, 3)
        return [in_one_record(*revisions[at : at + size]) for at in range(0, len(revisions), size)]

    def poison(self, name: str, at: int) -> Change:
        return in_one_record(revision(at, licence(postcode=...), name))

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table, without="tombstoneExpiresAt")


def in_one_record(*documents: bytes) -> Change:
    return lambda n: aggregated(n, block_summary(), *documents)
