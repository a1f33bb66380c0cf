"""Whether a role is allowed something, as far as a template tells; where it does not, it is taken to be."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from mapping_lint.references import listed, mentions, target
from mapping_lint.template import MANAGED_POLICY, POLICY, ROLE_POLICY, Json, Template

SENDING_NOTHING = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
)
"""Policies of AWS's that functions often have, and that send to no destination. What others allow is not in sight."""

OF_RESOURCES = (
    "AWS::SQS::QueuePolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::S3::BucketPolicy",
)


def allows(template: Template, role: str, action: str, resource: str) -> bool:
    """Tell whether a role of the template is allowed an action on a resource of it, or might be."""
    managed = [each for each in listed(template.named(role).get("ManagedPolicyArns", [])) if each]
    return (
        any(_out_of_sight(template, arn) for arn in managed)
        or any(
            _grants(template, statement, action, resource)
            for document in _documents(template, role, managed)
            for statement in _statements(document)
        )
        or any(
            "Service" not in str(statement.get("Principal")) and _does(statement, action)
            for type_ in OF_RESOURCES
            for _, policy in template.properties(type_)
            if resource in mentions(policy)
            for statement in _statements(policy.get("PolicyDocument"))
        )
    )


def _out_of_sight(template: Template, arn: Any) -> bool:
    if template.type_of(target(arn)) == MANAGED_POLICY:
        return False
    return not any(name in str(arn) for name in SENDING_NOTHING)


def _documents(template: Template, role: str, managed: list[Any]) -> Iterator[Any]:
    for policy in listed(template.named(role).get("Policies", [])):
        yield policy.get("PolicyDocument") if isinstance(policy, dict) else None
    attached = {target(arn) for arn in managed}
    for type_ in (POLICY, ROLE_POLICY, MANAGED_POLICY):
        for name, policy in template.properties(type_):
            if name in attached or role in mentions([policy.get("Roles"), policy.get("RoleName")]):
                yield policy.get("PolicyDocument")


def _statements(document: Any) -> Iterator[Json]:
    written = listed(document.get("Statement", [])) if isinstance(document, dict) else []
    yield from (each for each in written if isinstance(each, dict) and each.get("Effect") == "Allow")


def _grants(template: Template, statement: Json, action: str, resource: str) -> bool:
    if not _does(statement, action):
        return False
    if "NotResource" in statement:
        return True
    return any(_covers(template, each, action, resource) for each in listed(statement.get("Resource", [])))


def _does(statement: Json, action: str) -> bool:
    """Names of actions are the same in any case (IAM User Guide, "Action")."""
    patterns = [str(each).lower() for each in listed(statement.get("Action", []))]
    return "NotAction" in statement or any(fnmatchcase(action.lower(), pattern) for pattern in patterns)


def _covers(template: Template, written: Any, action: str, resource: str) -> bool:
    """A name that is made up elsewhere might be that of the resource; a whole one is not, unless it is given there."""
    if isinstance(written, str):
        service = action.partition(":")[0]
        given = [str(value) for name, value in template.named(resource).items() if name.endswith("Name")]
        of_service = written == "*" or fnmatchcase(f":{service}:", f":{(written.split(':') + ['*'] * 3)[2]}:")
        return of_service and ("*" in written or any(written.endswith(name) for name in given))
    mentioned = set(mentions(written))
    return resource in mentioned or not any(template.type_of(name) for name in mentioned)
