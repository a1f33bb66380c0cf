"""How much an Ion document, and all documents of one record, may unfold to."""

from collections.abc import Callable
from dataclasses import dataclass

MOST_VALUES = 100_000
"""Values of a document. QLDB's largest had 128 KB; this many take some 35 MB as Python objects."""

RECORD_VALUES = 300_000
"""Values of all documents of an aggregate. A megabyte of revisions as ledgers write them has some 70,000."""

MOST_SYMBOL_CHARACTERS = 4_000_000
"""Characters of all symbols of a document, written out: a symbol of two bytes may stand for a text of any length."""


@dataclass(slots=True)
class Budget:
    """The values that the documents of one record may still have; ``load`` takes those of each document from it."""

    values: int = RECORD_VALUES

    def of_a_document(self) -> Callable[[], None]:
        """Return what counts a value of the next document, or padding: each takes time.

        It raises ``ValueError`` beyond the bound of a document, and beyond that of its record.
        """
        least_left = max(0, self.values - MOST_VALUES)

        def spend() -> None:
            self.values -= 1
            if self.values < least_left:
                raise ValueError(f"more than {MOST_VALUES:,} values, or more than {RECORD_VALUES:,} in its record")

        return spend
