"""S3, as far as failed batches and parked records take it.

https://docs.aws.amazon.com/AmazonS3/latest/API/
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

from botocore.response import StreamingBody

from simulation.memory_aws.bucket import Bucket, Version, no_such_key
from simulation.memory_aws.client import Operation
from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.messaging.sqs import Sqs

MOST_KEYS = 1000


class S3:
    """``buckets`` holds what whoever sets the stage may look into, by name."""

    reentrant = False

    def __init__(self, region: str, now: Callable[[], float], sqs: Sqs) -> None:
        self._region = region
        self._now = now
        self._sqs = sqs
        self._versions = 0
        self.buckets: dict[str, Bucket] = {}
        self.operations: dict[str, Operation] = {
            "create_bucket": self._create_bucket,
            "put_bucket_versioning": self._put_bucket_versioning,
            "put_bucket_notification_configuration": self._notify,
            "put_object": self._put_object,
            "get_object": self._get_object,
            "head_object": self._head_object,
            "delete_object": self._delete_object,
            "list_objects_v2": self._list_objects,
        }

    def _bucket(self, call: Call) -> Bucket:
        name = call.parameters["Bucket"]
        if name not in self.buckets:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
        return self.buckets[name]

    def _create_bucket(self, call: Call) -> Answer:
        name = call.parameters["Bucket"]
        if name in self.buckets:
            raise Refusal("BucketAlreadyOwnedByYou", "Your previous request to create the bucket succeeded", 409)
        self.buckets[name] = Bucket(name)
        return {"Location": f"/{name}"}

    def _put_bucket_versioning(self, call: Call) -> Answer:
        self._bucket(call).versioned = call.parameters["VersioningConfiguration"]["Status"] == "Enabled"
        return {}

    def _notify(self, call: Call) -> Answer:
        wanted = call.parameters["NotificationConfiguration"].get("QueueConfigurations", [])
        self._bucket(call).queues = [each["QueueArn"] for each in wanted]
        return {}

    def _put_object(self, call: Call) -> Answer:
        bucket, parameters = self._bucket(call), call.parameters
        key, content = parameters["Key"], parameters.get("Body", b"")
        content = content.encode() if isinstance(content, str) else bytes(content)
        bucket.require(key, parameters.get("IfMatch"), parameters.get("IfNoneMatch"))
        version = self._version(content, parameters.get("ContentType", "binary/octet-stream"))
        bucket.add(key, version)
        for queue in bucket.queues:
            self._sqs.send(queue, json.dumps(self._event(bucket, key, version, len(content))))
        return {"ETag": version.etag} | ({"VersionId": version.version_id} if bucket.versioned else {})

    def _version(self, content: bytes | None, content_type: str = "") -> Version:
        self._versions += 1
        return Version(f"{self._versions:032d}", content, content_type, self._now())

    def _found(self, call: Call) -> tuple[Bucket, Version, bytes]:
        bucket, key, wanted = self._bucket(call), call.parameters["Key"], call.parameters.get("VersionId")
        version = bucket.version(key, wanted) if wanted else bucket.current(key)
        if version is None or version.content is None:
            raise no_such_key()
        return bucket, version, version.content

    def _get_object(self, call: Call) -> Answer:
        bucket, version, content = self._found(call)
        body = StreamingBody(BytesIO(content), len(content))
        return _described(bucket, version, content) | {"Body": body}

    def _head_object(self, call: Call) -> Answer:
        try:
            return _described(*self._found(call))
        except Refusal as refusal:  # the answer to HEAD has no body, so that its status is all that there is
            raise Refusal(str(refusal.status), "Not Found", refusal.status) from None

    def _delete_object(self, call: Call) -> Answer:
        bucket, key = self._bucket(call), call.parameters["Key"]
        bucket.require(key, call.parameters.get("IfMatch"))
        marker = self._version(None)
        bucket.add(key, marker)
        return {"DeleteMarker": True, "VersionId": marker.version_id} if bucket.versioned else {}

    def _list_objects(self, call: Call) -> Answer:
        bucket, parameters = self._bucket(call), call.parameters
        prefix, most = parameters.get("Prefix", ""), min(parameters.get("MaxKeys", MOST_KEYS), MOST_KEYS)
        after = parameters.get("ContinuationToken") or parameters.get("StartAfter", "")
        keys = [key for key in bucket.listing() if key.startswith(prefix) and key > after]
        page = keys[:most]
        answer: Answer = {
            "Name": bucket.name,
            "Prefix": prefix,
            "MaxKeys": most,
            "KeyCount": len(page),
            "IsTruncated": len(keys) > most,
        }
        if len(keys) > most:
            answer["NextContinuationToken"] = page[-1]
        return answer | ({"Contents": [_listed(bucket, key) for key in page]} if page else {})

    def _event(self, bucket: Bucket, key: str, version: Version, size: int) -> dict[str, Any]:
        """Return the notification of a new object (S3 User Guide, "Event message structure")."""
        told: dict[str, Any] = {"key": quote_plus(key, safe="/"), "size": size, "eTag": version.etag.strip('"')}
        told |= {"versionId": version.version_id} if bucket.versioned else {}
        moment = datetime.fromtimestamp(version.written_at, UTC).isoformat(timespec="milliseconds")
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": self._region,
            "eventTime": moment.replace("+00:00", "Z"),
            "eventName": "ObjectCreated:Put",
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "created",
                "bucket": {"name": bucket.name, "arn": f"arn:aws:s3:::{bucket.name}"},
                "object": told | {"sequencer": f"{self._versions:016X}"},
            },
        }
        return {"Records": [record]}


def _moment(version: Version) -> datetime:
    return datetime.fromtimestamp(int(version.written_at), UTC)


def _described(bucket: Bucket, version: Version, content: bytes) -> Answer:
    described: Answer = {
        "ETag": version.etag,
        "ContentLength": len(content),
        "ContentType": version.content_type,
        "LastModified": _moment(version),
    }
    return described | ({"VersionId": version.version_id} if bucket.versioned else {})


def _listed(bucket: Bucket, key: str) -> dict[str, Any]:
    version = bucket.objects[key][-1]
    return {
        "Key": key,
        "ETag": version.etag,
        "Size": len(version.content or b""),
        "LastModified": _moment(version),
        "StorageClass": "STANDARD",
    }
