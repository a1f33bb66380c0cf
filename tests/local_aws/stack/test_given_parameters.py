"""Parameters of a stack are told as they were given."""

import json
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config

from conftest import ClientOf

TEMPLATE = {
    "Parameters": {
        "Names": {"Type": "CommaDelimitedList"},
        "Sizes": {"Type": "List<Number>", "Default": "1,2"},
        "Secret": {"Type": "String", "NoEcho": True},
    },
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Select": [1, {"Ref": "Names"}]}}}
    },
    "Outputs": {"Secret": {"Value": {"Ref": "Secret"}}},
}


def told(client: Any, stack: str) -> dict[str, str]:
    (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}


def test_a_list_is_told_as_it_was_given_also_after_an_update_that_keeps_it(endpoint: str, client_of: ClientOf) -> None:
    patient = Config(read_timeout=120)  # the first stack of an endpoint takes seconds
    client, stack = boto3.client("cloudformation", endpoint_url=endpoint, config=patient), f"lists-{uuid4().hex[:8]}"
    given = {"Names": f"one,{stack}", "Sizes": "3,4", "Secret": "s"}
    listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    client.create_stack(StackName=stack, TemplateBody=json.dumps(TEMPLATE), Parameters=listed)
    before = told(client, stack)

    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in given]
    change = {"StackName": stack, "ChangeSetName": "next"}
    body = json.dumps(TEMPLATE | {"Description": "Another."})
    client.create_change_set(**change, ChangeSetType="UPDATE", TemplateBody=body, Parameters=kept)
    client.execute_change_set(**change)

    assert before == given | {"Secret": "****"}
    assert told(client, stack) == before
