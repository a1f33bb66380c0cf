"""Rules for permissions, storage, names, parameters and logs."""

from collections.abc import Iterable, Iterator
from typing import Any

from mapping_lint.references import listed, mentions, target
from mapping_lint.template import (
    ALARM,
    BUCKET,
    FUNCTION,
    MANAGED_POLICY,
    QUEUE,
    ROLE,
    STREAM,
    TABLE,
    TOPIC,
    Json,
    Template,
)
from template.application import LOG_GROUP, statements_of
from template.rule import Rule

STATEFUL = (TABLE, STREAM, QUEUE, BUCKET, LOG_GROUP, TOPIC)
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:DescribeAlarms"}
"""Actions for which IAM knows no resource (AWS's service authorization reference, X-Ray), and the one that CodeDeploy
needs on every alarm (AWS's managed policy AWSCodeDeployRoleForLambda)."""
PHYSICAL_NAMES = {
    "BucketName", "FunctionName", "LayerName", "LogGroupName", "ManagedPolicyName", "QueueName", "RoleName",
    "TableName", "TopicName",
}  # fmt: skip


def statements(template: Template) -> Iterator[tuple[str, Json]]:
    """What the roles allow."""
    for name, _ in template.properties(ROLE):
        for statement in statements_of(template, name):
            if statement["Effect"] == "Allow":
                yield name, statement


def wide_actions(template: Template) -> Iterable[str]:
    for name, statement in statements(template):
        for action in listed(statement["Action"]):
            if "*" in action:
                yield f"{name} allows {action}"


def wide_resources(template: Template) -> Iterable[str]:
    for name, statement in statements(template):
        actions = set(listed(statement["Action"]))
        if "*" in listed(statement["Resource"]) and not actions <= WITHOUT_RESOURCE:
            yield f"{name} allows {', '.join(sorted(actions))} on everything"


def managed_policies(template: Template) -> Iterable[str]:
    for name, role in template.properties(ROLE):
        for policy in role.get("ManagedPolicyArns", []):
            if template.type_of(target(policy)) == MANAGED_POLICY:
                continue
            yield f"{name} takes over {policy}"


def nameless_statements(template: Template) -> Iterable[str]:
    for name, statement in statements(template):
        if "Sid" not in statement:
            yield f"{name} allows {statement['Action']} without saying what for"


def physical_names(template: Template) -> Iterable[str]:
    for name, resource in template.written["Resources"].items():
        given = PHYSICAL_NAMES & resource.get("Properties", {}).keys()
        if resource["Type"] == STREAM and "Name" in resource.get("Properties", {}):
            given = given | {"Name"}
        for attribute in sorted(given):
            yield f"{name} fixes its {attribute}"


def readable_at_rest(template: Template) -> Iterable[str]:
    for name, table in template.properties(TABLE):
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name} is not encrypted with a key of this account"
    for name, queue in template.properties(QUEUE):
        if not (queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId")):
            yield f"{name} is not encrypted"
    of_alarms = {target(arn) for _, alarm in template.properties(ALARM) for arn in alarm.get("AlarmActions", [])}
    for name, topic in template.properties(TOPIC):
        # CloudWatch cannot use the key that AWS manages (CloudWatch User Guide, "Notify users on alarm changes")
        if not topic.get("KmsMasterKeyId") and name not in of_alarms:
            yield f"{name} is not encrypted"
    for name, stream in template.properties(STREAM):
        if "StreamEncryption" not in stream:
            yield f"{name} is not encrypted"
    for name, bucket in template.properties(BUCKET):
        if "BucketEncryption" not in bucket:
            yield f"{name} is not encrypted"


def unrecoverable_tables(template: Template) -> Iterable[str]:
    for name, table in template.properties(TABLE):
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} cannot be restored to a point in time"


def fates_left_open(template: Template) -> Iterable[str]:
    for name, resource in template.of_type(*STATEFUL):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if policy not in resource:
                yield f"{name} does not say its {policy}"


def open_buckets(template: Template) -> Iterable[str]:
    refusing = {
        target(policy["Bucket"])
        for _, policy in template.properties("AWS::S3::BucketPolicy")
        if any(_refuses_plain_http(statement) for statement in policy["PolicyDocument"]["Statement"])
    }
    for name, bucket in template.properties(BUCKET):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if sum(value is True for value in block.values()) < 4:
            yield f"{name} may be made public"
        if bucket.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield f"{name} forgets what is overwritten"
        if name not in refusing:
            yield f"{name} answers without TLS"


def _refuses_plain_http(statement: Json) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and str(condition).lower() == "false"


def logs_for_ever(template: Template) -> Iterable[str]:
    kept = {name for name, group in template.properties(LOG_GROUP) if "RetentionInDays" in group}
    for name, function in template.properties(FUNCTION):
        if target(function.get("LoggingConfig", {}).get("LogGroup")) not in kept:
            yield f"{name} logs into no log group of this template that has a retention"


def vague_parameters(template: Template) -> Iterable[str]:
    body = {part: value for part, value in template.written.items() if part != "Parameters"}
    used = set(mentions(body)) | set(mentions(template.deployed["Resources"]))
    for name, parameter in template.written.get("Parameters", {}).items():
        if "Description" not in parameter:
            yield f"{name} is not described"
        if not _bounded(parameter):
            yield f"{name} takes any value"
        if name not in used:
            yield f"{name} is not used"


def _bounded(parameter: dict[str, Any]) -> bool:
    return "AllowedValues" in parameter or "AllowedPattern" in parameter or {"MinValue", "MaxValue"} <= parameter.keys()


RESOURCE_RULES = (
    Rule("actions-are-exact", "a role that may do what its function never does", wide_actions),
    Rule("resources-are-exact", "a function that reaches a stranger's table", wide_resources),
    Rule("no-managed-policies", "they allow their actions on every resource", managed_policies),
    Rule("statements-have-names", "nobody dares to remove what nobody can explain", nameless_statements),
    Rule("no-physical-names", "a second stack in the account collides with the first", physical_names),
    Rule("everything-is-encrypted", "tasks are readable at rest", readable_at_rest),
    Rule("tables-can-be-restored", "a mistaken write is final", unrecoverable_tables),
    Rule("fates-are-chosen", "what a deleted stack takes along is chosen, not met with", fates_left_open),
    Rule("buckets-are-closed", "payloads leak, or are overwritten", open_buckets),
    Rule("logs-end", "logs that are kept for ever are paid for ever", logs_for_ever),
    Rule("parameters-are-bounded", "a value that the system was never meant to run with", vague_parameters),
)
