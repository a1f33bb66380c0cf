"""A bad version of a consumer is let at its stream, is noticed, and is taken back: no change is lost by it.

count_tasks as template.yaml deploys it, with recovery, on the local endpoint. The alias is weighed as CodeDeploy would.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import pytest

from journeys.conftest import ROOT
from journeys.small_stack import small_stack
from local_aws.runtime import Runtime
from served_aws import ACCOUNT_ID, REGION, AdjustableClock, Aws, eventually

pytestmark = pytest.mark.journey

KEPT = (
    *("TasksTable", "TaskCounts", "CountTasks", "ChangestreamLayer"),
    *("FailedBatches", "RecoverBatches", "RedriveParked", "ParkedRecords"),
)
PATIENCE_SECONDS = 60


class Bad(NamedTuple):
    """What is wrong with a version: its code, or its settings."""

    source: str
    variables: dict[str, str]


CRASHES = Bad("def lambda_handler(event, context):\n    raise RuntimeError('cannot bear a single record')\n", {})
REFUSES = Bad((ROOT / "functions/count_tasks/app.py").read_text(), {"TASK_COUNTS_TABLE": "no-such-table"})


class Stack:
    """The stack, and what was written to its table."""

    def __init__(self, aws: Aws, outputs: dict[str, str]) -> None:
        self.aws = aws
        self.outputs = outputs
        self.function = outputs["CountTasksFunctionName"]
        self.statuses: dict[tuple[str, str], str] = {}
        self._numbers = count()

    def write(self, tasks: int) -> None:
        """Create tasks, and complete every third of them."""
        for number in (next(self._numbers) for _ in range(tasks)):
            key = f"list-{number % 7}", f"task-{number}"
            for status in ("open", "done") if number % 3 == 0 else ("open",):
                item = {"listId": key[0], "taskId": key[1], "status": status, "description": "Buy milk"}
                item |= {"createdDate": "2026-01-01T09:00:00Z"}
                self.aws.client("dynamodb").put_item(
                    TableName=self.outputs["TasksTableName"],
                    Item={name: {"S": value} for name, value in item.items()},
                )
                self.statuses[key] = status

    def release(self, bad: Bad, weight: float) -> str:
        """Publish a version, and give it a part of the invocations; answer its number."""
        client = self.aws.client("lambda")
        variables = client.get_function_configuration(FunctionName=f"{self.function}:live")["Environment"]["Variables"]
        client.update_function_code(FunctionName=self.function, ZipFile=zipped(bad.source))
        client.update_function_configuration(
            FunctionName=self.function, Environment={"Variables": variables | bad.variables}
        )
        number: str = client.publish_version(FunctionName=self.function)["Version"]
        routing = {"AdditionalVersionWeights": {number: weight}}
        client.update_alias(FunctionName=self.function, Name="live", RoutingConfig=routing)
        return number

    def take_back(self) -> None:
        self.aws.client("lambda").update_alias(FunctionName=self.function, Name="live", RoutingConfig={})

    def alarmed(self, version: str, after: int) -> int:
        """What the release's alarm sums up: crashes of the version, and records that failed in whichever."""
        entries = self.aws.journal.after(after, limit=100_000)
        crashes = [
            entry
            for entry in entries
            if entry["kind"] == "invocation.finished"
            and entry.get("version") == version
            and entry["outcome"] == "error"
        ]
        logged = [entry["line"] for entry in entries if entry["kind"] == "function.log" and '"_aws"' in entry["line"]]
        failed = [line.get("Failed", [0]) for line in map(json.loads, logged) if line["service"] == "count_tasks"]
        return len(crashes) + int(sum(map(sum, failed)))

    def settled(self) -> None:
        """Wait until everything written is in the view, and nothing is under way."""
        eventually(lambda: self.counted() == self.written(), PATIENCE_SECONDS)

    def written(self) -> dict[str, Counter[str]]:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (list_id, _), status in self.statuses.items():
            counts[list_id].update(["total", status])
        return dict(counts)

    def counted(self) -> dict[str, Counter[str]]:
        pages = (
            self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs["TaskCountsTableName"])
        )
        rows = [row for page in pages for row in page["Items"] if row["taskId"]["S"] == "#totals"]
        return {
            row["listId"]["S"]: +Counter({
                name: int(value["N"]) for name, value in row.items() if "N" in value and name != "expiresAt"
            })
            for row in rows
        }  # fmt: skip

    def parked(self) -> list[str]:
        listed = self.aws.client("s3").list_objects_v2(Bucket=self.outputs["ParkedRecordsBucketName"])
        return [each["Key"] for each in listed.get("Contents", [])]

    def redrive(self) -> None:
        """Have everything parked delivered again, as streamctl does."""
        request = json.dumps({"keys": self.parked()})
        name = self.outputs["RedriveParkedFunctionName"]
        self.aws.client("lambda").invoke(FunctionName=name, Payload=request)["Payload"].read()

    def invoked(self, after: int) -> Counter[str]:
        """How many invocations each version of the consumer had."""
        entries = self.aws.journal.after(after, limit=100_000)
        finished = [entry for entry in entries if entry["kind"] == "invocation.finished"]
        return Counter(entry["version"] for entry in finished if entry["functionName"] == self.function)

    def left_nothing(self) -> None:
        """Wait until nothing is parked, and recovery is done with every message."""
        eventually(lambda: (self.parked(), self.waiting()) == ([], 0), PATIENCE_SECONDS)

    def waiting(self) -> int:
        attributes = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["FailedBatchesQueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        return sum(int(value) for name, value in attributes.items() if name.startswith("ApproximateNumber"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    template = tmp_path_factory.mktemp("release") / "template.yaml"
    small = small_stack(ROOT / "template.yaml", KEPT)
    mapping = small["Resources"]["CountTasksFunction"]["Properties"]["Events"]["TableChanges"]["Properties"]
    mapping["MaximumBatchingWindowInSeconds"] = 0  # as many invocations as can be in the seconds of a test
    template.write_text(json.dumps(small))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with Runtime(ACCOUNT_ID, REGION, poll_interval=0.05, workers=2) as runtime:
            aws = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
            yield Stack(aws, runtime.create_stack(template, "release", {}))
            aws.close()


def zipped(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("app.py", source)
    return packed.getvalue()


@pytest.mark.parametrize("bad", [pytest.param(CRASHES, id="crashes"), pytest.param(REFUSES, id="refuses")])
def test_a_bad_version_with_a_tenth_of_the_invocations_is_noticed_and_taken_back_and_nothing_is_lost(
    stack: Stack, bad: Bad
) -> None:
    began = stack.aws.journal.last
    version = stack.release(bad, weight=0.1)

    ends = time.monotonic() + PATIENCE_SECONDS
    while not stack.alarmed(version, began):
        assert time.monotonic() < ends, "nobody notices"
        stack.write(5)
    stack.take_back()
    stack.write(10)
    stack.settled()

    shares = stack.invoked(began)
    assert shares["1"] > shares[version] > 0
    stack.left_nothing()


def test_what_a_bad_version_had_given_up_and_parked_is_applied_once_it_is_taken_back(stack: Stack) -> None:
    version = stack.release(CRASHES, weight=1.0)

    stack.write(1)
    eventually(stack.parked, PATIENCE_SECONDS)
    stack.take_back()
    stack.redrive()

    stack.settled()
    assert version in stack.invoked(0)
    stack.left_nothing()
