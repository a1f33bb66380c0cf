"""A topic with a queue that takes down what is announced, and deliveries to the function that announces it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from builders import capture, kinesis_record
from conftest import ClientOf
from functions.announce_changes import app
from invocations import Context

Json = dict[str, Any]
DAYS = 450


class Announcements:
    """What subscribers have received, and what has to happen for it."""

    def __init__(self, client_of: ClientOf, tasks_table: str) -> None:
        self.dynamodb, self.sns, self._sqs = (client_of(service) for service in ("dynamodb", "sns", "sqs"))
        self.tasks_table = tasks_table
        self.memory = f"announcements-{uuid4()}"
        self.dynamodb.create_table(
            TableName=self.memory,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        self.topic: str = self.sns.create_topic(Name=f"transitions-{uuid4()}")["TopicArn"]
        self._queue = self.subscribe()

    def subscribe(self, **filter_policy: list[Any]) -> str:
        """Subscribe a queue to the topic; return its URL."""
        url: str = self._sqs.create_queue(QueueName=f"subscriber-{uuid4()}")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"RawMessageDelivery": "true"}
        if filter_policy:
            attributes["FilterPolicy"] = json.dumps(filter_policy)
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    def record(self, n: int, at: int, new: Json | None = None, old: Json | None = None, **replaced: Any) -> Json:
        """The n-th record of the shard, with a change of the table."""
        return kinesis_record(n, capture(at, new, old, tableName=self.tasks_table, **replaced))

    def deliver(self, *records: Json, seconds_left: float = 20) -> Json:
        response: Json = app.lambda_handler({"Records": list(records)}, Context(seconds_left))
        return response

    def received(self, queue: str | None = None) -> list[Json]:
        """The documents that have arrived since this was asked before, in order."""
        url, documents = queue or self._queue, []
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                documents.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return documents

    def transitions(self) -> list[tuple[str, str | None, str]]:
        """What ``received`` says, as (task, from, to)."""
        return [(document["taskId"], document["from"], document["to"]) for document in self.received()]

    def write(self, item: Json) -> None:
        """Put a task into the table as it stands now."""
        self.dynamodb.put_item(TableName=self.tasks_table, Item=item)

    def memories(self) -> list[Json]:
        rows: list[Json] = self.dynamodb.scan(TableName=self.memory, ConsistentRead=True)["Items"]
        return rows

    def let_pass(self, seconds: int) -> None:
        """Let claims be so much older than they are."""
        for memory in self.memories():
            self.dynamodb.update_item(
                TableName=self.memory,
                Key={"id": memory["id"]},
                UpdateExpression="ADD in_progress_expiration :earlier",
                ExpressionAttributeValues={":earlier": {"N": str(-1000 * seconds)}},
            )

    def start_anew(self) -> None:
        """Go on as another execution environment would, with nothing in its memory."""
        app.consumer.cache_clear()
        app.once.cache_clear()


@pytest.fixture
def announcements(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Announcements]:
    announcements = Announcements(client_of, create_table("listId", "taskId"))
    settings = {
        "TASK_TRANSITIONS_TOPIC": announcements.topic,
        "ANNOUNCEMENTS_TABLE": announcements.memory,
        "TASKS_TABLE": announcements.tasks_table,
        "TOMBSTONE_DAYS": str(DAYS),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    announcements.start_anew()
    yield announcements
    announcements.start_anew()
