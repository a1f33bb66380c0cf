"""GetTemplate answers with the template as it was given, and as it was transformed."""

import json
from typing import Any
from uuid import uuid4

from conftest import ClientOf

TABLE = {"Type": "AWS::Serverless::SimpleTable", "Metadata": {"Note": "as it was given"}}


def template(**resources: Any) -> str:
    return json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources})


def kinds(client: Any, stack: str, **stage: str) -> dict[str, str]:
    body = client.get_template(StackName=stack, **stage)["TemplateBody"]
    return {name: resource["Type"] for name, resource in body["Resources"].items()}


def test_a_created_and_updated_stack_has_the_template_of_its_last_update(client_of: ClientOf) -> None:
    client, stack = client_of("cloudformation"), f"stages-{uuid4().hex[:8]}"
    client.create_stack(StackName=stack, TemplateBody=template(Orders=TABLE))
    client.update_stack(StackName=stack, TemplateBody=template(Orders=TABLE, Sales=TABLE))

    assert kinds(client, stack) == dict.fromkeys(("Orders", "Sales"), "AWS::Serverless::SimpleTable")
    assert kinds(client, stack, TemplateStage="Processed") == dict.fromkeys(("Orders", "Sales"), "AWS::DynamoDB::Table")


def test_an_executed_change_set_brings_its_template(client_of: ClientOf) -> None:
    client, stack = client_of("cloudformation"), f"stages-{uuid4().hex[:8]}"
    for kind, body in (("CREATE", template(Orders=TABLE)), ("UPDATE", template(Orders=TABLE, Sales=TABLE))):
        change = {"StackName": stack, "ChangeSetName": kind.lower()}
        client.create_change_set(**change, ChangeSetType=kind, TemplateBody=body)
        client.execute_change_set(**change)

    assert kinds(client, stack) == dict.fromkeys(("Orders", "Sales"), "AWS::Serverless::SimpleTable")


def test_an_update_with_the_previous_template_keeps_it(client_of: ClientOf) -> None:
    client, stack = client_of("cloudformation"), f"stages-{uuid4().hex[:8]}"
    client.create_stack(StackName=stack, TemplateBody=template(Orders=TABLE))
    client.update_stack(StackName=stack, UsePreviousTemplate=True, Tags=[{"Key": "team", "Value": "orders"}])

    assert kinds(client, stack) == {"Orders": "AWS::Serverless::SimpleTable"}
