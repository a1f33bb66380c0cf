"""What tells one change from every other, in whatever record and however often it arrives.

A repeat carries the same time and the same images (DynamoDB Developer Guide, "Kinesis Data Streams": duplicates are
told by ``ApproximateCreationDateTime``). Nothing is documented of a repeat's ``eventID``, so it is not relied on.
"""

import json
from hashlib import sha256

from changestream.core.change import Change


def identity_of(change: Change) -> str:
    """Return 64 hexadecimal digits that stand for the change among those of all items and tables."""
    who = json.dumps([change.table, change.item, change.position, change.digest().hex()])
    return sha256(who.encode()).hexdigest()
