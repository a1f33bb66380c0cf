"""What AWS's pages leave open about alarms, as values that a caller chooses."""

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Readings:
    """One reading of the rules that the documentation leaves open."""

    extra_periods: int = 2
    """Periods that CloudWatch retrieves beyond EvaluationPeriods. The tables of the user guide's page "Configuring how
    CloudWatch alarms treat missing data" use 2; the page says that the real number depends on the period."""

    fills_empty: bool = True
    """Whether FILL gives values to a metric that has no data at all in the evaluation range. Not documented."""

    ignores_missing_dynamodb: bool = False
    """Whether alarms on AWS/DynamoDB ignore missing data whatever TreatMissingData says. The API reference of
    PutMetricAlarm says so; the user guide says that the template's choice wins."""

    empty_query_is_insufficient: bool = False
    """Whether a Metrics Insights query without any data sets INSUFFICIENT_DATA. The user guide says so of queries that
    return several time series, and says that queries with one series behave as other alarms."""


def every_reading() -> list[Readings]:
    """Return every combination of the open rules."""
    return [Readings(*choices) for choices in product((0, 2), (True, False), (False, True), (False, True))]
