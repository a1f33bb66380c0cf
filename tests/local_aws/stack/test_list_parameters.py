"""A parameter that holds a list is one, whether its value is given or its default."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from served_aws import Aws

TEMPLATE = {
    "Parameters": {
        "Currencies": {"Type": "CommaDelimitedList", "Default": "EUR, USD"},
        "Sizes": {"Type": "List<Number>", "Default": "1,2.5"},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {
        "Currencies": {"Value": {"Fn::Join": ["|", {"Ref": "Currencies"}]}},
        "Second": {"Value": {"Fn::Select": [1, {"Ref": "Sizes"}]}},
    },
}


def outputs(client: Any, stack: str) -> dict[str, str]:
    (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}


@pytest.mark.parametrize(("given", "joined"), [({}, "EUR|USD"), ({"Currencies": "CHF,EUR"}, "CHF|EUR")])
def test_a_created_stack_has_a_list_of_its_parameter(local: Aws, given: dict[str, str], joined: str) -> None:
    client, stack = local.client("cloudformation"), f"lists-{uuid4().hex[:8]}"
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]

    client.create_stack(StackName=stack, TemplateBody=json.dumps(TEMPLATE), Parameters=parameters)

    assert outputs(client, stack) == {"Currencies": joined, "Second": "2.5"}


def test_an_executed_change_set_has_a_list_of_its_default(local: Aws) -> None:
    client, stack = local.client("cloudformation"), f"lists-{uuid4().hex[:8]}"
    change = {"StackName": stack, "ChangeSetName": "first"}

    client.create_change_set(**change, ChangeSetType="CREATE", TemplateBody=json.dumps(TEMPLATE))
    client.execute_change_set(**change)

    assert outputs(client, stack)["Currencies"] == "EUR|USD"
