"""S3's notifications as S3 writes them, where moto leaves out the version and whatever else is not of its own.

Shape: S3 User Guide, "Event message structure".
"""

from __future__ import annotations

from itertools import count
from time import time_ns
from typing import Any
from uuid import uuid4

import moto.s3.notifications as notifications

_OWNER = {"principalId": "A3NL1KOZZKExample"}
_written_by_moto = notifications._get_s3_event
_numbers = count(time_ns())
"""Sequencers: for one key, the later event has the greater one."""


def complete_events() -> None:
    """Have moto's notifications completed here."""
    notifications._get_s3_event = _complete


def _complete(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, list[dict[str, Any]]]:
    event = _written_by_moto(event_name, bucket, key, notification_id)
    for record in event["Records"]:
        record["userIdentity"] = {"principalId": f"AWS:{bucket.account_id}"}
        record["requestParameters"] = {"sourceIPAddress": "127.0.0.1"}
        record["responseElements"] = {"x-amz-request-id": uuid4().hex[:16].upper(), "x-amz-id-2": uuid4().hex}
        record["s3"]["bucket"]["ownerIdentity"] = _OWNER
        record["s3"]["object"]["sequencer"] = f"{next(_numbers):016X}"
        if bucket.is_versioned:
            record["s3"]["object"]["versionId"] = key.version_id
    return event
