"""Parked objects as they lie in their bucket, with all that is in them, and where they stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from changestream.core.redrive import RedriveRounds, Rounds, Standing
from changestream.wire import parked_object
from changestream.wire.redrive_manifest import is_deliverable, rounds_of
from streamctl.parking.names import id_of
from streamctl.reading.rounds import redrive_rounds
from streamctl.stack import Stack
from streamctl.words import instant

FOREIGN = "foreign"
"""Stands for reason and standing of an object that nobody here can read."""

UNDATED = "undated"
"""Stands for the day of records whose arrival nobody knows."""


def day_of(key: str) -> str:
    """Return the day that a key names, ``undated`` where it names none."""
    parts = key.removeprefix(parked_object.PREFIX).split("/")
    return "-".join(parts[1:4]) if len(parts) > 4 else UNDATED


@dataclass(frozen=True, slots=True)
class ParkedObject:
    """An object of the parking lot; ``problem`` says why one cannot be read, and ``document`` is empty then."""

    key: str
    etag: str
    document: Mapping[str, Any] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=lambda: Rounds(0.0, 0, 0.0))
    bounds: RedriveRounds = field(default_factory=RedriveRounds)
    problem: str = ""

    @property
    def id(self) -> str:
        """What commands take in place of the key."""
        return id_of(self.key)

    @property
    def manifest(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get("manifest", {})
        return found

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """The records in it; none where the payload could not be had."""
        return list((self.document.get("payload") or {}).get("Records", ()))

    @property
    def function(self) -> str:
        """The name of the function that it was parked for, by its key."""
        return self.key.removeprefix(parked_object.PREFIX).partition("/")[0]

    @property
    def day(self) -> str:
        """The day of the first of its records, ``2026-11-21``; ``undated`` where nobody knows it."""
        return day_of(self.key)

    @property
    def reason(self) -> str:
        return FOREIGN if self.problem else str(self.manifest["reason"])

    def standing(self, now: float, *, asked_for: bool = False) -> str:
        """Return where it stands, or would stand for a redrive that a person asks for."""
        if self.problem:
            return FOREIGN
        deliverable = is_deliverable(self.manifest, self.document.get("payload"))
        return self.bounds.standing(self.rounds, now, deliverable=deliverable, asked_for=asked_for)

    def summary(self, now: float) -> dict[str, Any]:
        """Return what a list says of it."""
        if self.problem:
            found = {"key": self.key, "id": self.id, "function": self.function}
            return found | {"standing": FOREIGN, "message": self.problem}
        stands = self.standing(now)
        return {
            "key": self.key,
            "id": self.id,
            "function": self.function,
            "day": self.day,
            "reason": self.reason,
            "message": self.manifest.get("message", ""),
            "records": len(self.records),
            "standing": stands,
            "rounds": self.rounds.done,
            "notBefore": instant(self.rounds.not_before) if stands == Standing.RESTING else None,
            "heldBy": self.manifest.get("redrive", {}).get("heldBy") if stands == Standing.HELD else None,
            "parkedAt": self.manifest.get("parkedAt"),
            "attempts": self.manifest.get("attempts"),
        }


class ParkedObjects:
    """The bucket of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.client = stack.client("s3")
        self.bucket = stack.output("ParkedRecordsBucketName")

    @cached_property
    def _bounds(self) -> RedriveRounds:
        return redrive_rounds(self._stack)

    def keys(self, prefix: str = parked_object.PREFIX) -> Iterator[str]:
        """List the keys that begin with a prefix, in their order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return (entry["Key"] for page in pages for entry in page.get("Contents", ()))

    def functions(self) -> list[str]:
        """List what keys have in the place of a function: physical names, and what has no function."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=parked_object.PREFIX, Delimiter="/"
        )
        folders = (entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ()))
        return [folder.removeprefix(parked_object.PREFIX).rstrip("/") for folder in folders]

    def load(self, key: str) -> ParkedObject | None:
        """Read an object, ``None`` for one that has gone; one that cannot be understood says so itself."""
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return None
            raise
        body = answer["Body"].read()
        try:
            manifest, _ = parked_object.read(body)
            return ParkedObject(key, answer["ETag"], json.loads(body), rounds_of(manifest), self._bounds)
        except (ValueError, TypeError) as error:
            return ParkedObject(key, answer["ETag"], problem=str(error))
