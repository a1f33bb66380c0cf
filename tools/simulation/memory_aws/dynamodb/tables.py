"""The tables of one region, by name."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from event_source_mapping.memory.streams import MemoryTableStream
from simulation.memory_aws.dynamodb.table import RowChange, Table
from simulation.memory_aws.errors import Refusal, invalid
from simulation.memory_aws.hook import Answer, Call

FIRST_SEQUENCE_NUMBER = 10**21 - 40
"""Of the 21 digits that AWS's have, and soon of 22: numbers that are compared as text come out wrong."""


class Tables:
    """Makes tables and their streams, and finds them."""

    def __init__(self, account: str, region: str, now: Callable[[], float]) -> None:
        self._prefix = f"arn:aws:dynamodb:{region}:{account}:table/"
        self._now = now
        self._tables: dict[str, Table] = {}
        self.streams: dict[str, MemoryTableStream] = {}

    def table(self, name: str) -> Table:
        """Return a table by its name or ARN. Raises ``Refusal``."""
        try:
            return self._tables[name]
        except KeyError:
            pass
        by_arn = self._tables.get(name.removeprefix(self._prefix))
        if by_arn is None:
            raise Refusal("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
        return by_arn

    def stream_of(self, name: str) -> MemoryTableStream:
        """Return the stream that a table has now."""
        return next(stream for arn, stream in reversed(self.streams.items()) if arn.split("/")[1] == name)

    def create_table(self, call: Call) -> Answer:
        parameters = call.parameters
        name = parameters["TableName"]
        if name in self._tables:
            raise Refusal("ResourceInUseException", f"Table already exists: {name}")
        types = {each["AttributeName"]: each["AttributeType"] for each in parameters["AttributeDefinitions"]}
        ordered = sorted(parameters["KeySchema"], key=lambda each: str(each["KeyType"]))
        keys = {each["AttributeName"]: types[each["AttributeName"]] for each in ordered}
        if types.keys() != keys.keys():
            raise invalid("Number of attributes in KeySchema does not exactly match number of AttributeDefinitions")
        self._tables[name] = Table(name, self._prefix + name, keys, self._now)
        self._give_stream(name, parameters.get("StreamSpecification") or {})
        return {"TableDescription": self._description(name)}

    def update_table(self, call: Call) -> Answer:
        """Enable or disable the table's stream."""
        name = call.parameters["TableName"]
        table, wanted = self.table(name), call.parameters.get("StreamSpecification") or {}
        if wanted.get("StreamEnabled") is False:
            self.stream_of(name).store.close()
            table.on_change = [each for each in table.on_change if not isinstance(each, _Recorded)]
        elif wanted:
            self._give_stream(name, wanted)
        return {"TableDescription": self._description(name)}

    def describe_table(self, call: Call) -> Answer:
        return {"Table": self._description(self.table(call.parameters["TableName"]).name)}

    def delete_table(self, call: Call) -> Answer:
        name = self.table(call.parameters["TableName"]).name
        description = self._description(name)
        del self._tables[name]
        return {"TableDescription": description | {"TableStatus": "DELETING"}}

    def update_time_to_live(self, call: Call) -> Answer:
        wanted = call.parameters["TimeToLiveSpecification"]
        table = self.table(call.parameters["TableName"])
        table.ttl_attribute = wanted["AttributeName"] if wanted["Enabled"] else None
        return {"TimeToLiveSpecification": dict(wanted)}

    def _give_stream(self, name: str, wanted: dict[str, Any]) -> None:
        if not wanted.get("StreamViewType"):
            return
        table = self._tables[name]
        moment = datetime.fromtimestamp(self._now(), UTC)
        arn = f"{table.arn}/stream/{moment.strftime('%Y-%m-%dT%H:%M:%S.')}{moment.microsecond // 1000:03d}"
        stream = MemoryTableStream(
            arn, self._now, view_type=wanted["StreamViewType"], first_sequence_number=FIRST_SEQUENCE_NUMBER
        )
        self.streams[arn] = stream
        table.on_change.append(_Recorded(stream))

    def _description(self, name: str) -> dict[str, Any]:
        table = self._tables[name]
        described: dict[str, Any] = {
            "TableName": name,
            "TableArn": table.arn,
            "TableStatus": "ACTIVE",
            "KeySchema": [
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(table.keys, ("HASH", "RANGE"), strict=False)
            ],
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, kind in table.keys.items()],
        }
        recorded = [each.stream for each in table.on_change if isinstance(each, _Recorded)]
        if recorded:
            described["LatestStreamArn"] = recorded[-1].arn
            described["LatestStreamLabel"] = recorded[-1].arn.rpartition("/")[2]
        return described


class _Recorded:
    """Has a stream record the changes of its table."""

    def __init__(self, stream: MemoryTableStream) -> None:
        self.stream = stream

    def __call__(self, change: RowChange) -> None:
        self.stream.put(change.keys, change.new, change.old, change.user_identity, change.sizes)
