"""A role of a stack says what its template says, and is changed and removed with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from served_aws import ACCOUNT_ID, REGION, Aws

SEND = {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
READ = {"Sid": "Read", "Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def template(*statements: Any) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    role = {"AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "Use", "PolicyDocument": document}]}
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
    }
    conditions = {"Never": {"Fn::Equals": ["yes", "no"]}}
    return json.dumps(
        {"Conditions": conditions, "Resources": resources, "Outputs": {"Role": {"Value": {"Ref": "Role"}}}}
    )


def allowed(local: Aws, role: str) -> list[tuple[str, str]]:
    document = local.client("iam").get_role_policy(RoleName=role, PolicyName="Use")["PolicyDocument"]
    return [(statement["Sid"], statement["Resource"]) for statement in document["Statement"]]


def test_a_role_allows_what_its_template_says_until_it_says_something_else(local: Aws) -> None:
    cloudformation = local.client("cloudformation")
    maybe = {"Fn::If": ["Never", READ, {"Ref": "AWS::NoValue"}]}
    cloudformation.create_stack(StackName="roles", TemplateBody=template(SEND, maybe))
    (output,) = cloudformation.describe_stacks(StackName="roles")["Stacks"][0]["Outputs"]

    first = allowed(local, output["OutputValue"])
    cloudformation.update_stack(StackName="roles", TemplateBody=template(READ))
    second = allowed(local, output["OutputValue"])

    ((sid, queue),) = first
    assert sid == "Send"
    assert queue.startswith(f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:roles-Queue-")
    assert second == [("Read", "*")]


def test_a_role_goes_with_its_stack(local: Aws) -> None:
    cloudformation, iam = local.client("cloudformation"), local.client("iam")
    cloudformation.create_stack(StackName="passing", TemplateBody=template(READ))
    (output,) = cloudformation.describe_stacks(StackName="passing")["Stacks"][0]["Outputs"]

    cloudformation.delete_stack(StackName="passing")

    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=output["OutputValue"])
