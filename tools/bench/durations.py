"""What a batch computes in each function, for the model of costs: `python -m bench.durations [RUNS]`.

Batches of one record, and of a hundred with few and with many calls, go to every handler at a stub that answers at
once. The least computing time of the runs is fitted to a constant, a part per record and a part per call; it goes into
`tools/costs/prices.toml`, with date and machine.
"""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.changes import captured, in_table_stream
from bench.consumers import stub
from bench.deliveries import BATCH, ENVIRONMENT, Context, handler
from bench.servers import ROOT
from isolation.environment import IMPORT_PATH, REGION, environment

Json = dict[str, Any]

SETTINGS = ENVIRONMENT | {
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "ARCHIVED_TASKS_TABLE": "archive",
    "ANNOUNCEMENTS_TABLE": "announcements",
    "FAILED_BATCHES_QUEUE_URL": "http://127.0.0.1/queue",
    "LICENCES_TABLE": "licences",
    "MEASURE_DAYS": "400",
    "MEASURE_WINDOW_SECONDS": "60",
    "SEARCH_INDEX": "tasks",
    "TASK_MEASURES_TABLE": "measures",
    "TASK_TRANSITIONS_TOPIC": f"arn:aws:sns:{REGION}:123456789012:transitions",
}


def main(runs: int) -> None:
    """Start the stub, and measure in a process of its own, which has nothing else to do."""
    with stub(0.0) as url:
        there = {"PYTHONPATH": IMPORT_PATH, "AWS_ENDPOINT_URL": url, "SEARCH_ENDPOINT": f"{url}/_opensearch"}
        command = [sys.executable, "-m", "bench.durations", "within", str(runs)]
        subprocess.run(command, env=environment(**SETTINGS, **there), check=True)


def within(runs: int) -> None:
    told, sys.stdout = sys.stdout, io.StringIO()
    for function, (event_of, few, many) in CASES.items():
        deliver = handler(function)
        points = [least(deliver, partial(event_of, *size), runs) for size in ((1, 1), (BATCH, 1), (BATCH, BATCH))]
        per_call = max(0.0, points[2] - points[1]) / (many - few) if many > few else 0.0
        per_record = max(0.0, points[1] - points[0]) / (BATCH - 1)
        constant = points[0] - per_record - per_call * min(few, 1)
        figures = f"constant = {constant * 1e3:.2f}, record = {per_record * 1e3:.3f}, call = {per_call * 1e3:.3f}"
        print(f"{function} = {{ {figures} }} # ms of computing", file=told, flush=True)


def least(deliver: Callable[[Json, Any], Any], event_at: Callable[[int], Json], runs: int) -> float:
    """Return the least computing time of a delivery: what else the machine does can only add to it."""
    taken = []
    for number in range(runs + 2):  # the first two make clients and connections
        sys.stdout = io.StringIO()
        event = event_at(number * BATCH)  # other changes each time: what has been announced is remembered
        began = time.process_time()
        answer = deliver(event, Context())
        taken.append(time.process_time() - began)
        if answer["batchItemFailures"]:
            raise RuntimeError(f"a delivery failed: {answer}")
    return min(taken[2:])


def of_table(records: int, kinds: int, first: int) -> Json:
    """Records of a table's stream, of so many lists."""
    return {"Records": [in_table_stream(first + n, f"list-{n % kinds}") for n in range(records)]}


def expired(records: int, _: int, first: int) -> Json:
    """Tasks that expired."""
    found = of_table(records, 1, first)
    for record in found["Records"]:
        del record["dynamodb"]["NewImage"]
        record["eventName"] = "REMOVE"
        record["userIdentity"] = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    return found


def of_capture(records: int, kinds: int, first: int) -> Json:
    """Captured changes, of so many tasks."""
    return {"Records": [captured(first + n, f"task-{n % kinds}") for n in range(records)]}


def windowed(records: int, _: int, first: int) -> Json:
    """Captured changes within a window that stays open."""
    envelope: Json = json.loads((ROOT / "events" / "kinesis-window-changes.json").read_text())
    return envelope | of_capture(records, records, first) | {"state": {}}


def aggregates(records: int, _: int, __: int) -> Json:
    """The aggregate of the sample event, again and again."""
    (first, *_more) = json.loads((ROOT / "events" / "kinesis-ledger-revisions.json").read_text())["Records"]
    return {"Records": [first] * records}


CASES: dict[str, tuple[Callable[[int, int, int], Json], int, int]] = {
    "count_tasks": (of_table, 1, BATCH),
    "archive_tasks": (expired, 0, 0),
    "index_tasks": (of_capture, 0, 0),
    "record_history": (of_capture, 0, 0),
    "replicate_tasks": (of_capture, 1, BATCH),
    "measure_changes": (windowed, 0, 0),
    "announce_changes": (of_capture, 0, 0),
    "project_licences": (aggregates, 0, 0),
}
"""Of each function: its events, and the calls that those with few and with many kinds of items take."""


if __name__ == "__main__":
    if sys.argv[1:2] == ["within"]:
        within(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
