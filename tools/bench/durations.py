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
from consumers.kinds import Feed, Kind
from consumers.reading import Consumer, consumers, every_consumer
from isolation.environment import IMPORT_PATH, environment
from sam_templates.document import Document, read
from sam_templates.functions import Functions
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver

Json = dict[str, Any]

LOGS = {"POWERTOOLS_LOG_LEVEL": "INFO"}
PARAMETERS = {"SearchEndpoint": "http://127.0.0.1/_opensearch", "SearchDomainName": "bench"}
"""With a search index, so that its consumer is there."""


def main(runs: int) -> None:
    """Start the stub, and measure in a process of its own, which has nothing else to do."""
    with stub(0.0) as url:
        there = {"PYTHONPATH": IMPORT_PATH, "AWS_ENDPOINT_URL": url, "SEARCH_ENDPOINT": f"{url}/_opensearch"}
        command = [sys.executable, "-m", "bench.durations", "within", str(runs)]
        subprocess.run(command, env=environment(**variables(), **there), check=True)


def template() -> Document:
    """Return the template, with its loops expanded."""
    return expanded(read(ROOT / "template.yaml"), PARAMETERS)


def variables() -> dict[str, str]:
    """Return the variables of all consumers, as the template has them."""
    document = template()
    functions = Functions(Resolver(document, PARAMETERS))
    united: dict[str, str] = {}
    for one in consumers(document, PARAMETERS):
        united |= functions.environment(one.function)
    set_by_main = ("AWS_ENDPOINT_URL", "SEARCH_ENDPOINT")
    return {name: text for name, text in (united | ENVIRONMENT | LOGS).items() if name not in set_by_main}


def within(runs: int) -> None:
    told, sys.stdout = sys.stdout, io.StringIO()
    for one in every_consumer(template(), PARAMETERS, "PARAMETERS in tools/bench/durations.py"):
        event_of, many = case(one)
        deliver = handler(one.name)
        points = [least(deliver, partial(event_of, *size), runs) for size in ((1, 1), (BATCH, 1), (BATCH, BATCH))]
        per_call = max(0.0, points[2] - points[1]) / (many - 1) if many else 0.0
        per_record = max(0.0, points[1] - points[0]) / (BATCH - 1)
        constant = points[0] - per_record - (per_call if many else 0.0)
        figures = f"constant = {constant * 1e3:.2f}, record = {per_record * 1e3:.3f}, call = {per_call * 1e3:.3f}"
        print(f"{one.name} = {{ {figures} }} # ms of computing", file=told, flush=True)


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


def case(consumer: Consumer) -> tuple[Callable[[int, int, int], Json], int]:
    """Return the events of a consumer, and how many calls a batch of many kinds of items takes; 0 if the kinds of items
    make no difference. A batch of one kind takes one."""
    if consumer.feed is Feed.OTHER:
        return aggregates, 0
    a_call_per_kind = consumer.view is not None and consumer.kind in (Kind.NEWEST, Kind.TALLY)
    calls = BATCH if a_call_per_kind else 0
    if consumer.feed is Feed.TABLE:
        only_expiries = consumer.filters and all("userIdentity" in pattern for pattern in consumer.filters)
        return (expired if only_expiries else of_table), calls
    return (windowed if consumer.kind is Kind.WINDOW else of_capture), calls


if __name__ == "__main__":
    if sys.argv[1:2] == ["within"]:
        within(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
