"""Sets of observations: what a window keeps of its changes, packed into ``WIDTH`` bytes each.

The first ``IDENTITY_WIDTH`` bytes say which change it is; the consumer says what the others mean. Sets are united: in
whatever order, pieces and repeats changes arrive, their union is one.
"""

from collections.abc import Iterable

WIDTH = 20
IDENTITY_WIDTH = 8

Observations = dict[bytes, bytes]
"""Packed observations by identity."""


def together(observations: Observations) -> bytes:
    """Return a set as bytes that depend on nothing but the set."""
    return b"".join(sorted(observations.values()))


def apart(packed: bytes) -> Observations:
    """Return the set in such bytes. Raises ``ValueError`` where they are not whole observations."""
    if len(packed) % WIDTH:
        raise ValueError(f"{len(packed)} bytes are not observations of {WIDTH} bytes")
    return unite(packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH))


def unite(observations: Iterable[bytes], into: Observations | None = None) -> Observations:
    """Return the union of some packed observations with the set ``into``, which it extends.

    Of two observations of one change the lesser stays.
    """
    union = {} if into is None else into
    for packed in observations:
        identity = packed[:IDENTITY_WIDTH]
        known = union.get(identity)
        union[identity] = packed if known is None or packed < known else known
    return union
