"""A stack of which every screen has something to show, and the commands that show it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from builders import table_record, task
from changestream.core.failed_batch import ParkReason

from .parked_records import ParkingLot
from .recorded_history import Revisions
from .world import Deployed, Said, streamctl

Json = dict[str, Any]


class Shown:
    """A task whose ids, description and status are as given, in streams, history, queue and parking lot.

    ``identifiers`` has what a person copies from the screen of each command.
    """

    def __init__(self, deployed: Deployed, lot: ParkingLot, folder: Path, text: str) -> None:
        self.deployed, self.lot = deployed, lot
        self.list_id, self.task_id = f"list-{uuid4().hex}{text}", f"task-{uuid4().hex}{text}"
        item = task(self.task_id, self.list_id, status=f"open{text}", description={"S": f"{text} {text}"})
        deployed.write(item)
        (self.of_table,) = deployed.changes(self.list_id)
        (self.captured,) = deployed.changes(self.list_id, "changes")
        reason = f"task with status 'open{text}', not one of open, in_progress, done {text}"
        self.parked = lot.park(table_record(1, new=item), message=reason)
        self.waiting = lot.park(table_record(2, new=item), message=reason, reason=ParkReason.CRASH, rounds=10)
        self.of_change = deployed.park("CountTasks", self.of_table, ParkReason.UNAVAILABLE)
        deployed.send(deployed.failed("CountTasks", self.of_table))
        deployed.send(f"no failed batch: {text}")
        self.revisions = Revisions(deployed)
        self.revisions.change(self.task_id, description={"S": text})
        self.template = folder / "template[field].json"
        self.template.write_text(json.dumps(unsafe(f"Orders{text}")))

    def commands(self) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
        """Return, by name, the arguments of a command and the identifiers on its screen."""
        key, number = self.of_table["key"], self.of_table["sequenceNumber"]
        captured = self.captured["sequenceNumber"]
        count_tasks = self.deployed.outputs["CountTasksFunctionName"]
        described = ("--day", self.lot.day)
        whole = ("--horizon", "--no-follow", "--rate", "1000")
        shards = [self.of_table["shardId"], self.captured["shardId"]]
        return {
            "status": (["status"], ["AnnounceChanges", "ChangeStream", "dead-letters", "unavailable"]),
            "shards": (["shards"], shards),
            "tail": (["tail", "table", *whole, "--key", key, "--numbers"], [key, number]),
            "tail of a capture": (["tail", "changes", *whole, "--key", key, "--numbers"], [key, captured]),
            "failures": (["failures"], ["CountTasks", key, number, self.of_table["shardId"]]),
            "parked list": (["parked", "list", *described], [self.parked, self.waiting]),
            "parked show": (["parked", "show", self.parked], [self.parked, key, count_tasks]),
            "redrive": (["redrive", *described], [self.parked, self.waiting]),
            "discard": (["discard", *described, "--reason", "a test"], [self.parked, self.waiting, "discarded/"]),
            "pause": (["pause", "count_tasks"], ["CountTasks"]),
            "resume": (["resume", "count_tasks"], ["CountTasks"]),
            "requeue": (["requeue"], ["dead"]),
            "replay": (
                ["replay", "replicate_tasks", *self.revisions.interval],
                [f"{self.revisions.list_id}/{self.task_id}", self.deployed.outputs["TaskHistoryTableName"]],
            ),
            "explain": (
                ["explain", key, "--messages"],
                [key, number, captured, *shards, self.of_change, "announce_changes"],
            ),
            "explain by number": (["explain", number], [key, number]),
            "smoke": (["smoke"], ["streamctl-smoke/task-", self.deployed.outputs["TasksTableName"]]),
            "lint": (["lint", str(self.template)], ["https://docs.aws.amazon.com/"]),
            "cost": (["cost", "--changes-per-second", "50"], ["record_history"]),
        }

    def run(self, arguments: Sequence[str], *options: str) -> Said:
        """Run a command; those without a stack take no place."""
        without = arguments[0] in ("lint", "cost")
        return streamctl(*arguments, *options) if without else self.deployed.streamctl(*arguments, *options)

    def clear(self) -> None:
        self.lot.clear()
        self.deployed.client("s3").delete_object(
            Bucket=self.deployed.outputs["ParkedRecordsBucketName"], Key=self.of_change
        )
        self.deployed.drain()


@contextmanager
def shown(deployed: Deployed, folder: Path, text: str = "") -> Iterator[Shown]:
    """Make what the screens show, and remove what other tests would count."""
    made = Shown(deployed, ParkingLot(deployed), folder, text)
    try:
        yield made
    finally:
        made.clear()


def unsafe(function: str) -> Json:
    """A template with a mapping that lint complains of."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "FunctionName": function,
                    "EventSourceArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
                    "StartingPosition": "LATEST",
                },
            }
        },
    }
