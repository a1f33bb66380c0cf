"""Scenarios as they are written: one file each, read with what it leaves out filled in.

about      what happens, in a sentence
facts      ids of facts.yaml that it shows
source     dynamodb (default), kinesis, consumer (enhanced fan-out), sqs, fifo
shards     how many there are at first (1)
destination  queue, topic or bucket: a destination for settings that name none
settings   a CreateEventSourceMapping request, without source and function
given      writes and changes in order: "a b@item c#1" writes records a, b (of an item), c (into shard 1);
           mappings with one key are the actions of stage.py. The mapping starts at `start`, else at the end
function   how invocations end: see script.py
endless    true where the mapping never comes to rest: `given` then says for how long it runs
expect     see expectations.py
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FACTS = HERE / "facts.yaml"
RECORDINGS = HERE / "recordings.yaml"


DESTINATIONS = {
    "queue": "arn:aws:sqs:eu-west-1:123456789012:FailedBatches",
    "topic": "arn:aws:sns:eu-west-1:123456789012:FailedBatches",
    "bucket": "arn:aws:s3:::failed-batches",
}


@dataclass(frozen=True)
class Scenario:
    about: str
    facts: list[str]
    expect: dict[str, Any]
    given: list[str | dict[str, Any]] = field(default_factory=list)
    source: str = "dynamodb"
    shards: int = 1
    destination: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    function: dict[str, Any] = field(default_factory=dict)
    endless: bool = False

    @property
    def request(self) -> dict[str, Any]:
        """The settings with the destination."""
        if self.destination is None:
            return self.settings
        return {"DestinationConfig": {"OnFailure": {"Destination": DESTINATIONS[self.destination]}}} | self.settings


@dataclass(frozen=True)
class Fact:
    """A sentence about AWS; `test` names what holds it where no scenario can, because it is the host's business."""

    fact: str
    strength: str
    section: str
    test: str | None = None


def paths() -> list[Path]:
    return sorted(path for path in HERE.glob("*.yaml") if path not in (FACTS, RECORDINGS))


def read(path: Path) -> Scenario:
    """The scenario in a file; an unknown key is a TypeError."""
    return Scenario(**_parsed(path))


def facts() -> dict[str, Fact]:
    return {name: Fact(**fact) for name, fact in _parsed(FACTS).items()}


def recordings() -> dict[str, list[str]]:
    """Of each recording of AWS the facts that it bears out."""
    listed: dict[str, list[str]] = _parsed(RECORDINGS)
    return listed


def _parsed(path: Path) -> Any:
    return yaml.load(path.read_text(), yaml.CSafeLoader)
