"""What the model takes a batch for is what the real handlers ask of AWS."""

import json
import sys
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import pytest

from builders import TIME_TO_LIVE, capture, kinesis_record, table_record, task
from consumers.kinds import Feed
from costs.price_table import price_table
from costs.sizes import IMAGE_JSON_BYTES, captured_bytes
from costs.template_settings import template_settings
from costs.upkeep import LOG_BYTES
from costs.work import WORKERS, Batch
from costs.workload import Mix, Workload
from event_source_mapping.memory.attribute_sizes import size_of
from functions.measure_changes import app as measuring
from invocations import Context, sample
from ledger_builders import aggregated, licence, revision

from .billed import APPS, Billed

Json = dict[str, Any]

INSERTIONS = Mix(1.0, 0.0, 0.0, 0.0)
TRANSITIONS = Mix(0.0, 1.0, 0.0, 0.0, status_changes=1.0)
OTHER_CHANGES = Mix(0.0, 1.0, 0.0, 0.0, status_changes=0.0)
LICENCES_IN_A_RECORD = 7


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch: so many records of so many tasks in so many lists, and what its changes are."""

    records: int
    tasks: int
    lists: int
    mix: Mix = INSERTIONS
    text_bytes: int = 100

    def task(self, n: int, status: str = "open") -> Json:
        name = n % self.tasks
        return task(f"task-{name}", f"list-{name % self.lists}", status, description={"S": "x" * self.text_bytes})

    def images(self, n: int) -> tuple[Json, Json | None]:
        if self.mix is INSERTIONS:
            return self.task(n), None
        return self.task(n, "done" if self.mix is TRANSITIONS else "open"), self.task(n)

    def event(self, function: str) -> Json:
        return {"Records": [self.record(function, n) for n in range(1, self.records + 1)]}

    def record(self, function: str, n: int) -> Json:
        new, old = self.images(n)
        if function == "archive_tasks":
            return table_record(n, None, new, TIME_TO_LIVE)
        if template_settings().mappings[function].feed is Feed.TABLE:
            return table_record(n, new, old)
        if template_settings().mappings[function].feed is Feed.OTHER:
            several = range(n * LICENCES_IN_A_RECORD, (n + 1) * LICENCES_IN_A_RECORD)
            return aggregated(n, *(revision(1, licence(f"licence-{one}"), f"document-{one}") for one in several))
        return kinesis_record(n, capture(n, new, old))

    def given(self) -> Workload:
        return Workload(1.0, size_of(self.task(1)), self.lists, revisions_per_record=LICENCES_IN_A_RECORD, mix=self.mix)

    def batch(self) -> Batch:
        return Batch(self.records, self.tasks, self.lists)


DELIVERIES = [
    Delivery(1, 1, 1),
    Delivery(60, 60, 1),
    Delivery(60, 60, 1, TRANSITIONS),
    Delivery(60, 60, 1, OTHER_CHANGES),
    Delivery(60, 1, 1, TRANSITIONS),
    Delivery(30, 30, 1, TRANSITIONS, text_bytes=600),
    Delivery(30, 30, 1, INSERTIONS, text_bytes=2_000),
]


@pytest.mark.parametrize("delivery", DELIVERIES, ids=repr)
@pytest.mark.parametrize("function", sorted(WORKERS))
def test_calls_and_units_of_a_batch_are_those_that_its_function_asks_for(
    function: str, delivery: Delivery, billed: Billed
) -> None:
    if function in ("count_tasks", "index_tasks"):
        begin(function, delivery)
    billed.forget()

    answer = deliver(function, delivery)

    expected = WORKERS[function](delivery.batch(), delivery.given(), price_table())
    assert answer["batchItemFailures"] == []
    assert billed.calls == expected.calls
    assert billed.used == {unit: count for unit, count in expected.used.items() if count}


def begin(function: str, delivery: Delivery) -> None:
    """Have the index there, and the tasks counted that are about to be changed."""
    if delivery.mix is INSERTIONS and function == "count_tasks":
        return
    APPS[function].lambda_handler(Delivery(delivery.tasks, delivery.tasks, delivery.lists).event(function), Context())


def deliver(function: str, delivery: Delivery) -> Json:
    """Deliver, as changes that come after what there is."""
    event = delivery.event(function)
    for record in event["Records"]:
        if "dynamodb" in record:
            number = int(record["dynamodb"]["SequenceNumber"]) + 1_000
            record["dynamodb"]["SequenceNumber"] = str(number)
    if function == "measure_changes":
        event = sample("kinesis-window-changes.json") | event | {"state": {}}
    answer: Json = APPS[function].lambda_handler(event, Context())
    return answer


def test_each_list_of_a_batch_has_a_transaction_of_its_own(billed: Billed) -> None:
    deliver("count_tasks", Delivery(40, 40, 20))

    assert billed.calls == 1 + 20
    assert billed.used["write_unit"] == 2 * 40 + 2 * 20


def test_a_window_writes_a_row_for_each_list_when_it_ends(billed: Billed) -> None:
    lists = 30
    gathered = deliver("measure_changes", Delivery(60, 60, lists))
    state, calls = gathered["state"], billed.calls

    end = sample("kinesis-window-changes.json") | {"Records": [], "state": state, "isFinalInvokeForWindow": True}
    measuring.lambda_handler(end, Context())

    assert calls == 0
    assert billed.calls == 2  # of 25 rows each at the most
    assert billed.used["write_unit"] == lists


@pytest.mark.parametrize("name", ["kinesis-changes.json", "kinesis-hot-task.json"])
def test_a_captured_change_has_the_bytes_that_it_is_taken_for(name: str) -> None:
    for record in sample(name)["Records"]:
        document = b64decode(record["kinesis"]["data"])
        images = [image for key, image in json.loads(document)["dynamodb"].items() if key.endswith("Image")]
        given = Workload(1.0, item_bytes=sum(map(size_of, images)) // len(images))

        assert captured_bytes(given, len(images)) == pytest.approx(
            len(document), abs=len(images) * IMAGE_JSON_BYTES / 3
        )


def test_a_batch_logs_about_as_much_as_it_is_billed_for(
    billed: Billed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for app in APPS.values():
        monkeypatch.setattr(app.logger.registered_handler, "stream", sys.stdout)
    for function in WORKERS:  # the first batch tells of a cold start besides
        deliver(function, Delivery(10, 10, 2))
    capsys.readouterr()

    for function in WORKERS:
        deliver(function, Delivery(10, 10, 2))

    logged = len(capsys.readouterr().out) / len(WORKERS)
    assert logged == pytest.approx(LOG_BYTES, rel=0.15)
