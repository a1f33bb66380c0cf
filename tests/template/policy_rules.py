"""Rules for who may act on queues, topics and roles, and for what a failed creation and a replacement leave."""

from collections.abc import Iterable, Iterator
from typing import Any

from mapping_lint.references import listed, target
from mapping_lint.template import QUEUE, ROLE, STREAM, TOPIC, Json, Template
from template.rule import Rule

POLICIES = {
    QUEUE: ("AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
    TOPIC: ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
}
"""By type of resource: its policy's type, the property that lists what the policy is for, and the actions to refuse.

A topic's policy takes no ``sns:*`` (SNS: "Policy statement action out of service scope").
"""

SAME = ("StringEquals", "StringEqualsIfExists")


def statements_about(template: Template, kind: str, name: str) -> Iterator[Json]:
    """The statements of the policies of one queue or topic."""
    policy, covers, _ = POLICIES[kind]
    for _, properties in template.properties(policy):
        if name in map(target, properties[covers]):
            yield from listed(properties["PolicyDocument"]["Statement"])


def plain_http(template: Template) -> Iterable[str]:
    for kind, (_, _, action) in POLICIES.items():
        for name, _ in template.of_type(kind):
            if not any(_refuses(one, action, name) for one in statements_about(template, kind, name)):
                yield f"{name} answers without TLS"


def _refuses(statement: Json, action: str, name: str) -> bool:
    secure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and action in listed(statement["Action"])
        and name in map(target, listed(statement["Resource"]))
        and str(secure).lower() == "false"
    )


def services_for_anybody(template: Template) -> Iterable[str]:
    for kind in POLICIES:
        for name, _ in template.of_type(kind):
            for statement in statements_about(template, kind, name):
                if statement["Effect"] == "Allow" and not _names_its_source(statement):
                    yield f"{name} lets {_principal(statement)} in for whoever asks it to"


def _names_its_source(statement: Json) -> bool:
    """Whether a service may act for resources of one account alone: an ARN with an account, or an account beside it."""
    keys = {key: value for condition in statement.get("Condition", {}).values() for key, value in condition.items()}
    source = keys.get("aws:SourceArn")
    return source is not None and (target(source) is not None or keys.get("aws:SourceAccount") == _THIS_ACCOUNT)


_THIS_ACCOUNT = {"Ref": "AWS::AccountId"}


def _principal(statement: Json) -> str:
    principal: Any = statement["Principal"]
    return str(principal["Service"] if isinstance(principal, dict) and "Service" in principal else principal)


def roles_for_anybody(template: Template) -> Iterable[str]:
    for name, role in template.properties(ROLE):
        for statement in listed(role["AssumeRolePolicyDocument"]["Statement"]):
            condition = statement.get("Condition", {})
            if not any(condition.get(one, {}).get("aws:SourceAccount") == _THIS_ACCOUNT for one in SAME):
                yield f"{name} trusts {_principal(statement)}, whatever account asks it to"


def orphans_of_a_failed_creation(template: Template) -> Iterable[str]:
    for name, resource in template.written["Resources"].items():
        if resource.get("DeletionPolicy") == "Retain":
            yield f"{name} stays when its creation fails"


def replaced_at_will(template: Template) -> Iterable[str]:
    """CloudFormation takes RetainExceptOnCreate for DeletionPolicy alone."""
    for name, resource in template.written["Resources"].items():
        policy = resource.get("UpdateReplacePolicy", "Delete")
        if policy not in ("Delete", "Retain", "Snapshot"):
            yield f"{name} has no UpdateReplacePolicy {policy}"
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate" and policy != "Retain":
            yield f"{name} is lost when it is replaced"


def scattered_keys(template: Template) -> Iterable[str]:
    for name, stream in template.properties(STREAM):
        on_demand = stream.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
        if on_demand and stream.get("RecordDistributionStrategy") != "USER_PARTITION_KEY":
            yield f"{name} does not say that records of a key share a shard"


POLICY_RULES = (
    Rule("queues-and-topics-want-tls", "messages are read on their way", plain_http),
    Rule("services-act-for-named-sources", "a stranger has a service write into our queue", services_for_anybody),
    Rule("roles-trust-one-account", "a stranger has a service take our role", roles_for_anybody),
    Rule(
        "failed-creations-leave-nothing",
        "the next attempt leaves more of them",
        orphans_of_a_failed_creation,
    ),
    Rule("replacement-loses-nothing", "an update removes what a deletion would keep", replaced_at_will),
    Rule("streams-keep-the-order-of-a-key", "changes of an item overtake each other in other shards", scattered_keys),
)
