"""Which requests AWS refuses, and in which words.

Texts are recorded ones where a recording exists; the others follow the same pattern.
"""

from datetime import datetime
from typing import Any

from event_source_mapping.errors import SettingsRefused

_BOUNDS = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRetryAttempts": (-1, 10_000),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "TumblingWindowInSeconds": (0, 900),
}
_STARTING_POSITIONS = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_STREAM_ONLY_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "ParallelizationFactor": (1,),
    "BisectBatchOnFunctionError": (False,),
    "MaximumRetryAttempts": (-1,),
    "MaximumRecordAgeInSeconds": (-1,),
    "TumblingWindowInSeconds": (0,),
    "StartingPosition": (),
    "StartingPositionTimestamp": (),
}
_QUEUE_BATCH_WITHOUT_WINDOW = 10
_LEAST_RECORD_AGE = 60
_CONCURRENCY_BOUNDS = (2, 1_000)
_LONGEST_DESTINATION = 350
_DESTINATION_SERVICES = frozenset({"sqs", "sns", "s3"})
_METRICS = frozenset({"EventCount", "ErrorCount", "KafkaMetrics"})


def _constraint(value: object, name: str, constraint: str, code: str = "ValidationException") -> SettingsRefused:
    shown = "null" if value is None else f"'{value}'"
    member = name[:1].lower() + name[1:]
    detected = f"1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint"
    return SettingsRefused(f"{detected}: Member must {constraint}", code)


def _check_within(value: object, name: str, bounds: tuple[int, int]) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise SettingsRefused(f"{name} must be a whole number, not {value!r}.", "SerializationException")
    if value < bounds[0]:
        raise _constraint(value, name, f"have value greater than or equal to {bounds[0]}")
    if value > bounds[1]:
        raise _constraint(value, name, f"have value less than or equal to {bounds[1]}")


def check_bounds(request: dict[str, Any]) -> None:
    """Refuse a number outside its range in the API's model."""
    for name, bounds in _BOUNDS.items():
        if request.get(name) is not None:
            _check_within(request[name], name, bounds)


def check_record_age(seconds: int) -> int:
    """-1 or at least a minute: the values between are in the API's range, and refused all the same."""
    if -1 < seconds < _LEAST_RECORD_AGE:
        raise SettingsRefused(
            f"Invalid MaximumRecordAgeInSeconds {seconds}: must be -1 or between {_LEAST_RECORD_AGE} and 604800."
        )
    return seconds


def check_response_types(request: dict[str, Any]) -> None:
    types = request.get("FunctionResponseTypes") or []
    if len(types) > 1:
        raise _constraint(types, "FunctionResponseTypes", "have length less than or equal to 1")
    for name in types:
        if name != "ReportBatchItemFailures":
            raise _constraint(types, "FunctionResponseTypes", "satisfy enum value set: [ReportBatchItemFailures]")


def check_stream_request(request: dict[str, Any], arn: str) -> None:
    for name in ("ScalingConfig", "ProvisionedPollerConfig", "LoggingConfig"):
        if request.get(name):
            raise SettingsRefused(f"Unsupported {name} parameter for given event source mapping type.")
    if ":dynamodb:" in arn and "/stream/" not in arn:
        raise SettingsRefused(f"Stream not found: {arn}")


def check_starting_position(request: dict[str, Any], arn: str, at_timestamp: bool, now: float | None) -> None:
    """A stream needs a starting position, DynamoDB has no AT_TIMESTAMP, and a timestamp lies in the past."""
    position = request.get("StartingPosition")
    if position is None:
        raise _constraint(None, "StartingPosition", "not be null.", "InvalidParameterValueException")
    if position not in _STARTING_POSITIONS:
        raise _constraint(position, "StartingPosition", f"satisfy enum value set: [{', '.join(_STARTING_POSITIONS)}]")
    timestamp = request.get("StartingPositionTimestamp")
    if position != "AT_TIMESTAMP":
        return
    if not at_timestamp:
        raise SettingsRefused(f"Unsupported starting position for arn type: {arn}")
    if timestamp is None:
        raise SettingsRefused("StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.")
    moment = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
    if now is not None and moment > now:
        raise SettingsRefused("StartingPositionTimestamp must not be in the future.")


def check_queue_request(request: dict[str, Any], arn: str) -> None:
    """Refuse for a queue what only streams have, and batches that need a window to fill."""
    for name, accepted in _STREAM_ONLY_DEFAULTS.items():
        value = request.get(name)
        if value is not None and value not in accepted:
            raise SettingsRefused(f"{name} is not valid for SQS event sources.")
    batch_size = request.get("BatchSize") or _QUEUE_BATCH_WITHOUT_WINDOW
    window = request.get("MaximumBatchingWindowInSeconds") or 0
    if arn.endswith(".fifo"):
        if window:
            raise SettingsRefused("Batching window is not supported for FIFO queue.")
        if batch_size > _QUEUE_BATCH_WITHOUT_WINDOW:
            raise SettingsRefused("Maximum batch size for FIFO queue is 10.")
    elif batch_size > _QUEUE_BATCH_WITHOUT_WINDOW and not window:
        raise SettingsRefused(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    concurrency = (request.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if concurrency is not None:
        _check_within(concurrency, "MaximumConcurrency", _CONCURRENCY_BOUNDS)


def check_destinations(request: dict[str, Any], queue: bool) -> str | None:
    """The on-failure destination's ARN; "" takes it away. Queues have a redrive policy instead."""
    destinations = request.get("DestinationConfig") or {}
    on_success = (destinations.get("OnSuccess") or {}).get("Destination")
    on_failure = (destinations.get("OnFailure") or {}).get("Destination") or None
    if on_success or (queue and on_failure):
        raise SettingsRefused("Unsupported DestinationConfig parameter for given event source mapping type.")
    if on_failure is None:
        return None
    parts = str(on_failure).split(":")
    if len(on_failure) > _LONGEST_DESTINATION or len(parts) < 6 or parts[2] not in _DESTINATION_SERVICES:
        raise SettingsRefused(f"The provided destination config DestinationConfig is not supported: {on_failure}")
    if on_failure.endswith(".fifo"):
        raise SettingsRefused(f"FIFO destinations are not supported: {on_failure}")
    return str(on_failure)


def check_metrics(request: dict[str, Any]) -> tuple[str, ...]:
    """Return the groups of metrics of MetricsConfig."""
    metrics = (request.get("MetricsConfig") or {}).get("Metrics") or []
    if not _METRICS.issuperset(metrics):
        raise _constraint(metrics, "MetricsConfig.Metrics", f"satisfy enum value set: [{', '.join(sorted(_METRICS))}]")
    return tuple(metrics)
