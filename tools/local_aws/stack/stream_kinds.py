"""Kinesis streams of a stack, and the consumers registered with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kinesis_streams import BY_KEY, LEAST_KIB
from .resources import Properties, Removal, Resource, ResourceKind


class StreamKinds:
    """Makes streams and their consumers; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::Kinesis::Stream": ResourceKind(self.stream, self.update_stream),
            "AWS::Kinesis::StreamConsumer": ResourceKind(self.stream_consumer, self.replace_stream_consumer),
        }

    def stream(self, name: str, properties: Properties) -> Resource:
        name = properties.get("Name", name)
        request: dict[str, Any] = {"StreamName": name}
        for setting in ("StreamModeDetails", "RecordDistributionStrategy"):
            if setting in properties:
                request[setting] = properties[setting]
        for number in ("ShardCount", "MaxRecordSizeInKiB"):
            if number in properties:
                request[number] = int(properties[number])
        kinesis = self._client_of("kinesis")
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
        return self._with_retention(resource, properties)

    def update_stream(self, resource: Resource, properties: Properties) -> Resource:
        """Change a stream in place; a property that the template has no more is set to its default."""
        kinesis, arn = self._client_of("kinesis"), resource.attributes["Arn"]
        longest = int(properties.get("MaxRecordSizeInKiB", LEAST_KIB))
        kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=longest)
        if properties.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND":
            kinesis.update_stream_record_distribution_strategy(
                StreamARN=arn, RecordDistributionStrategy=properties.get("RecordDistributionStrategy", BY_KEY)
            )
        return self._with_retention(resource, properties)

    def _with_retention(self, resource: Resource, properties: Properties) -> Resource:
        kinesis, name = self._client_of("kinesis"), resource.physical_resource_id
        wanted = int(properties.get("RetentionPeriodHours", 24))
        now = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["RetentionPeriodHours"]
        if wanted > now:
            kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=wanted)
        elif wanted < now:
            kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=wanted)
        return resource

    def stream_consumer(self, name: str, properties: Properties) -> Resource:
        del name
        kinesis = self._client_of("kinesis")
        request = {key: value for key, value in properties.items() if key != "Tags"}
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
        consumer = kinesis.register_stream_consumer(**request, **({"Tags": tags} if tags else {}))["Consumer"]
        arn = consumer["ConsumerARN"]
        return Resource(
            arn,
            {"ConsumerARN": arn, "ConsumerName": consumer["ConsumerName"], "ConsumerStatus": "ACTIVE"},
            Removal("kinesis", "deregister_stream_consumer", {"ConsumerARN": arn}),
        )

    def replace_stream_consumer(self, resource: Resource, properties: Properties) -> Resource:
        """Register another consumer, then deregister the former one: CloudFormation changes no property of it in place.

        Under the same name, the two collide.
        """
        replacement = self.stream_consumer("", properties)
        if resource.removal is not None:
            Resource.perform(resource.removal)
        return replacement
