"""What tells one change from every other, in whatever record and however often it arrives.

A repeat carries the same time and the same images (DynamoDB Developer Guide, "Kinesis Data Streams": duplicates are
told by ``ApproximateCreationDateTime``). Nothing is documented of a repeat's ``eventID``, so it is not relied on.
"""

import json
from hashlib import sha256

from changestream.core.change import Change


def digest_of(change: Change) -> str:
    """Return 16 hexadecimal digits of what changed: the same for a repeat, others for another change of the item."""
    what = json.dumps([change.kind, change.old_image, change.new_image], sort_keys=True)
    return sha256(what.encode()).hexdigest()[:16]


def identity_of(change: Change) -> str:
    """Return 64 hexadecimal digits that stand for the change among those of all items and tables."""
    who = json.dumps([change.table, change.item, change.position, digest_of(change)])
    return sha256(who.encode()).hexdigest()
