"""The objects of the parking lot, and the records that they hold for a function."""

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verification.changes import Record, number_of


@dataclass(frozen=True, slots=True)
class ParkedPayload:
    """An object of the parking lot. Without a payload, it reports records that could not be had any more."""

    key: str
    manifest: Mapping[str, Any]
    payload: Mapping[str, Any] | None

    @property
    def records(self) -> Sequence[Record]:
        """The records in it."""
        return self.payload["Records"] if self.payload else ()

    @property
    def numbers(self) -> list[str]:
        """The sequence numbers of the records in it."""
        return [number_of(record) for record in self.records]

    @property
    def new_images(self) -> list[Mapping[str, Any] | None]:
        """The items that the records in it wrote."""
        bodies = [
            record if "dynamodb" in record else json.loads(b64decode(record["kinesis"]["data"]))
            for record in self.records
        ]
        return [body["dynamodb"].get("NewImage") for body in bodies]

    @property
    def function(self) -> str:
        """The name of the function that it was parked for; empty for an object of no function."""
        return (str(self.manifest.get("functionArn", "")).split(":") + [""] * 7)[6]

    @property
    def reason(self) -> str:
        """Why it is parked, in one word."""
        return str(self.manifest["reason"])

    @property
    def message(self) -> str:
        """Why it is parked, in the function's words."""
        return str(self.manifest["message"])


def read(key: str, body: bytes) -> ParkedPayload:
    """Return an object of the parking lot."""
    document = json.loads(body)
    return ParkedPayload(key, document["manifest"], document["payload"])


def held(parked: Iterable[ParkedPayload]) -> defaultdict[str, set[str]]:
    """Return by function the sequence numbers of the records that are parked with their payload."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in parked:
        found[one.function].update(one.numbers)
    return found
