"""An SQS queue on AWS as a source, through a boto3 `sqs` client."""

import math
from typing import Any

from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.errors import SourceError
from event_source_mapping.records import from_sqs

_BATCH_LIMIT = 10


def queue_url(client: Any, arn: str) -> str:
    """The URL of the queue that an ARN names; a blocking call."""
    *_, account, name = arn.split(":")
    return str(client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"])


class SQSSource:
    """Receives from the queue `arn`; each poller holds a waiting thread of `calls`."""

    def __init__(self, client: Any, arn: str, calls: CallThreads | None = None) -> None:
        self._client = client
        self._calls = calls or CallThreads()
        self._url: str | None = None
        self.arn = arn

    async def _queue_url(self) -> str:
        if self._url is None:
            self._url = str(await self._calls.read(lambda: queue_url(self._client, self.arn)))
        return self._url

    async def receive(self, limit: int, wait: float) -> list[dict[str, Any]]:
        answer = await self._calls.wait(
            self._client.receive_message,
            QueueUrl=await self._queue_url(),
            MaxNumberOfMessages=limit,
            WaitTimeSeconds=min(20, math.ceil(wait)),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [from_sqs(message, self.arn) for message in answer.get("Messages", [])]

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        await self._in_batches("delete", self._client.delete_message_batch, messages, {})

    async def release(self, messages: list[dict[str, Any]]) -> None:
        at_once = {"VisibilityTimeout": 0}
        await self._in_batches("release", self._client.change_message_visibility_batch, messages, at_once)

    async def _in_batches(
        self, verb: str, operation: Any, messages: list[dict[str, Any]], what: dict[str, int]
    ) -> None:
        url = await self._queue_url()
        for start in range(0, len(messages), _BATCH_LIMIT):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["receiptHandle"]} | what
                for index, message in enumerate(messages[start : start + _BATCH_LIMIT])
            ]
            answer = await self._calls.read(operation, QueueUrl=url, Entries=entries)
            if answer.get("Failed"):
                raise SourceError(f"{self.arn} did not {verb} {len(answer['Failed'])} messages")
