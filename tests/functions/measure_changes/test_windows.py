"""The mapping of template.yaml in virtual time: invocations die, answers are lost, a shard splits; sums hold."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from builders import MOMENT, capture, task
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.failure_message import failed_batch
from changestream.wire.lambda_event import sequence_number as record_id
from event_source_mapping.rehearsal import Rehearsal, running
from event_source_mapping.virtual_time import run
from functions.measure_changes import app
from functions.measure_changes.conftest import Measured
from invocations import stops_at
from template.application import application

Json = dict[str, Any]

LIVES = 3
"""A final invocation may fail so often: with four failures the mapping of the template gives it up."""


class Mishaps:
    """The handler, of whose invocations some die, before or after they have done everything."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.failures = 0
        self.finals = 0

    def __call__(self, event: Json, context: Any) -> Any:
        fate = self.draw.choices(["well", "dies", "loses its answer"], [6, 2, 2])[0]
        if fate == "well" or (event["isFinalInvokeForWindow"] and self.failures == LIVES):
            self.failures = 0
            self.finals += event["isFinalInvokeForWindow"]
            return app.lambda_handler(event, context)
        self.failures += event["isFinalInvokeForWindow"]
        if fate == "loses its answer":
            app.lambda_handler(event, context)
        raise RuntimeError(fate)


def recover(measured: Measured, rehearsal: Rehearsal) -> int:
    """Bring back what the mapping gave up and what the function handed over, in pieces, as recovery does."""
    records = {record["eventID"]: record for event in rehearsal.function.events for record in event["Records"]}
    bodies = [json.dumps(message) for message in rehearsal.failed_batches] + measured.messages()
    for batch in map(failed_batch, bodies):
        of_shard = [record for name, record in records.items() if name.startswith(batch.shard_id)]
        some = [record for record in of_shard if batch.within(SequenceNumber.parse(record_id(record)))]
        while some and (failing := stops_at(measured.deliver(*some))):
            some = some[[record_id(record) for record in some].index(failing) + 1 :]
    return len(bodies)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_becomes_of_invocations_every_change_counts_once(measured: Measured, seed: int) -> None:
    mishaps, draw, made = Mishaps(seed), random.Random(seed + 100), Counter[str]()
    rehearsal = Rehearsal.of_template(application().written, "MeasureChangesFunction", "TableChanges", mishaps)

    async def three_windows() -> None:
        async with running(rehearsal):
            for n in range(60):
                await rehearsal.clock.sleep(3)
                put(rehearsal, n, draw, made)
                if n == 30:
                    (shard,) = rehearsal.surroundings.store.listing()
                    rehearsal.surroundings.store.split(shard.shard_id)
            await rehearsal.idle()

    run(three_windows())
    brought_back = recover(measured, rehearsal)

    assert mishaps.finals >= 3
    assert brought_back
    assert {list_id: measured.of(list_id).changes for list_id in made} == made


def put(rehearsal: Rehearsal, n: int, draw: random.Random, made: Counter[str]) -> None:
    """Make a change, capture it once, twice or again after a while, and now and then something that is no change."""
    list_id = f"list-{draw.randrange(3)}"
    change = capture(int((rehearsal.clock.now() - MOMENT) * 1_000_000), new=task(f"task-{n}", list_id))
    made[list_id] += 1
    for _ in range(draw.choice([1, 1, 2])):
        rehearsal.data_stream.put(f"{draw.randrange(8)}", json.dumps(change).encode())
    if draw.random() < 0.1:
        rehearsal.data_stream.put("any", b"not a captured change")
