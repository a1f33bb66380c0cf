"""What a stack publishes under an alias: a version for every change, which the alias is shifted to at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.runtime import Runtime
from served_aws import ACCOUNT_ID, REGION, AdjustableClock, Aws

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Name: {Type: String, Default: one}}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: code/
      Environment: {Variables: {NAME: !Ref Name}}
      AutoPublishAlias: live
      AutoPublishAliasAllProperties: true
      VersionDescription: !Ref Name
      DeploymentPreference: {Type: Canary10Percent5Minutes, Role: "arn:aws:iam::123456789012:role/deploys"}
      Events:
        Messages: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
  Queue: {Type: AWS::SQS::Queue}
Outputs: {Alias: {Value: !Ref Function.Alias}, Name: {Value: !Ref Function}}
"""


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Runtime, Aws, Path]]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(
        "import os\n\ndef handler(event, context):\n    return os.environ['NAME']\n"
    )
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with Runtime(ACCOUNT_ID, REGION, poll_interval=0.05) as runtime:
        served = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
        yield runtime, served, tmp_path / "template.yaml"
        served.close()


def test_another_parameter_is_another_version_and_the_alias_and_its_mapping_follow(
    local: tuple[Runtime, Aws, Path],
) -> None:
    runtime, aws, template = local
    outputs = runtime.create_stack(template, "published", {})
    first = told(aws, outputs["Alias"])
    mapped = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]

    runtime.create_stack(template, "published", {"Name": "two"})

    assert first == ("one", "1")
    assert told(aws, outputs["Alias"]) == ("two", "2")
    assert [mapping["FunctionArn"] for mapping in mapped] == [outputs["Alias"]]
    assert aws.client("lambda").get_alias(FunctionName=outputs["Name"], Name="live").get("RoutingConfig") is None


def test_a_changed_property_is_another_version_of_the_changed_function(local: tuple[Runtime, Aws, Path]) -> None:
    runtime, aws, template = local
    outputs = runtime.create_stack(template, "published", {})

    template.write_text(TEMPLATE.replace("CodeUri", "Timeout: 9\n      CodeUri"))
    runtime.create_stack(template, "published", {})

    live = aws.client("lambda").get_function_configuration(FunctionName=outputs["Alias"])
    assert (live["Timeout"], live["Version"]) == (9, "2")


def told(aws: Aws, function: str) -> tuple[Any, str]:
    answer = aws.client("lambda").invoke(FunctionName=function)
    return json.load(answer["Payload"]), answer["ExecutedVersion"]
