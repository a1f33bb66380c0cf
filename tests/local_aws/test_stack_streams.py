"""Kinesis streams of a stack, and their consumers, as a later template changes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from served_aws import Aws

STREAM = {"Type": "AWS::Kinesis::Stream", "Properties": {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}}


def body(consumer: dict[str, Any] | None = None, **settings: Any) -> str:
    properties = STREAM["Properties"] | settings  # type: ignore[operator]
    resources: dict[str, Any] = {"Changes": STREAM | {"Properties": properties}}
    if consumer:
        of_stream = {"StreamARN": {"Fn::GetAtt": ["Changes", "Arn"]}}
        resources["Consumer"] = {"Type": "AWS::Kinesis::StreamConsumer", "Properties": consumer | of_stream}
    outputs = {"Name": {"Value": {"Ref": "Changes"}}, "Arn": {"Value": {"Fn::GetAtt": ["Changes", "Arn"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def outputs(local: Aws, stack: str) -> dict[str, str]:
    (found,) = local.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def test_settings_of_a_stream_change_in_place_and_go_back_to_their_defaults(local: Aws) -> None:
    stacks, kinesis = local.client("cloudformation"), local.client("kinesis")
    stacks.create_stack(StackName="settings", TemplateBody=body(MaxRecordSizeInKiB=3584))
    name = outputs(local, "settings")["Name"]
    found = []

    changes: list[dict[str, Any]] = [{"MaxRecordSizeInKiB": 2048, "RecordDistributionStrategy": "AUTO"}, {}]
    for settings in changes:
        stacks.update_stack(StackName="settings", TemplateBody=body(**settings))
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        found.append((summary["MaxRecordSizeInKiB"], summary["RecordDistributionStrategy"]))

    assert found == [(2048, "AUTO"), (1024, "USER_PARTITION_KEY")]


def tagged(name: str, stage: str) -> dict[str, Any]:
    return {"ConsumerName": name, "Tags": [{"Key": "stage", "Value": stage}]}


def test_a_consumer_with_other_tags_is_another_consumer_and_needs_another_name(local: Aws) -> None:
    stacks, kinesis = local.client("cloudformation"), local.client("kinesis")
    stacks.create_stack(StackName="tagged", TemplateBody=body(tagged("reader", "dev")))

    with pytest.raises(ClientError, match=r"Consumer cannot be updated: .*reader"):
        stacks.update_stack(StackName="tagged", TemplateBody=body(tagged("reader", "prod")))
    stacks.update_stack(StackName="tagged", TemplateBody=body(tagged("reader-2", "prod")))

    consumers = kinesis.list_stream_consumers(StreamARN=outputs(local, "tagged")["Arn"])["Consumers"]
    assert [each["ConsumerName"] for each in consumers] == ["reader-2"]
