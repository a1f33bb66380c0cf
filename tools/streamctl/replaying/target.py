"""The consumer that a replay or a backfill goes to: found by whatever name, with the streams that are mapped to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from consumers.kinds import Feed
from streamctl.consumers import DeployedConsumer, consumers_of
from streamctl.exits import Exit, Trouble
from streamctl.functions import ARN, own_name, unknown_function
from streamctl.stack import Stack

DEFAULT_BATCH_SIZE = 100
NOT_THERE = frozenset({"ResourceNotFoundException", "InvalidParameterValueException", "ValidationException"})


class RefusedDelivery(Trouble):
    """It would do harm, or make no sense: do what the reason says instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(Exit.USAGE, reason)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the stack says of where changes come from."""

    tasks_table: str
    table_stream_arn: str
    change_stream_arn: str

    def feed(self, stream_arn: str) -> Feed:
        """Tell which stream an ARN is of; one that was pushed to has a consumer's name behind it."""
        if stream_arn == self.table_stream_arn:
            return Feed.TABLE
        is_change_stream = stream_arn.partition("/consumer/")[0] == self.change_stream_arn
        return Feed.CHANGES if is_change_stream else Feed.OTHER


@dataclass(frozen=True, slots=True)
class Feeding:
    """A stream that is mapped to the function."""

    uuid: str
    feed: Feed
    stream_arn: str
    state: str
    batch_size: int
    starting_position: str
    last_modified: float


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """A function, and what is known of it. ``known`` is ``None`` for one that is none of this stack."""

    arn: str
    name: str
    role_arn: str
    timeout_seconds: int
    environment: Mapping[str, str]
    known: DeployedConsumer | None
    mappings: Sequence[Feeding]

    @property
    def batch_size(self) -> int:
        """The least batch that a mapping of it may bring, which its time-out was made for."""
        return min((mapping.batch_size for mapping in self.mappings), default=DEFAULT_BATCH_SIZE)

    @property
    def feeds(self) -> frozenset[Feed]:
        """The streams that order its changes: those mapped to it and, if it is known, the one that belongs to it."""
        known = {self.known.feed} if self.known else set()
        return frozenset({mapping.feed for mapping in self.mappings} | known)

    def days(self, setting: str) -> int | None:
        """Return a setting of the function that counts days, ``None`` where it has none."""
        text = self.environment.get(setting, "")
        return int(text) if text.isdecimal() else None


def sources_of(stack: Stack) -> Sources:
    """Return what the outputs of a stack say. Raises ``Trouble`` where one of them is missing."""
    return Sources(stack.output("TasksTableName"), stack.output("TasksTableStreamArn"), stack.output("ChangeStreamArn"))


def find(name: str, stack: Stack, sources: Sources) -> DeliveryTarget:
    """Find a function by one of the names of ``own_name``; it need not be the stack's.

    Raises ``Trouble`` for one that does not exist; any other refusal of AWS is botocore's own.
    """
    known = {each.function_name: each for each in consumers_of(stack)}
    asked_for = name if ARN.fullmatch(name) else own_name(name, stack.functions) or name
    client = stack.client("lambda")
    try:
        found = client.get_function_configuration(FunctionName=asked_for)
    except ClientError as error:
        if error_code(error) in NOT_THERE:
            raise unknown_function(name, sorted(each.name for each in known.values())) from error
        raise
    pages = client.get_paginator("list_event_source_mappings").paginate()
    listed = [mapping for page in pages for mapping in page["EventSourceMappings"] if _invokes(mapping, found)]
    return DeliveryTarget(
        arn=next((mapping["FunctionArn"] for mapping in listed), found["FunctionArn"]),
        name=found["FunctionName"],
        role_arn=found["Role"],
        timeout_seconds=found["Timeout"],
        environment=found.get("Environment", {}).get("Variables", {}),
        known=known.get(found["FunctionName"]),
        mappings=[_mapping(mapping, sources) for mapping in listed if "EventSourceArn" in mapping],
    )


def _invokes(mapping: Mapping[str, Any], function: Mapping[str, Any]) -> bool:
    """Whether a mapping invokes a function, by an alias of it too: listed by name, those would be left out."""
    unqualified: str = ":".join(mapping["FunctionArn"].split(":")[:7])
    return unqualified == ":".join(function["FunctionArn"].split(":")[:7])


def _mapping(listed: Mapping[str, Any], sources: Sources) -> Feeding:
    arn = listed["EventSourceArn"]
    return Feeding(
        uuid=listed["UUID"],
        feed=sources.feed(arn),
        stream_arn=arn,
        state=listed["State"],
        batch_size=listed["BatchSize"],
        starting_position=listed.get("StartingPosition", ""),
        last_modified=listed["LastModified"].timestamp(),
    )
