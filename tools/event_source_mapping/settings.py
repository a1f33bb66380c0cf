"""The settings of one mapping as one validated value, made from an API request.

Defaults and bounds: API reference of CreateEventSourceMapping.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from event_source_mapping.errors import SettingsRefused
from event_source_mapping.filters import RecordFilter
from event_source_mapping.validation import (
    check_bounds,
    check_destinations,
    check_metrics,
    check_queue_request,
    check_record_age,
    check_response_types,
    check_starting_position,
    check_stream_request,
)

REPORT_BATCH_ITEM_FAILURES = "ReportBatchItemFailures"
UNLIMITED = -1
EVENT_COUNT = "EventCount"
"""The group of metrics that mappings of streams and queues may publish (MetricsConfig)."""


class SourceKind(StrEnum):
    DYNAMODB = "dynamodb"
    KINESIS = "kinesis"
    SQS = "sqs"

    @classmethod
    def of(cls, arn: str) -> "SourceKind":
        """The kind of source that an ARN names; refuse those that this engine has no poller for."""
        parts = arn.split(":")
        if len(parts) < 6 or parts[2] not in {str(kind) for kind in cls}:
            raise SettingsRefused(
                f"Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported arn {arn}"
            )
        return cls(parts[2])


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Every setting, defaults filled in; names are the API's in snake case."""

    event_source_arn: str
    enabled: bool = True
    batch_size: int = 100
    maximum_batching_window_in_seconds: int = 0
    parallelization_factor: int = 1
    bisect_batch_on_function_error: bool = False
    maximum_retry_attempts: int = UNLIMITED
    maximum_record_age_in_seconds: int = UNLIMITED
    tumbling_window_in_seconds: int = 0
    starting_position: str | None = None
    starting_position_timestamp: float | None = None
    report_batch_item_failures: bool = False
    filter_patterns: tuple[str, ...] = ()
    on_failure_destination: str | None = None
    maximum_concurrency: int | None = None
    metrics: tuple[str, ...] = ()
    """Groups of metrics that the host is to publish; the engine does not use them."""

    @property
    def stream_arn(self) -> str:
        """The stream behind an enhanced fan-out consumer; the source itself otherwise."""
        return self.event_source_arn.partition("/consumer/")[0]

    @property
    def kind(self) -> SourceKind:
        return SourceKind.of(self.event_source_arn)

    @classmethod
    def from_request(cls, request: dict[str, Any], now: float | None = None) -> "MappingSettings":
        """Settings of a CreateEventSourceMapping request; raise SettingsRefused as AWS would refuse it.

        Parameters that do not bear on delivery (FunctionName, Tags, KMSKeyArn) are left to the caller. `now` is what a
        StartingPositionTimestamp may not lie beyond.
        """
        arn = request.get("EventSourceArn")
        if not arn:
            raise SettingsRefused("Unrecognized event source.")
        kind = SourceKind.of(arn)
        check_bounds(request)
        check_response_types(request)
        if kind is SourceKind.SQS:
            check_queue_request(request, arn)
        else:
            check_stream_request(request, arn)
            check_starting_position(request, arn, kind is SourceKind.KINESIS, now)
        return cls._from_checked(request, arn, kind)

    @classmethod
    def _from_checked(cls, request: dict[str, Any], arn: str, kind: SourceKind) -> "MappingSettings":
        return cls(
            event_source_arn=arn,
            enabled=_given(request, "Enabled", True),
            batch_size=_given(request, "BatchSize", 10 if kind is SourceKind.SQS else 100),
            maximum_batching_window_in_seconds=_given(request, "MaximumBatchingWindowInSeconds", 0),
            parallelization_factor=_given(request, "ParallelizationFactor", 1),
            bisect_batch_on_function_error=_given(request, "BisectBatchOnFunctionError", False),
            maximum_retry_attempts=_given(request, "MaximumRetryAttempts", UNLIMITED),
            maximum_record_age_in_seconds=check_record_age(_given(request, "MaximumRecordAgeInSeconds", UNLIMITED)),
            tumbling_window_in_seconds=_given(request, "TumblingWindowInSeconds", 0),
            starting_position=request.get("StartingPosition"),
            starting_position_timestamp=_epoch(request.get("StartingPositionTimestamp")),
            report_batch_item_failures=REPORT_BATCH_ITEM_FAILURES in (request.get("FunctionResponseTypes") or []),
            filter_patterns=_patterns(request, kind),
            on_failure_destination=check_destinations(request, kind is SourceKind.SQS),
            maximum_concurrency=(request.get("ScalingConfig") or {}).get("MaximumConcurrency"),
            metrics=check_metrics(request),
        )

    def updated_by(self, request: dict[str, Any], now: float | None = None) -> "MappingSettings":
        """Settings after an UpdateEventSourceMapping request: what it does not name stays as it is."""
        changes = {name: value for name, value in request.items() if value is not None}
        for fixed in ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp"):
            changes.pop(fixed, None)
        return MappingSettings.from_request(self.to_configuration() | {"Enabled": self.enabled} | changes, now)

    def to_configuration(self) -> dict[str, Any]:
        """The settings as the API answers them, every default spelled out, without State and names."""
        configuration: dict[str, Any] = {
            "EventSourceArn": self.event_source_arn,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.maximum_batching_window_in_seconds,
            "FunctionResponseTypes": [REPORT_BATCH_ITEM_FAILURES] if self.report_batch_item_failures else [],
        }
        if self.filter_patterns:
            configuration["FilterCriteria"] = {"Filters": [{"Pattern": text} for text in self.filter_patterns]}
        if self.metrics:
            configuration["MetricsConfig"] = {"Metrics": list(self.metrics)}
        if self.kind is SourceKind.SQS:
            if self.maximum_concurrency is not None:
                configuration["ScalingConfig"] = {"MaximumConcurrency": self.maximum_concurrency}
            return configuration
        return configuration | self._stream_configuration()

    def _stream_configuration(self) -> dict[str, Any]:
        on_failure = {"Destination": self.on_failure_destination} if self.on_failure_destination else {}
        configuration: dict[str, Any] = {
            "ParallelizationFactor": self.parallelization_factor,
            "BisectBatchOnFunctionError": self.bisect_batch_on_function_error,
            "MaximumRetryAttempts": self.maximum_retry_attempts,
            "MaximumRecordAgeInSeconds": self.maximum_record_age_in_seconds,
            "TumblingWindowInSeconds": self.tumbling_window_in_seconds,
            "StartingPosition": self.starting_position,
            "DestinationConfig": {"OnFailure": on_failure},
        }
        if self.starting_position_timestamp is not None:
            configuration["StartingPositionTimestamp"] = self.starting_position_timestamp
        return configuration


def _given[T](request: dict[str, Any], name: str, default: T) -> T:
    value = request.get(name)
    return default if value is None else value


def _epoch(moment: datetime | float | None) -> float | None:
    return moment.timestamp() if isinstance(moment, datetime) else moment


def _patterns(request: dict[str, Any], kind: SourceKind) -> tuple[str, ...]:
    """The filter patterns, each compiled once to be sure that it can be; an empty list is none."""
    filters = (request.get("FilterCriteria") or {}).get("Filters") or []
    patterns = tuple(str(entry.get("Pattern", "{}")) for entry in filters)
    RecordFilter.compiled(patterns, str(kind))
    return patterns
