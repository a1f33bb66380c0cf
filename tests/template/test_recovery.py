"""The numbers that recovery and the template share."""

import json

from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.rounds import LONGEST_PAUSE_SECONDS, PARK_AFTER_SECONDS, PAUSE_SECONDS
from changestream.core.task import TASK_ID_PREFIX
from changestream.wire.table_stream import TIME_TO_LIVE_IDENTITY
from functions.recover_batches import app
from template.template import FUNCTION, MAPPING, QUEUE, Template, target

TEMPLATE = Template.load()


def test_recovery_knows_the_longest_time_out_of_a_consumer() -> None:
    time_outs = {name: properties["Timeout"] for name, properties in TEMPLATE.properties(FUNCTION)}
    own = time_outs.pop("RecoverBatchesFunction")

    assert max(time_outs.values()) == app.CONSUMER_SECONDS
    assert own >= app.CONSUMER_SECONDS + app.DELIVERY_SECONDS + ANSWER_SECONDS


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
        target(mapping["FunctionName"]): [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]]
        for _, mapping in TEMPLATE.properties(MAPPING)
        if "FilterCriteria" in mapping
    }

    assert patterns == {"CountTasksFunction": [tasks], "ArchiveTasksFunction": [tasks | expired]}
