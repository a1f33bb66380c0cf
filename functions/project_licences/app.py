"""Keeps the newest state of every licence, from the ledger's stream of document revisions."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client
from changestream.aws.guarded_table import GuardedTable
from changestream.aws.newest_consumer import NewestConsumer, View
from changestream.aws.telemetry import report_batch
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.wire import ledger
from licence import Licence, licence_from_image

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Project a batch of the ledger's stream; answer with the first record that is not done."""
    batch = ledger.decode(event["Records"])
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> NewestConsumer[Licence]:
    """Build the consumer from the environment, on the first invocation."""
    table = GuardedTable(client("dynamodb"), os.environ["LICENCES_TABLE"], int(os.environ["TOMBSTONE_DAYS"]))

    def write(change: Change, licence: Licence | None) -> bool:
        if licence is None:
            return table.bury(change.keys, change.position)
        return table.put(dict(change.keys) | row(licence), change.position)

    return NewestConsumer(View(write, lambda change: table.watermark(change.keys)), licence_after)


def licence_after(change: Change) -> Licence | None:
    """Return the licence as the change left it, ``None`` for one that was deleted."""
    image = change.image_after()
    return None if image is None else licence_from_image(image)


def row(licence: Licence) -> dict[str, Any]:
    """Return what the view says of a licence, beside its document's id: the one name that a deletion gives it, too."""
    return {
        "licenceId": {"S": licence.licence_id},
        "penaltyPoints": {"N": str(licence.penalty_points)},
        "postcode": {"S": licence.postcode},
    } | {name: {"S": text} for name, text in licence.texts.items()}
