"""Sequence numbers: the ids of records in their shard, ordered as integers."""

from dataclasses import dataclass, field

from changestream.core.quoting import quoted

LONGEST_DIGITS = 129
"""Of a sequence number of Kinesis; one of DynamoDB Streams has 40 at most (API references)."""


@dataclass(frozen=True, slots=True, order=True)
class SequenceNumber:
    """A record's sequence number: compares as an integer, prints as AWS wrote it.

    Sequence numbers of one shard may differ in length, so comparing them as text puts "9" after "10"
    (API reference, DynamoDB Streams ``StreamRecord`` and Kinesis ``Record``: only the pattern of digits is promised).
    """

    number: int
    text: str = field(compare=False)

    @classmethod
    def parse(cls, text: object) -> "SequenceNumber":
        """Read decimal digits. Raises ``ValueError`` for anything else."""
        if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > LONGEST_DIGITS:
            raise ValueError(
                f"{quoted(text)} is not a sequence number: at most {LONGEST_DIGITS} decimal digits are expected"
            )
        return cls(int(text), text)

    def __str__(self) -> str:
        return self.text
