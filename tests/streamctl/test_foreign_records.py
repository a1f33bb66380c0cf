"""Records of other tables and producers in a shared stream."""

import json
from typing import Any
from uuid import uuid4

import pytest

from builders import capture, task
from streamctl.exits import Exit

from .world import Deployed

Json = dict[str, Any]
TAIL = ("tail", "changes", "--horizon", "--no-follow", "--rate", "1000", "--json")


def put(deployed: Deployed, document: Json) -> str:
    answer = deployed.client("kinesis").put_record(
        StreamName=deployed.outputs["ChangeStreamName"], PartitionKey="a", Data=json.dumps(document).encode()
    )
    return str(answer["SequenceNumber"])


@pytest.mark.parametrize("kind", ["milliseconds", "same keys", "no change"])
def test_records_of_others_are_neither_poison_nor_changes(deployed: Deployed, kind: str) -> None:
    item = task(list_id=f"list-{uuid4().hex[:8]}")
    document = capture(1, item, tableName="Orders")
    if kind == "milliseconds":
        document["dynamodb"]["ApproximateCreationDateTime"] //= 1000
    number = put(deployed, {"order": 7} if kind == "no change" else document)

    shown = deployed.streamctl(*TAIL)
    explained = deployed.streamctl("explain", number)

    assert number not in [each["sequenceNumber"] for each in shown.lines]
    assert explained.code == Exit.MISSING


def test_explain_skips_a_change_of_another_table_with_the_same_key(deployed: Deployed) -> None:
    list_id = f"list-{uuid4().hex[:8]}"
    deployed.write(task(list_id=list_id))
    (of_table,) = deployed.changes(list_id)
    number = put(deployed, capture(10**13, task(list_id=list_id), tableName="Orders"))

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert said.document["records"][0]["sequenceNumber"] == of_table["sequenceNumber"]
    assert number not in [each["sequenceNumber"] for each in said.document["records"]]
    assert said.document["isNewest"] is True
