"""Batches to the consumers and to their naive side, in turn, in a process that does nothing else:
`python -m bench.deliveries RUNS`, with the endpoint in the environment. Prints what each took, as JSON.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from runpy import run_path
from typing import Any, NamedTuple

from bench.calls import PLANNED, SIGNED, CountedCalls
from bench.changes import captured
from bench.servers import ROOT
from isolation.environment import REGION

BATCH = 100
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": "Bench",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
    "REPLICA_TABLE": "replica",
    "REPLICA_REGION": REGION,
    "TASK_COUNTS_TABLE": "counts",
    "TASK_HISTORY_TABLE": "history",
    "TASKS_TABLE": "tasks",
    "TOMBSTONE_DAYS": "450",
    "SEARCH_INDEX": "tasks",
}

Json = dict[str, Any]


class DeliveryCase(NamedTuple):
    """A batch over so many items, to a function and to its naive side."""

    items: int
    function: str
    naive: str


CASES = {
    "newest state, 100 items": DeliveryCase(100, "replicate_tasks", "replicate"),
    "newest state, 10 items": DeliveryCase(10, "replicate_tasks", "replicate"),
    "search index, 100 items": DeliveryCase(100, "index_tasks", "index"),
    "search index, 10 items": DeliveryCase(10, "index_tasks", "index"),
    "a row per change": DeliveryCase(BATCH, "record_history", "record"),
}


class Context:
    """The part of Lambda's context object that is used."""

    function_name = invoked_function_arn = aws_request_id = "bench"
    function_version = "$LATEST"
    memory_limit_in_mb = 512

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def main(runs: int) -> None:
    os.environ |= ENVIRONMENT | {"SEARCH_ENDPOINT": os.environ["AWS_ENDPOINT_URL"]}
    told, sys.stdout = sys.stdout, io.StringIO()  # what functions log is not what is measured
    calls = CountedCalls()
    from bench import naive

    measured = {}
    for case, (items, function, beside) in CASES.items():
        event = {"Records": [captured(n, f"task-{n % items}") for n in range(BATCH)]}
        sides = {"ours": handler(function), "naive": getattr(naive, beside)}
        measured[case] = {side: Measured(calls, deliver, event) for side, deliver in sides.items()}
        for _ in range(runs):
            for one in measured[case].values():
                one.run()
    print(json.dumps({case: {s: m.told() for s, m in sides.items()} for case, sides in measured.items()}), file=told)


class Measured:
    """One side: seconds per batch as it is, and computing time of what happens before requests go out."""

    def __init__(self, calls: CountedCalls, deliver: Callable[[Json, Any], Any], event: Json) -> None:
        self._calls, self._deliver, self._event = calls, deliver, event
        self._seconds: list[float] = []
        self._planned: list[float] = []
        self._signed: list[float] = []
        self._count = 0
        self._once()

    def run(self) -> None:
        before = self._calls.count
        began = time.perf_counter()
        self._once()
        self._seconds.append(time.perf_counter() - began)
        self._count = self._calls.count - before
        self._planned.append(self._computing(PLANNED))
        self._signed.append(self._computing(SIGNED))

    def told(self) -> Json:
        return {
            "seconds": self._seconds,
            "planned": self._planned,
            "signed": self._signed,
            "calls": self._count,
        }

    def _computing(self, step: str, times: int = 5) -> float:
        """The least of some: what else the machine does can only add to it."""
        least = float("inf")
        with self._calls.end_at(step):
            for _ in range(times):
                began = time.process_time()
                self._once()
                least = min(least, time.process_time() - began)
        return least / BATCH

    def _once(self) -> None:
        answer = self._deliver(self._event, Context())
        if answer["batchItemFailures"]:
            raise RuntimeError(f"a delivery failed: {answer}")


def handler(function: str) -> Callable[[Json, Any], Any]:
    """The handler of a function, from its file: nothing imports functions. Modules beside it go by their bare names."""
    folder = ROOT / "functions" / function
    sys.path.insert(0, str(folder))
    told = run_path(str(folder / "app.py"))
    sys.path.remove(str(folder))
    deliver: Callable[[Json, Any], Any] = told["lambda_handler"]
    return deliver


if __name__ == "__main__":
    main(int(sys.argv[1]))
