"""Resources that stay when their stack goes, or when its template no longer has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from served_aws import Aws

POLICIES = ["Retain", "RetainExceptOnCreate", "Delete"]
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
}
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}
TABLES = {f"Table{policy}": TABLE | {"DeletionPolicy": policy} for policy in POLICIES}


def of_stack(local: Aws, name: str) -> list[str]:
    """The logical ids of a stack's tables that exist."""
    tables = [each for each in local.client("dynamodb").list_tables()["TableNames"] if each.startswith(f"{name}-")]
    return sorted(each.removeprefix(f"{name}-").rpartition("-")[0] for each in tables)


def body(resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def update(stacks: Any, name: str) -> None:
    stacks.update_stack(StackName=name, TemplateBody=body(TOPIC))


def execute_change_set(stacks: Any, name: str) -> None:
    stacks.create_change_set(StackName=name, ChangeSetName="next", ChangeSetType="UPDATE", TemplateBody=body(TOPIC))
    stacks.execute_change_set(StackName=name, ChangeSetName="next")


def delete(stacks: Any, name: str) -> None:
    stacks.delete_stack(StackName=name)


@pytest.mark.parametrize("remove", [update, execute_change_set, delete])
def test_what_is_retained_stays_once_it_was_created(local: Aws, remove: Any) -> None:
    stacks, name = local.client("cloudformation"), f"stays-{remove.__name__.replace('_', '-')}"
    stacks.create_stack(StackName=name, TemplateBody=body(TABLES | TOPIC))

    remove(stacks, name)

    assert of_stack(local, name) == ["TableRetain", "TableRetainExceptOnCreate"]
