"""Resource types of the other services, made by calls to this endpoint as any client would make them."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config

from .bucket_kinds import BucketKinds
from .resources import Kind, Properties, Removal, Resource
from .role_kinds import RoleKinds
from .watch_kinds import WatchKinds

_CREATE_TABLE = frozenset(
    (
        "AttributeDefinitions",
        "KeySchema",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
        "BillingMode",
        "ProvisionedThroughput",
        "Tags",
        "DeletionProtectionEnabled",
        "TableClass",
    )
)


class ServiceKinds:
    """Parameters are not validated by boto3: templates hold numbers as text, which the services accept."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._session = boto3.Session("local", "local", region_name=region)
        self._config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self._endpoint_url = endpoint_url
        self._region = region
        self._clients: dict[str, Any] = {}

    def kinds(self) -> dict[str, Kind]:
        return {
            "AWS::DynamoDB::Table": Kind(self.table, self.update_table),
            "AWS::Kinesis::Stream": Kind(self.stream, self.update_stream),
            "AWS::Kinesis::StreamConsumer": Kind(self.stream_consumer),
            "AWS::SNS::Subscription": Kind(self.subscription),
            "AWS::SNS::TopicPolicy": Kind(self.topic_policy),
            "AWS::SQS::Queue": Kind(self.queue, self.update_queue),
            "AWS::SQS::QueuePolicy": Kind(self.queue_policy),
            **BucketKinds(self._client, self._region).kinds(),
            **RoleKinds(self._client).kinds(),
            **WatchKinds(self._client, self._region).kinds(),
        }

    def remove(self, removal: Removal) -> None:
        for inner in removal.first:
            self.remove(inner)
        getattr(self._client(removal.service), removal.operation)(**removal.parameters)

    def table(self, name: str, properties: Properties) -> Resource:
        name = properties.get("TableName", name)
        request = {key: value for key, value in properties.items() if key in _CREATE_TABLE}
        view_type = properties.get("StreamSpecification", {}).get("StreamViewType")
        if view_type:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view_type}
        if properties.get("SSESpecification", {}).get("SSEEnabled"):
            request["SSESpecification"] = {"Enabled": True, "SSEType": "KMS"}
        request.setdefault("BillingMode", "PROVISIONED")
        dynamodb = self._client("dynamodb")
        described = dynamodb.create_table(TableName=name, **request)["TableDescription"]
        self._set_up_table(name, properties)
        attributes = {"Arn": described["TableArn"]}
        if "LatestStreamArn" in described:
            attributes["StreamArn"] = described["LatestStreamArn"]
        return Resource(name, attributes, Removal("dynamodb", "delete_table", {"TableName": name}))

    def update_table(self, resource: Resource, properties: Properties) -> Resource:
        self._set_up_table(resource.physical_resource_id, properties)
        return resource

    def stream(self, name: str, properties: Properties) -> Resource:
        name = properties.get("Name", name)
        request: dict[str, Any] = {"StreamName": name}
        if "StreamModeDetails" in properties:
            request["StreamModeDetails"] = properties["StreamModeDetails"]
        if "ShardCount" in properties:
            request["ShardCount"] = int(properties["ShardCount"])
        kinesis = self._client("kinesis")
        kinesis.create_stream(**request)
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        resource = Resource(
            name, {"Arn": summary["StreamARN"]}, Removal("kinesis", "delete_stream", {"StreamName": name})
        )
        if "Tags" in properties:
            tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
            kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        if "StreamEncryption" in properties:
            kinesis.start_stream_encryption(StreamName=name, **properties["StreamEncryption"])
        return self.update_stream(resource, {"RetentionPeriodHours": properties.get("RetentionPeriodHours", 24)})

    def update_stream(self, resource: Resource, properties: Properties) -> Resource:
        kinesis, name = self._client("kinesis"), resource.physical_resource_id
        wanted = int(properties.get("RetentionPeriodHours", 24))
        now = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["RetentionPeriodHours"]
        if wanted > now:
            kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=wanted)
        elif wanted < now:
            kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=wanted)
        return resource

    def stream_consumer(self, name: str, properties: Properties) -> Resource:
        del name
        kinesis = self._client("kinesis")
        consumer = kinesis.register_stream_consumer(**properties)["Consumer"]
        arn = consumer["ConsumerARN"]
        return Resource(
            arn,
            {"ConsumerARN": arn, "ConsumerName": consumer["ConsumerName"], "ConsumerStatus": "ACTIVE"},
            Removal("kinesis", "deregister_stream_consumer", {"ConsumerARN": arn}),
        )

    def subscription(self, name: str, properties: Properties) -> Resource:
        del name
        sns, request = self._client("sns"), dict(properties)
        attributes = {
            key: request.pop(key) if isinstance(request[key], str) else json.dumps(request.pop(key))
            for key in ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy")
            if key in request
        }
        request.pop("Region", None)
        arn = sns.subscribe(**request, Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return Resource(arn, {"Arn": arn}, Removal("sns", "unsubscribe", {"SubscriptionArn": arn}))

    def topic_policy(self, name: str, properties: Properties) -> Resource:
        for arn in properties["Topics"]:
            self._client("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(properties["PolicyDocument"])
            )
        return Resource(name)

    def queue(self, name: str, properties: Properties) -> Resource:
        # moto's own would answer Ref with an address on the internet.
        sqs, fifo = self._client("sqs"), str(properties.get("FifoQueue", "")).lower() == "true"
        name = properties.get("QueueName", f"{name}.fifo" if fifo else name)
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
        url = sqs.create_queue(QueueName=name, Attributes=_queue_attributes(properties), tags=tags)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"Arn": arn, "QueueName": name, "QueueUrl": url}
        return Resource(url, attributes, Removal("sqs", "delete_queue", {"QueueUrl": url}))

    def update_queue(self, resource: Resource, properties: Properties) -> Resource:
        attributes = _queue_attributes(properties)
        attributes.pop("FifoQueue", None)
        if attributes:
            self._client("sqs").set_queue_attributes(QueueUrl=resource.physical_resource_id, Attributes=attributes)
        return resource

    def queue_policy(self, name: str, properties: Properties) -> Resource:
        for url in properties["Queues"]:
            self._client("sqs").set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": json.dumps(properties["PolicyDocument"])}
            )
        return Resource(name)

    def _set_up_table(self, name: str, properties: Properties) -> None:
        dynamodb = self._client("dynamodb")
        if "TimeToLiveSpecification" in properties:
            ttl = properties["TimeToLiveSpecification"]
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        if "PointInTimeRecoverySpecification" in properties:
            recovery = properties["PointInTimeRecoverySpecification"]
            dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
        self._capture_table(name, properties.get("KinesisStreamSpecification"))

    def _capture_table(self, name: str, wanted: Properties | None) -> None:
        dynamodb = self._client("dynamodb")
        answer = dynamodb.describe_kinesis_streaming_destination(TableName=name)
        for destination in answer["KinesisDataStreamDestinations"]:
            if destination["DestinationStatus"] == "ACTIVE":
                dynamodb.disable_kinesis_streaming_destination(TableName=name, StreamArn=destination["StreamArn"])
        if wanted is None:
            return
        settings = {key: value for key, value in wanted.items() if key != "StreamArn"}
        dynamodb.enable_kinesis_streaming_destination(
            TableName=name, StreamArn=wanted["StreamArn"], EnableKinesisStreamingConfiguration=settings
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self._endpoint_url,
                config=self._config,
            )
        return self._clients[service]


def _queue_attributes(properties: Properties) -> dict[str, str]:
    """The attributes of the API, all of them text."""
    attributes = {}
    for name, value in properties.items():
        if name in ("QueueName", "Tags"):
            continue
        if isinstance(value, dict | list):
            attributes[name] = json.dumps(value)
        else:
            attributes[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return attributes
