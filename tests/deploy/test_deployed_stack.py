"""The stack as `sam deploy` brings it up on an emulator that is not ours."""

from typing import Any

from deploy.conftest import ClientAt
from deploy.processes import eventually

LIMIT = 60


def test_a_write_to_the_deployed_table_is_seen_in_the_deployed_view(
    deployed: dict[str, str], client_at_emulator: ClientAt
) -> None:
    dynamodb = client_at_emulator("dynamodb")
    task = {
        "listId": {"S": "groceries"},
        "taskId": {"S": "task-1"},
        "description": {"S": "Buy milk"},
        "status": {"S": "open"},
        "createdDate": {"S": "2026-01-01T09:00:00Z"},
    }

    dynamodb.put_item(TableName=deployed["TasksTableName"], Item=task)
    eventually(lambda: totals(dynamodb, deployed) == {"total": 1, "open": 1}, LIMIT, "the task to be counted")

    dynamodb.put_item(TableName=deployed["TasksTableName"], Item=task | {"status": {"S": "done"}})
    eventually(lambda: totals(dynamodb, deployed) == {"total": 1, "done": 1}, LIMIT, "the task to be counted as done")


def test_the_three_mappings_come_up_with_the_settings_of_the_template(
    deployed: dict[str, str], client_at_emulator: ClientAt
) -> None:
    mappings = client_at_emulator("lambda").list_event_source_mappings()["EventSourceMappings"]

    settings = {mapping["FunctionArn"].split(":")[6]: mapping for mapping in mappings}

    assert settings[deployed["CountTasksFunctionName"]]["MaximumRecordAgeInSeconds"] == 3600
    assert settings[deployed["RecordHistoryFunctionName"]]["MaximumRecordAgeInSeconds"] == 21600
    assert settings[deployed["RecoverBatchesFunctionName"]]["ScalingConfig"] == {"MaximumConcurrency": 2}


def totals(dynamodb: Any, deployed: dict[str, str]) -> dict[str, int]:
    """The totals of the list, those that are zero aside."""
    key = {"listId": {"S": "groceries"}, "taskId": {"S": "#totals"}}
    row = dynamodb.get_item(TableName=deployed["TaskCountsTableName"], Key=key).get("Item", {})
    counts = {name: int(value["N"]) for name, value in row.items() if "N" in value}
    return {name: count for name, count in counts.items() if count and name != "expiresAt"}
