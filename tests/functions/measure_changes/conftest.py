"""The view of measure_changes, and windows delivered to its handler as a mapping delivers them."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from builders import TABLE, function_arn
from conftest import ClientOf
from functions.measure_changes import app
from invocations import WINDOW_SECONDS, Context, View, in_window
from tasks import measure_row
from tasks.measures import Measures

Json = dict[str, Any]


class Measured(View):
    """Deliveries with and without windows; the state that they carry is kept as Lambda keeps it."""

    handler = staticmethod(app.lambda_handler)

    def __init__(self, client_of: ClientOf, table: str, queue_url: str) -> None:
        super().__init__(client_of("dynamodb"), table)
        self.sqs = client_of("sqs")
        self.queue_url = queue_url
        self.state: Json = {}

    def invoke(self, *records: Json, seconds_left: float = 60, **window: Any) -> Json:
        """Deliver within a window, and keep what the answer says its state is."""
        context = Context(seconds_left, invoked_function_arn=function_arn("measure_changes"))
        response: Json = app.lambda_handler(in_window(*records, state=self.state, **window), context)
        assert response["batchItemFailures"] == []
        self.state = response["state"]
        return response

    def close(self, *records: Json, seconds_left: float = 60, **window: Any) -> None:
        """Deliver the final invocation; the next window begins with a fresh state."""
        self.invoke(*records, seconds_left=seconds_left, final=True, **window)
        self.state = {}

    def rows(self, list_id: str = "list-1") -> list[Json]:
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="listId = :list",
            ExpressionAttributeValues={":list": {"S": list_id}},
            ConsistentRead=True,
        )
        rows: list[Json] = answer["Items"]
        return rows

    def of(self, list_id: str = "list-1") -> Measures:
        return measure_row.measures(self.rows(list_id))

    def messages(self) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]


@pytest.fixture
def measured(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Measured]:
    table = create_table("listId", "window")
    queue_url = client_of("sqs").create_queue(QueueName=f"failed-{uuid4()}")["QueueUrl"]
    settings = {
        "TASK_MEASURES_TABLE": table,
        "TASKS_TABLE": TABLE,
        "FAILED_BATCHES_QUEUE_URL": queue_url,
        "MEASURE_DAYS": "400",
        "MEASURE_WINDOW_SECONDS": str(WINDOW_SECONDS),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for consumer in (app.consumer, app.bare_consumer):
        consumer.cache_clear()
    yield Measured(client_of, table, queue_url)
    for consumer in (app.consumer, app.bare_consumer):
        consumer.cache_clear()
