"""The real handlers over services in memory."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from builders import MOMENT, REGION, TABLE
from changestream.aws import clients
from changestream.aws.signed_http import HttpAnswer, SignedHttp
from conftest import CREDENTIALS
from contracts.tables import Tables
from simulation.memory_aws import MemoryAws

from .billed import APPS, Billed


@pytest.fixture
def billed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Billed]:
    """What calls of the functions are billed as, from the moment at which their tables are there."""
    hook = Billed()
    aws = MemoryAws(lambda: float(MOMENT), hook)
    clients.client_in.cache_clear()
    monkeypatch.setattr(clients, "_create", lambda service, region_name=None, **_: aws.client(service, region_name))
    monkeypatch.setattr(SignedHttp, "send", lambda _, __, path, body, *___: HttpAnswer(*aws.ask_search(path, body)))
    tables = Tables(aws.client("dynamodb"))
    environment = CREDENTIALS | {
        "ANNOUNCEMENTS_TABLE": tables.create("id"),
        "ARCHIVED_TASKS_TABLE": tables.create("task", "position"),
        "AWS_REGION": REGION,
        "FAILED_BATCHES_QUEUE_URL": "queue",
        "LICENCES_TABLE": tables.create("documentId"),
        "MEASURE_DAYS": "400",
        "MEASURE_WINDOW_SECONDS": "60",
        "REPLICA_REGION": REGION,
        "REPLICA_TABLE": tables.create("listId", "taskId"),
        "SEARCH_ENDPOINT": "http://127.0.0.1:9/_opensearch",
        "SEARCH_INDEX": f"tasks-{uuid4().hex[:8]}",
        "TASKS_TABLE": TABLE,
        "TASK_COUNTS_TABLE": tables.create("listId", "taskId"),
        "TASK_HISTORY_TABLE": tables.create("task", "revision"),
        "TASK_MEASURES_TABLE": tables.create("listId", "window"),
        "TASK_TRANSITIONS_TOPIC": aws.client("sns").create_topic(Name="transitions")["TopicArn"],
        "TOMBSTONE_DAYS": "450",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _forget_consumers()
    hook.forget()
    yield hook
    clients.client_in.cache_clear()
    _forget_consumers()


def _forget_consumers() -> None:
    for app in APPS.values():
        app.consumer.cache_clear()
    APPS["announce_changes"].once.cache_clear()
