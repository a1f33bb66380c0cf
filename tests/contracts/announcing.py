"""Consumers that announce changes of tasks on a topic, each once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from builders import task
from changestream.aws import clients
from changestream.wire.attribute_values import to_boto3
from contracts.consumer import Change, TaskConsumer
from contracts.outage import Outage
from contracts.tables import Json, Tables


class AnnouncingConsumer(TaskConsumer):
    """A topic with a queue that keeps the announcements."""

    stops_at_a_failure = True
    topic_variable: str
    memory_variable: str
    """The function's variables with the ARN of its topic and the name of its memory."""

    def __init__(self, tables: Tables, outage: Outage, patch: pytest.MonkeyPatch) -> None:
        super().__init__(tables, outage, patch)
        self.tasks_table = tables.create("listId", "taskId")

    def begin(self) -> None:
        self.memory = self.tables.create("id")
        self.sqs, sns = clients.client("sqs"), clients.client("sns")
        topic = sns.create_topic(Name=f"transitions-{uuid4()}")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName=f"subscriber-{uuid4()}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        self.announced: dict[str, Json] = {}
        self.function.once.cache_clear()
        self._patch.setenv("TASKS_TABLE", self.tasks_table)
        self.settings(**{self.topic_variable: topic, self.memory_variable: self.memory}, TOMBSTONE_DAYS="450")

    def poison(self, name: str, at: int) -> Change:
        """A task that stands in the table as the change left it: otherwise it counts as rewritten."""
        bad = task(f"task-{name}", status="?")
        self.stands(bad)
        return self.change(at, bad)

    def stands(self, item: Json) -> None:
        self.tables.client.put_item(TableName=self.tasks_table, Item=to_boto3(item))

    def snapshot(self) -> list[Json]:
        """What has been announced, repeats by deduplication id as one."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                document = json.loads(message["Body"])
                self.announced[document["deduplicationId"]] = document
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return sorted(self.announced.values(), key=repr)

    @contextmanager
    def refusing(self, calls: frozenset[int], *, answers_lost: bool) -> Iterator[None]:
        """Afterwards claims that were left behind have run out, as they do in time."""
        with super().refusing(calls, answers_lost=answers_lost):
            yield
        for row in self.tables.rows(self.memory):
            if "in_progress_expiration" in row:
                self.tables.client.update_item(
                    TableName=self.memory,
                    Key={"id": row["id"]},
                    UpdateExpression="ADD in_progress_expiration :earlier",
                    ExpressionAttributeValues={":earlier": {"N": "-1000000"}},
                )
