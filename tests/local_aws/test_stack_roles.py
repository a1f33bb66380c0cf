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


def test_an_inline_policy_needs_no_version(local: Aws) -> None:
    """SAM's policy templates, such as DynamoDBWritePolicy, write none."""
    document = {"Statement": [READ]}
    role = {"AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "Use", "PolicyDocument": document}]}
    naming = {"PolicyName": "Naming", "Roles": [{"Ref": "Role"}], "PolicyDocument": document}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Naming": {"Type": "AWS::IAM::Policy", "Properties": naming},
    }
    outputs = {"Role": {"Value": {"Ref": "Role"}}}

    local.client("cloudformation").create_stack(
        StackName="versionless", TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs})
    )

    (stack,) = local.client("cloudformation").describe_stacks(StackName="versionless")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    assert allowed(local, stack["Outputs"][0]["OutputValue"]) == [("Read", "*")]


def with_policies(action: str) -> str:
    """Return a template with a role that names one policy and is named by another; both allow an action."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Use", "Effect": "Allow", "Action": action, "Resource": "*"}],
    }
    role = {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [{"Ref": "Named"}]}
    naming = {"PolicyName": "Naming", "Roles": [{"Ref": "Role"}], "PolicyDocument": document}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Named": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}},
        "Naming": {"Type": "AWS::IAM::Policy", "Properties": naming},
    }
    return json.dumps({"Resources": resources, "Outputs": {"Role": {"Value": {"Ref": "Role"}}}})


def actions(local: Aws, role: str) -> list[str]:
    """Return what the policy that a role names allows, and what the policy that names it allows."""
    iam = local.client("iam")
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
    named = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
    naming = iam.get_role_policy(RoleName=role, PolicyName="Naming")["PolicyDocument"]
    return [document["Statement"][0]["Action"] for document in (named, naming)]


def test_policies_beside_a_role_are_changed_and_removed_with_their_stack(local: Aws) -> None:
    cloudformation, iam = local.client("cloudformation"), local.client("iam")
    cloudformation.create_stack(StackName="beside", TemplateBody=with_policies("sqs:SendMessage"))
    role = cloudformation.describe_stacks(StackName="beside")["Stacks"][0]["Outputs"][0]["OutputValue"]

    first = actions(local, role)
    cloudformation.update_stack(StackName="beside", TemplateBody=with_policies("sqs:ReceiveMessage"))
    second = actions(local, role)
    cloudformation.delete_stack(StackName="beside")

    assert (first, second) == (["sqs:SendMessage"] * 2, ["sqs:ReceiveMessage"] * 2)
    assert [each for each in iam.list_policies(Scope="Local")["Policies"] if "beside" in each["PolicyName"]] == []
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=role)
