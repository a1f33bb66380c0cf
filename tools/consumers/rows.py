"""The key of a change's row: the patterns of a consumer's ``Row``, filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from changestream.core.change import Change
from changestream.core.identity import identity_of

DIGEST_DIGITS = 16


def memory_of(change: Change) -> str:
    """Return the hash by which Powertools Idempotency remembers the effect of a change (`changestream.aws.once`)."""
    return sha256(json.dumps(identity_of(change)).encode()).hexdigest()


def row_key(row: Mapping[str, str], item: str, change: Change) -> dict[str, str]:
    """Return the key of the row of a change. ``item`` is the name under which rows keep the change's item."""
    places = {
        "item": item,
        "position": change.position,
        "digest": change.digest().hex()[:DIGEST_DIGITS],
        "identity": memory_of(change),
    }
    return {name: pattern.format_map(places) for name, pattern in row.items()}
