"""The items that the records of a parked object are about, as far as the records themselves tell."""

import json
from collections.abc import Mapping
from typing import Any

from pybase64 import b64decode

from changestream.core.lanes import Concern
from changestream.wire import strict_json
from changestream.wire.kpl import MAGIC


def concern_of(manifest: Mapping[str, Any], payload: Mapping[str, Any] | None) -> Concern:
    """Return the function, the shard and the items of a parked object. Raises nothing."""
    function = ":".join(str(manifest.get("functionArn")).split(":")[:7])
    items: set[str] = set()
    for record in (payload or {}).get("Records", ()):
        found = _of_record(record)
        if not found:
            return Concern(function, str(manifest.get("shardId")), None)
        items |= found
    return Concern(function, str(manifest.get("shardId")), items)


def _of_record(record: Any) -> set[str]:
    """Return the items of a record. A member ``dynamodb`` comes first, as in ``lambda_event.sequence_number``."""
    if not isinstance(record, Mapping):
        return set()
    return _of_table(record["dynamodb"]) if "dynamodb" in record else _of_kinesis(record.get("kinesis"))


def _of_table(body: Any) -> set[str]:
    """Return the item of a change, which DynamoDB Streams and a captured change describe in the same way."""
    keys = body.get("Keys") if isinstance(body, dict) else None
    return {f"keys {json.dumps(keys, sort_keys=True)}"} if isinstance(keys, dict) and keys else set()


def _of_kinesis(body: Any) -> set[str]:
    """Return the partition key of a record and, if a table's change is captured in it, the item.

    A record that the Kinesis Producer Library made of many has none: the keys of the many are inside.
    """
    if not isinstance(body, Mapping):
        return set()
    key, encoded = body.get("partitionKey"), body.get("data")
    if not isinstance(key, str) or not key or not isinstance(encoded, str):
        return set()
    try:
        data = b64decode(encoded, validate=True)
        if data.startswith(MAGIC):
            return set()
        captured = strict_json.loads(data)
    except ValueError:  # no base64, no JSON: a record like any other
        captured = None
    item = _of_table(captured.get("dynamodb")) if isinstance(captured, dict) else set()
    return {f"partition key {key}"} | item
