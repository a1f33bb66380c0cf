"""The template's tables, streams, queues, topics, buckets and functions, made in memory."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from event_source_mapping.memory import DataStream
from simulation.memory_aws.aws import MemoryAws
from simulation.stack import SimulatedStack

SHARDS = 2
"""That a stream begins with; then they split and merge."""


def make(aws: MemoryAws, stack: SimulatedStack) -> None:
    """Make what holds records and messages."""
    _make_tables(aws, stack)
    for name, properties in stack.of_type("AWS::Kinesis::Stream"):
        longest = {key: properties[key] for key in ("MaxRecordSizeInKiB",) if key in properties}
        aws.client("kinesis").create_stream(StreamName=name, ShardCount=SHARDS, **longest)
        stream = data_stream(aws, stack, name)
        stream.store.limits = replace(stream.store.limits, retention=properties["RetentionPeriodHours"] * 3600.0)
    _make_queues(aws, stack)
    for name, _ in stack.of_type("AWS::SNS::Topic"):
        aws.client("sns").create_topic(Name=name)
    for _, properties in stack.of_type("AWS::SNS::Subscription"):
        raw = {"RawMessageDelivery": str(properties["RawMessageDelivery"]).lower()}
        aws.client("sns").subscribe(
            TopicArn=properties["TopicArn"], Protocol="sqs", Endpoint=properties["Endpoint"], Attributes=raw
        )
    for name, properties in stack.of_type("AWS::S3::Bucket"):
        _make_bucket(aws.client("s3"), name, properties)


def data_stream(aws: MemoryAws, stack: SimulatedStack, name: str) -> DataStream:
    """Return a Kinesis stream by its logical id."""
    return aws.kinesis().streams[stack.resolver.arn(name)]


def _make_tables(aws: MemoryAws, stack: SimulatedStack) -> None:
    for name, properties in stack.of_type("AWS::DynamoDB::Table"):
        wanted = {key: properties[key] for key in ("AttributeDefinitions", "KeySchema")}
        if "StreamSpecification" in properties:
            wanted["StreamSpecification"] = {"StreamEnabled": True} | properties["StreamSpecification"]
        aws.client("dynamodb").create_table(TableName=name, **wanted)


def _make_queues(aws: MemoryAws, stack: SimulatedStack) -> None:
    """Make the queues, those first that others give their messages to."""
    queues = sorted(stack.of_type("AWS::SQS::Queue"), key=lambda queue: "RedrivePolicy" in queue[1])
    for name, properties in queues:
        attributes: dict[str, str] = {
            key: str(properties[key]) for key in ("VisibilityTimeout", "MessageRetentionPeriod") if key in properties
        }
        if "RedrivePolicy" in properties:
            attributes["RedrivePolicy"] = json.dumps(properties["RedrivePolicy"])
        aws.client("sqs").create_queue(QueueName=name, Attributes=attributes)


def _make_bucket(client: Any, name: str, properties: Mapping[str, Any]) -> None:
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
    told = properties.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
    if told:
        wanted = [{"QueueArn": each["Queue"], "Events": [each["Event"]]} for each in told]
        client.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"QueueConfigurations": wanted}
        )
