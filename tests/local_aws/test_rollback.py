"""A stack that cannot be made leaves nothing behind but what is to be retained, and says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from local_aws.runtime import Runtime
from sam_templates.errors import TemplateError
from served_aws import ACCOUNT_ID, REGION, Aws

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
}
FAULTY: dict[str, Any] = {
    "Resources": {
        "Table": TABLE,
        "NewTable": TABLE | {"DeletionPolicy": "RetainExceptOnCreate"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Reader": {
            "Type": "AWS::Kinesis::StreamConsumer",
            "DependsOn": ["Table", "NewTable", "Topic"],
            "Properties": {
                "ConsumerName": "reader",
                "StreamARN": f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/none",
            },
        },
    }
}


def create(local: Aws, name: str) -> None:
    local.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(FAULTY))


def execute_change_set(local: Aws, name: str) -> None:
    stacks = local.client("cloudformation")
    stacks.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=json.dumps(FAULTY)
    )
    stacks.execute_change_set(StackName=name, ChangeSetName="first")


@pytest.mark.parametrize("make", [create, execute_change_set])
def test_a_rolled_back_stack_has_the_template_that_failed(local: Aws, make: Any) -> None:
    """The SAM CLI asks for its summary when it is run again."""
    stacks, name = local.client("cloudformation"), f"summary-{make.__name__.replace('_', '-')}"
    make(local, name)

    summary = stacks.get_template_summary(StackName=name)

    assert sorted(summary["ResourceTypes"]) == sorted(each["Type"] for each in FAULTY["Resources"].values())


@pytest.mark.parametrize("make", [create, execute_change_set])
def test_a_stack_that_cannot_be_made_is_rolled_back(local: Aws, make: Any) -> None:
    stacks, name = local.client("cloudformation"), make.__name__.replace("_", "-")

    make(local, name)

    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    reasons = [
        event.get("ResourceStatusReason", "") for event in stacks.describe_stack_events(StackName=name)["StackEvents"]
    ]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Reader cannot be created" in reason for reason in reasons)
    kept = [table for table in local.client("dynamodb").list_tables()["TableNames"] if table.startswith(name)]
    assert [table.removeprefix(f"{name}-").rpartition("-")[0] for table in kept] == ["Table"]
    assert local.client("sns").list_topics()["Topics"] == []


def test_its_name_is_free_once_it_is_deleted(local: Aws) -> None:
    stacks = local.client("cloudformation")
    create(local, "again")
    stacks.delete_stack(StackName="again")

    stacks.create_stack(StackName="again", TemplateBody=json.dumps({"Resources": {"Table": TABLE}}))

    assert stacks.describe_stacks(StackName="again")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_file_whose_stack_cannot_be_rolled_back_either_is_told_what_is_left(
    runtime: Runtime, local: Aws, tmp_path: Path
) -> None:
    (tmp_path / "template.json").write_text(json.dumps(FAULTY))
    refusal: Any = {"service": "dynamodb", "operation": "DeleteTable", "error": "ResourceInUseException", "seconds": 60}
    requests.post(f"{runtime.url}/_local/refusals", json=refusal, timeout=5).raise_for_status()

    with pytest.raises(TemplateError, match=r"Reader cannot be created: .*; .*NewTable.*ResourceInUseException"):
        runtime.create_stack(tmp_path / "template.json", "stuck", {})

    (stack,) = local.client("cloudformation").describe_stacks(StackName="stuck")["Stacks"]
    requests.delete(f"{runtime.url}/_local/refusals", timeout=5).raise_for_status()
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    with pytest.raises(TemplateError, match="Reader cannot be created"):
        runtime.create_stack(tmp_path / "template.json", "stuck", {})
    tables = local.client("dynamodb").list_tables()["TableNames"]
    assert [name for name in tables if name.startswith("stuck-NewTable")] == []
