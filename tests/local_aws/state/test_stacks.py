"""A stack outlives the endpoint that made it, and can still be changed and deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local_aws.runtime import Runtime
from served_aws import ACCOUNT_ID, REGION, AdjustableClock, Aws

STACK: dict[str, Any] = {
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
    },
    "Outputs": {"TableName": {"Value": {"Ref": "Table"}}},
}


@contextmanager
def endpoint_with(state: Path) -> Iterator[Aws]:
    with Runtime(ACCOUNT_ID, REGION, state=state) as runtime:
        aws = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
        yield aws
        aws.close()


def test_a_stack_is_there_again_and_can_be_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with endpoint_with(tmp_path) as aws:
        aws.client("cloudformation").create_stack(StackName="app", TemplateBody=json.dumps(STACK))

    with endpoint_with(tmp_path) as aws:
        stacks = aws.client("cloudformation")
        (stack,) = stacks.describe_stacks(StackName="app")["Stacks"]
        tables = aws.client("dynamodb").list_tables()["TableNames"]
        stacks.delete_stack(StackName="app")

        assert tables == [stack["Outputs"][0]["OutputValue"]]
        assert aws.client("dynamodb").list_tables()["TableNames"] == []
        assert aws.client("sns").list_topics()["Topics"] == []
        assert "QueueUrls" not in aws.client("sqs").list_queues()


def test_a_stack_from_a_file_is_brought_up_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    template, state = tmp_path / "template.yaml", tmp_path / "state"
    template.write_text(json.dumps(STACK))
    with Runtime(ACCOUNT_ID, REGION, state=state) as runtime:
        first = runtime.create_stack(template, "app", {})
    extended = STACK | {"Resources": STACK["Resources"] | {"Other": {"Type": "AWS::SQS::Queue"}}}
    template.write_text(json.dumps(extended))

    with Runtime(ACCOUNT_ID, REGION, state=state) as runtime:
        kept = dict(runtime.endpoint.outputs)
        second = runtime.create_stack(template, "app", {})
        aws = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
        queues = aws.client("sqs").list_queues()["QueueUrls"]
        aws.close()

    assert first == kept == second
    assert len(queues) == 2
