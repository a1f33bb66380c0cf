"""Buckets of a stack, which moto's CloudFormation makes without most of what their template says.

Left out: lifecycles, since nothing ages here, and notifications to functions, which moto would send to a Lambda of its
own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .resources import Properties, Removal, Resource, ResourceKind

AS_WRITTEN = {
    "VersioningConfiguration": "put_bucket_versioning",
    "PublicAccessBlockConfiguration": "put_public_access_block",
    "OwnershipControls": "put_bucket_ownership_controls",
}
"""Properties that the API takes under the same name and in the same shape, and the calls that take them."""


class BucketKinds:
    """Makes buckets and their policies; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any], region: str) -> None:
        self._client_of = client_of
        self._region = region

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::S3::Bucket": ResourceKind(self.bucket, self.update_bucket),
            "AWS::S3::BucketPolicy": ResourceKind(self.policy),
        }

    def bucket(self, name: str, properties: Properties) -> Resource:
        name = properties.get("BucketName", name)
        # S3 knows its first region by no name.
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        place = elsewhere if self._region != "us-east-1" else {}
        self._client_of("s3").create_bucket(Bucket=name, **place)
        attributes = {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com"}
        attributes["RegionalDomainName"] = f"{name}.s3.{self._region}.amazonaws.com"
        resource = Resource(name, attributes, Removal("s3", "delete_bucket", {"Bucket": name}))
        return self.update_bucket(resource, properties)

    def update_bucket(self, resource: Resource, properties: Properties) -> Resource:
        s3, name = self._client_of("s3"), resource.physical_resource_id
        for written, operation in AS_WRITTEN.items():
            if written in properties:
                getattr(s3, operation)(Bucket=name, **{written: properties[written]})
        if "BucketEncryption" in properties:
            rules = [
                {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
                for rule in properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            ]
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
        if "Tags" in properties:
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": properties["Tags"]})
        if "CorsConfiguration" in properties:
            rules = [_cors_rule(each) for each in properties["CorsConfiguration"]["CorsRules"]]
            s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
        elif "CorsConfiguration" in resource.properties:
            s3.delete_bucket_cors(Bucket=name)
        told = _notifications(properties.get("NotificationConfiguration", {}))
        if told or "NotificationConfiguration" in resource.properties:
            s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)
        return resource

    def policy(self, name: str, properties: Properties) -> Resource:
        del name
        bucket, document = properties["Bucket"], properties["PolicyDocument"]
        # moto heeds no condition, so a statement that has one (no plain HTTP, say) would hold always.
        statements = [each for each in document["Statement"] if "Condition" not in each]
        if statements:
            policy = json.dumps(document | {"Statement": statements})
            self._client_of("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        return Resource(bucket, {}, Removal("s3", "delete_bucket_policy", {"Bucket": bucket}))


def _cors_rule(written: Properties) -> dict[str, Any]:
    """Return the API's form of a rule, which has other names for some of its members, and numbers for text."""
    renamed = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds", "Id": "ID"}
    rule = {renamed.get(name, name): value for name, value in written.items()}
    return rule | {name: int(rule[name]) for name in ("MaxAgeSeconds",) if name in rule}


def _notifications(written: Properties) -> dict[str, Any]:
    """The API's form of what CloudFormation calls the same."""
    told = {
        f"{kind}Configurations": [
            {f"{kind}Arn": each[kind], "Events": [each["Event"]], **_filter(each.get("Filter"))}
            for each in written[f"{kind}Configurations"]
        ]
        for kind in ("Queue", "Topic")
        if f"{kind}Configurations" in written
    }
    if written.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled"):
        told["EventBridgeConfiguration"] = {}  # type: ignore[assignment]
    return told


def _filter(written: Properties | None) -> dict[str, Any]:
    return {"Filter": {"Key": {"FilterRules": written["S3Key"]["Rules"]}}} if written else {}
