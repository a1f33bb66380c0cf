"""Rules for quotas of AWS that each new consumer uses up some more of."""

import json
from collections.abc import Iterable
from typing import Any

from mapping_lint.references import IN_SUB, listed, target
from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import (
    ALARM,
    CONSUMER,
    FUNCTION,
    MANAGED_POLICY,
    POLICY,
    ROLE,
    STREAM,
    Template,
)

ALARM_METRICS = ALARM_EXPRESSIONS = 10
"""Metrics, and expressions, that one alarm takes (CloudWatch User Guide, "CloudWatch service quotas")."""

SHARD_READS = 5
"""Reads a second of one shard by all shared readers. Lambda reads once a second for each mapping."""

REGISTERED_CONSUMERS = 20
"""Consumers with enhanced fan-out of one stream (Kinesis Developer Guide, "Quotas and limits")."""

ENVIRONMENT_BYTES = 4096
"""The variables of one function, names and values together (Lambda Developer Guide, "Lambda quotas")."""

INLINE_POLICY_CHARACTERS = 10_240
MANAGED_POLICY_CHARACTERS = 6_144
"""All inline policies of a role, and one managed policy, without white space (IAM User Guide, "IAM and STS quotas")."""

STACK_RESOURCES = 500
"""The resources of one stack (CloudFormation User Guide, "Understand CloudFormation quotas")."""

LONGEST_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:" + 64 * "f"
"""An estimate for each value that only the deployment knows: the ARN of a function with the longest name."""

DOCUMENTATION = "https://docs.aws.amazon.com"


def crowded_alarms(template: Template) -> Iterable[Complaint]:
    for name, alarm in template.properties(ALARM):
        queries = [query for query in listed(alarm.get("Metrics")) if isinstance(query, dict)]
        metrics = sum("MetricStat" in query for query in queries)
        expressions = sum("Expression" in query for query in queries)
        if metrics > ALARM_METRICS:
            yield Complaint(name, f"reads {metrics} metrics, and an alarm takes {ALARM_METRICS}: split it into two")
        if expressions > ALARM_EXPRESSIONS:
            yield Complaint(
                name, f"has {expressions} expressions, and an alarm takes {ALARM_EXPRESSIONS}: split it into two"
            )


def crowded_shards(template: Template) -> Iterable[Complaint]:
    """A mapping that can be given its own reads by a parameter does not count: its deployer chooses."""
    sources = [target(mapping.properties.get("EventSourceArn")) for mapping in template.stream_mappings()]
    for stream, _ in template.of_type(STREAM):
        if (shared := sources.count(stream)) > SHARD_READS:
            yield Complaint(
                stream,
                f"has {shared} mappings that share its reads, and a shard takes {SHARD_READS} a second: "
                "give one mapping a registered consumer (AWS::Kinesis::StreamConsumer)",
            )


def registered_consumers(template: Template) -> Iterable[Complaint]:
    streams = [target(consumer.get("StreamARN")) for _, consumer in template.properties(CONSUMER)]
    for stream in filter(None, dict.fromkeys(streams)):
        if (registered := streams.count(stream)) > REGISTERED_CONSUMERS:
            yield Complaint(
                stream,
                f"has {registered} registered consumers, and a stream takes {REGISTERED_CONSUMERS}: "
                "let one function feed two views, or copy the stream",
            )


def full_environments(template: Template) -> Iterable[Complaint]:
    for function, properties in template.properties(FUNCTION):
        variables = (properties.get("Environment") or {}).get("Variables") or {}
        size = sum(len(name) + len(str(_deployed(value))) for name, value in variables.items())
        if size > ENVIRONMENT_BYTES:
            yield Complaint(
                function,
                f"has variables of up to {size:,} bytes, and Lambda takes {ENVIRONMENT_BYTES:,}: "
                "move the longest into a parameter of Systems Manager",
            )


def full_policies(template: Template) -> Iterable[Complaint]:
    for name, role in template.properties(ROLE):
        attached = [
            policy
            for _, policy in template.properties(POLICY)
            if name in {target(each) for each in listed(policy.get("Roles"))}
        ]
        size = sum(_longest(policy["PolicyDocument"]) for policy in [*listed(role.get("Policies")), *attached])
        if size > INLINE_POLICY_CHARACTERS:
            yield Complaint(name, _too_long("inline policies", size, INLINE_POLICY_CHARACTERS))
    for name, policy in template.properties(MANAGED_POLICY):
        size = _longest(policy["PolicyDocument"])
        if size > MANAGED_POLICY_CHARACTERS:
            yield Complaint(name, _too_long("a document", size, MANAGED_POLICY_CHARACTERS))


def _too_long(what: str, size: int, allowed: int) -> str:
    return f"has {what} of up to {size:,} characters, and IAM takes {allowed:,}: move statements into a managed policy"


def large_stacks(template: Template) -> Iterable[Complaint]:
    resources = template.deployed["Resources"]
    if len(resources) > STACK_RESOURCES:
        last = list(resources)[STACK_RESOURCES]
        yield Complaint(
            last,
            f"is one of {len(resources)} resources, and a stack takes {STACK_RESOURCES}: "
            "move some consumers into a stack of their own",
        )


def _longest(value: Any) -> int:
    """Return the most characters that a value can have when it is deployed, as JSON without white space."""
    return len(json.dumps(_deployed(value), separators=(",", ":"), default=str))


def _deployed(value: Any) -> Any:
    """Return a value with an ARN for each of its parts that only the deployment knows."""
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(str, _deployed(parts)))
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            return IN_SUB.sub(LONGEST_ARN, text)
        case dict() if any(name == "Ref" or name.startswith("Fn::") for name in value):
            return LONGEST_ARN
        case dict():
            return {name: _deployed(inner) for name, inner in value.items()}
        case list():
            return [_deployed(inner) for inner in listed(value)]
    return value


RULES = (
    Rule(
        "alarms-take-ten-metrics",
        "CloudWatch refuses the alarm, and with it the deployment",
        f"{DOCUMENTATION}/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        crowded_alarms,
    ),
    Rule(
        "shards-take-five-reads",
        "all functions that share the reads are throttled in turn, and fall behind",
        f"{DOCUMENTATION}/streams/latest/dev/service-sizes-and-limits.html",
        crowded_shards,
    ),
    Rule(
        "streams-take-twenty-consumers",
        "Kinesis refuses the consumer, and with it the deployment",
        f"{DOCUMENTATION}/streams/latest/dev/service-sizes-and-limits.html",
        registered_consumers,
    ),
    Rule(
        "environments-fit",
        "Lambda refuses the function, and with it the deployment",
        f"{DOCUMENTATION}/lambda/latest/dg/gettingstarted-limits.html",
        full_environments,
    ),
    Rule(
        "policies-fit",
        "IAM refuses the role, and with it the deployment",
        f"{DOCUMENTATION}/IAM/latest/UserGuide/reference_iam-quotas.html",
        full_policies,
    ),
    Rule(
        "stacks-take-500-resources",
        "CloudFormation refuses the template",
        f"{DOCUMENTATION}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
        large_stacks,
    ),
)
