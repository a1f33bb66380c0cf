"""The batches that the engine makes in virtual time: what the closed formula is held against."""

import asyncio
from dataclasses import dataclass
from random import Random

from costs.batching import PUSH_SECONDS, TABLE_POLL_SECONDS
from event_source_mapping.pace import Pace
from event_source_mapping.rehearsal import CONSUMER_ARN, DATA_STREAM_ARN, TABLE_STREAM_ARN, Rehearsal, running
from event_source_mapping.virtual_time import run

ARNS = {TABLE_STREAM_ARN: TABLE_POLL_SECONDS, DATA_STREAM_ARN: 1.0, CONSUMER_ARN: PUSH_SECONDS}


@dataclass(frozen=True, slots=True)
class Case:
    """A mapping, and the changes that come for it."""

    rate: float
    batch_size: int = 100
    window: float = 1
    factor: int = 4
    shards: int = 4
    poll: float = 1.0
    duration: float = 0.0
    hot: float = 0.0
    hot_tasks: int = 10


@dataclass(frozen=True, slots=True)
class Batches:
    """What came of a case while changes came: records, invocations, the tasks in each, the most at once.

    ``behind`` is how many seconds after the last change the last batch was delivered.
    """

    records: int
    invocations: int
    tasks: int
    most_at_once: int
    behind: float

    @property
    def size(self) -> float:
        return self.records / self.invocations

    @property
    def tasks_in_a_batch(self) -> float:
        return self.tasks / self.invocations


def rehearse(case: Case, seconds: float, seed: int = 1) -> Batches:
    """Play a case for so many seconds of virtual time: changes at random moments, of tasks of which some are hot."""
    (arn,) = [arn for arn, poll in ARNS.items() if poll == case.poll]
    request = {
        "EventSourceArn": arn,
        "BatchSize": case.batch_size,
        "MaximumBatchingWindowInSeconds": int(case.window),
        "ParallelizationFactor": case.factor,
    }
    rehearsal = Rehearsal(
        request, source_arn=arn, shards=case.shards, duration=case.duration, pace=Pace(poll_interval=case.poll)
    )

    async def play() -> None:
        async with running(rehearsal):
            await write(rehearsal, case, seconds, Random(seed))  # noqa: S311 - a workload, no secret
            written.append(rehearsal.clock.now())
            await rehearsal.idle()

    written: list[float] = []
    run(play())
    (ended,) = written
    in_time = [
        event for event, moment in zip(rehearsal.events, rehearsal.function.moments, strict=True) if moment <= ended
    ]
    tasks = sum(len({_item(record) for record in event["Records"]}) for event in in_time)
    records = sum(len(event["Records"]) for event in in_time)
    behind = max(0.0, rehearsal.function.moments[-1] - ended)
    return Batches(records, len(in_time), tasks, rehearsal.function.most_running, behind)


async def write(rehearsal: Rehearsal, case: Case, seconds: float, draw: Random) -> None:
    """Write changes at the times of a Poisson process."""
    loop = asyncio.get_running_loop()
    moment, number = loop.time(), 0
    until = moment + seconds
    while (moment := moment + draw.expovariate(case.rate)) < until:
        await asyncio.sleep(moment - loop.time())
        number += 1
        hot = draw.random() < case.hot
        rehearsal.put("change", f"hot-{draw.randrange(case.hot_tasks)}" if hot else f"task-{number}")


def _item(record: dict[str, dict[str, object]]) -> str:
    return str(record["kinesis"]["partitionKey"] if "kinesis" in record else record["dynamodb"]["Keys"])
