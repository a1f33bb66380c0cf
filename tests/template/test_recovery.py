"""The numbers that recovery and the template share."""

import json
from typing import Any

from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.rounds import LONGEST_PAUSE_SECONDS, PARK_AFTER_SECONDS, PAUSE_SECONDS
from changestream.recovery.consumers import Consumers
from changestream.wire.table_stream import TIME_TO_LIVE_IDENTITY
from mapping_lint.template import FUNCTION, QUEUE
from tasks.task import TASK_ID_PREFIX
from template.application import application, invocable

TEMPLATE = application()
RECOVERY = ("RecoverBatchesFunction", "RedriveParkedFunction")


def test_recovery_and_redrive_know_the_longest_time_out_of_a_consumer() -> None:
    time_outs = {name: properties["Timeout"] for name, properties in TEMPLATE.properties(FUNCTION)}
    own = [time_outs.pop(name) for name in RECOVERY]
    told = [int(environment(name)["CONSUMER_SECONDS"]) for name in RECOVERY]

    assert told == [max(time_outs.values())] * 2
    assert min(own) >= Consumers((), told[0]).seconds + ANSWER_SECONDS


def test_what_recovery_may_invoke_redrive_may_invoke_too() -> None:
    redrive, recovery = (invocable(TEMPLATE, f"{name}Role") for name in ("RedriveParked", "RecoverBatches"))

    assert redrive == recovery != []
    told = [environment(name)["CONSUMERS"] for name in RECOVERY]
    assert told[0] == told[1]


def test_redrive_delivers_nothing_that_was_parked_longer_ago_than_records_are_kept() -> None:
    assert environment("RedriveParkedFunction")["PARKED_RECORD_DAYS"] == {"Ref": "ParkedRecordDays"}


def test_recovery_may_go_on_by_itself_for_as_many_rounds_as_a_range_takes() -> None:
    functions = dict(TEMPLATE.properties(FUNCTION))

    assert functions["RecoverBatchesFunction"]["RecursiveLoop"] == "Allow"


def environment(function: str) -> dict[str, Any]:
    """The variables of a function."""
    found: dict[str, Any] = dict(TEMPLATE.properties(FUNCTION))[function]["Environment"]["Variables"]
    return found


def test_the_queue_gives_up_only_well_after_the_round_in_which_everything_is_parked() -> None:
    queues = dict(TEMPLATE.properties(QUEUE))
    waited, receipts = 0.0, 1

    while waited < PARK_AFTER_SECONDS:
        waited += min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** (receipts - 1)) / 2
        receipts += 1

    assert queues["FailedBatchesQueue"]["RedrivePolicy"]["maxReceiveCount"] >= 2 * receipts


def test_the_filters_of_the_tables_stream_let_through_what_the_code_calls_a_task_and_an_expired_one() -> None:
    tasks = {"dynamodb": {"Keys": {"taskId": {"S": [{"prefix": TASK_ID_PREFIX}]}}}}
    expired = {"userIdentity": {name: [value] for name, value in TIME_TO_LIVE_IDENTITY.items()}}

    patterns = {
        mapping.function: [json.loads(each["Pattern"]) for each in mapping.properties["FilterCriteria"]["Filters"]]
        for mapping in TEMPLATE.mappings()
        if "FilterCriteria" in mapping.properties
    }

    assert patterns == {"CountTasksFunction": [tasks], "ArchiveTasksFunction": [tasks | expired]}
