from aws_lambda_powertools import Logger, Metrics

from builders import MOMENT, capture, kinesis_record, task
from changestream.aws.telemetry import report_batch
from changestream.core.batch import BatchOutcome
from changestream.wire.kinesis_capture import change


def lag_of(*times: int) -> float:
    """The lag that is measured of changes of these microseconds since the moment, ten seconds after it."""
    captured = [capture(time, new=task()) for time in times]
    for each in captured:
        moment = each["dynamodb"]["ApproximateCreationDateTime"]
        each["dynamodb"]["ApproximateCreationDateTime"] = max(0, moment)
    changes = [change(kinesis_record(n, each)) for n, each in enumerate(captured)]
    metrics = Metrics(namespace="Tested", service="tested")
    report_batch(Logger("tested"), metrics, BatchOutcome(len(changes), 0, 0, ()), changes, lambda: MOMENT + 10)
    (lag,) = metrics.metric_set["LagSeconds"]["Value"]
    metrics.clear_metrics()
    return float(lag)


def test_the_lag_of_a_batch_is_the_age_of_its_oldest_change() -> None:
    assert lag_of(4_000_000, 2_000_000) == 8.0


def test_what_a_backfill_brings_has_no_age() -> None:
    origin = -MOMENT * 1_000_000

    assert lag_of(4_000_000, origin) == 6.0
    assert lag_of(origin) == 0.0
