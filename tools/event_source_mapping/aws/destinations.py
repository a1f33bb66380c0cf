"""On-failure destinations on AWS: a queue, a topic, or a bucket that also keeps the records."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.aws.sqs import queue_url
from event_source_mapping.errors import DestinationRefused
from event_source_mapping.failure_message import object_key, with_payload
from event_source_mapping.ports import DiscardedBatch


class AwsDestinations:
    """Sends by the service that the ARN names; `client_of(service)` gives the boto3 client to send with.

    `new_id` tells objects apart that a bucket gets at the same time.
    """

    def __init__(
        self,
        client_of: Callable[[str], Any],
        calls: CallThreads | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._client_of = client_of
        self._calls = calls or CallThreads()
        self._new_id = new_id

    async def send(self, arn: str, batch: DiscardedBatch) -> None:
        """Send; raise DestinationRefused on any refusal, so that the engine sends again."""
        senders = {"sqs": self._to_queue, "sns": self._to_topic, "s3": self._to_bucket}
        service = arn.split(":")[2]
        try:
            await self._calls.call(senders[service], client=self._client_of(service), arn=arn, batch=batch)
        except (ClientError, BotoCoreError) as error:
            raise DestinationRefused(f"{arn} refused the failed batch: {error}") from error

    @staticmethod
    def _to_queue(client: Any, arn: str, batch: DiscardedBatch) -> None:
        client.send_message(QueueUrl=queue_url(client, arn), MessageBody=_text(batch.message))

    @staticmethod
    def _to_topic(client: Any, arn: str, batch: DiscardedBatch) -> None:
        client.publish(TopicArn=arn, Message=_text(batch.message))

    def _to_bucket(self, client: Any, arn: str, batch: DiscardedBatch) -> None:
        client.put_object(
            Bucket=arn.split(":::")[1],
            Key=object_key(batch.message, batch.mapping_uuid, batch.shard_id, self._new_id()),
            Body=_text(with_payload(batch.message, batch.payload)).encode(),
        )


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
