"""Tables of a stack, with their streams, their capture, and how they forget and are restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .resources import Properties, Removal, Resource, ResourceKind

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


class TableKinds:
    """Makes tables; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def kinds(self) -> dict[str, ResourceKind]:
        return {"AWS::DynamoDB::Table": ResourceKind(self.table, self.update_table)}

    def table(self, name: str, properties: Properties) -> Resource:
        name = properties.get("TableName", name)
        request = {key: value for key, value in properties.items() if key in _CREATE_TABLE}
        view_type = properties.get("StreamSpecification", {}).get("StreamViewType")
        if view_type:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view_type}
        if properties.get("SSESpecification", {}).get("SSEEnabled"):
            request["SSESpecification"] = {"Enabled": True, "SSEType": "KMS"}
        request.setdefault("BillingMode", "PROVISIONED")
        dynamodb = self._client_of("dynamodb")
        described = dynamodb.create_table(TableName=name, **request)["TableDescription"]
        self._set_up_table(name, properties)
        attributes = {"Arn": described["TableArn"]}
        if "LatestStreamArn" in described:
            attributes["StreamArn"] = described["LatestStreamArn"]
        return Resource(name, attributes, Removal("dynamodb", "delete_table", {"TableName": name}))

    def update_table(self, resource: Resource, properties: Properties) -> Resource:
        self._set_up_table(resource.physical_resource_id, properties)
        return resource

    def _set_up_table(self, name: str, properties: Properties) -> None:
        dynamodb = self._client_of("dynamodb")
        if "TimeToLiveSpecification" in properties:
            ttl = properties["TimeToLiveSpecification"]
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        if "PointInTimeRecoverySpecification" in properties:
            recovery = properties["PointInTimeRecoverySpecification"]
            dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
        self._capture_table(name, properties.get("KinesisStreamSpecification"))

    def _capture_table(self, name: str, wanted: Properties | None) -> None:
        dynamodb = self._client_of("dynamodb")
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
