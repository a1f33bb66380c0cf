"""Giving parked records up, so that somebody can tell later who did, when and why, and take it back.

The object goes from ``parked/`` to ``discarded/``, which nothing redrives. The copy is written first, and the object is
removed only if it is still what was copied: whoever is killed in between leaves both, and whoever redrives it or parks
it anew meanwhile keeps it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from changestream.core.redrive import Standing
from changestream.recovery.parked_records import CHANGED_MEANWHILE
from changestream.wire.parked_object import PREFIX
from streamctl.parking.objects import FOREIGN, ParkedObject, ParkedObjects

DISCARDED = "discarded/"


class DiscardedFate(StrEnum):
    """What became of an object that was to be discarded."""

    DISCARDED = "discarded"
    HELD = "held"
    FOREIGN = "foreign"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Discard:
    """Who discards, when, and why."""

    by: str
    at: datetime
    reason: str

    def key_of(self, parked: ParkedObject) -> str:
        """Return where the object goes: the same place under ``discarded/``, with the time: none is replaced."""
        stem = parked.key.removeprefix(PREFIX).removesuffix(".json")
        return f"{DISCARDED}{stem}.{self.at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.json"

    def document(self, parked: ParkedObject) -> Mapping[str, Any]:
        """Return all that was parked, with who discarded it."""
        told = {"by": self.by, "at": self.at.isoformat(timespec="milliseconds"), "reason": self.reason}
        return {**parked.document, "discarded": told | {"from": parked.key}}


def expected(parked: ParkedObject, now: float) -> DiscardedFate:
    """Return what would become of an object: one that a redrive holds, or that is not ours, is left alone."""
    stands = parked.standing(now)
    return {Standing.HELD: DiscardedFate.HELD, FOREIGN: DiscardedFate.FOREIGN}.get(stands, DiscardedFate.DISCARDED)


def discard(objects: ParkedObjects, parked: ParkedObject, how: Discard) -> DiscardedFate:
    """Discard an object that is neither held nor foreign."""
    client, bucket, key = objects.client, objects.bucket, how.key_of(parked)
    body = json.dumps(how.document(parked)).encode()
    copy = client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    try:
        client.delete_object(Bucket=bucket, Key=parked.key, IfMatch=parked.etag)
    except ClientError as error:
        if error_code(error) not in CHANGED_MEANWHILE:
            raise
        version = {"VersionId": copy["VersionId"]} if "VersionId" in copy else {}
        client.delete_object(Bucket=bucket, Key=key, **version)
        return DiscardedFate.CHANGED
    return DiscardedFate.DISCARDED
