"""Requests: defaults, bounds, refusals in AWS's words, updates."""

from datetime import UTC, datetime
from typing import Any

import pytest

from event_source_mapping import MappingSettings, SettingsRefused
from event_source_mapping.rehearsal import DATA_STREAM_ARN, FAILED_BATCHES_ARN, QUEUE_ARN, TABLE_STREAM_ARN

TABLE = {"EventSourceArn": TABLE_STREAM_ARN, "StartingPosition": "TRIM_HORIZON"}
DATA = {"EventSourceArn": DATA_STREAM_ARN, "StartingPosition": "LATEST"}
QUEUE = {"EventSourceArn": QUEUE_ARN}


def test_the_defaults_of_a_stream_are_spelled_out() -> None:
    assert MappingSettings.from_request(TABLE).to_configuration() == {
        "EventSourceArn": TABLE_STREAM_ARN,
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "ParallelizationFactor": 1,
        "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "TumblingWindowInSeconds": 0,
        "StartingPosition": "TRIM_HORIZON",
        "DestinationConfig": {"OnFailure": {}},
    }


def test_the_defaults_of_a_queue_are_those_of_a_queue() -> None:
    assert MappingSettings.from_request(QUEUE).to_configuration() == {
        "EventSourceArn": QUEUE_ARN,
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
    }


@pytest.mark.parametrize("base", [TABLE, DATA, QUEUE], ids=["table", "data", "queue"])
def test_every_default_may_be_given(base: dict[str, Any]) -> None:
    defaults = MappingSettings.from_request(base)
    given = {
        "Enabled": True,
        "ParallelizationFactor": 1,
        "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "TumblingWindowInSeconds": 0,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "FilterCriteria": {"Filters": []},
        "DestinationConfig": {"OnFailure": {}},
    }

    assert MappingSettings.from_request(base | given) == defaults


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"StartingPosition": None},
            "InvalidParameterValueException",
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null.",
        ),
        (
            {"StartingPosition": "EARLIEST"},
            "ValidationException",
            "1 validation error detected: Value 'EARLIEST' at 'startingPosition' failed to satisfy constraint: "
            "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        ),
        (
            {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1.0},
            "InvalidParameterValueException",
            f"Unsupported starting position for arn type: {TABLE_STREAM_ARN}",
        ),
        (
            {"BatchSize": 10_001},
            "ValidationException",
            "1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: "
            "Member must have value less than or equal to 10000",
        ),
        (
            {"ParallelizationFactor": 0},
            "ValidationException",
            "1 validation error detected: Value '0' at 'parallelizationFactor' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "single-string"}]}},
            "InvalidParameterValueException",
            "Invalid filter pattern definition.",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": FAILED_BATCHES_ARN}}},
            "InvalidParameterValueException",
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
    ],
)
def test_what_aws_refuses_is_refused_in_its_words(change: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        MappingSettings.from_request(TABLE | change)

    assert (refused.value.code, refused.value.message) == (code, message)


@pytest.mark.parametrize(
    "change",
    [
        {"MaximumBatchingWindowInSeconds": 301},
        {"MaximumRetryAttempts": -2},
        {"MaximumRetryAttempts": 10_001},
        {"MaximumRecordAgeInSeconds": 59},
        {"MaximumRecordAgeInSeconds": 604_801},
        {"TumblingWindowInSeconds": 901},
        {"BatchSize": "100"},
        {"FunctionResponseTypes": ["Other"]},
        {"FunctionResponseTypes": ["ReportBatchItemFailures", "ReportBatchItemFailures"]},
        {"ScalingConfig": {"MaximumConcurrency": 5}},
        {"DestinationConfig": {"OnFailure": {"Destination": "not an arn"}}},
        {"DestinationConfig": {"OnFailure": {"Destination": f"{FAILED_BATCHES_ARN}.fifo"}}},
        {"EventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c"},
        {"EventSourceArn": None},
    ],
)
def test_a_stream_mapping_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        MappingSettings.from_request(TABLE | change)


@pytest.mark.parametrize(
    "change",
    [
        {"BatchSize": 11},
        {"StartingPosition": "LATEST"},
        {"ParallelizationFactor": 2},
        {"MaximumRetryAttempts": 3},
        {"ScalingConfig": {"MaximumConcurrency": 1}},
        {"DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}},
        {"EventSourceArn": f"{QUEUE_ARN}.fifo", "MaximumBatchingWindowInSeconds": 1},
        {"EventSourceArn": f"{QUEUE_ARN}.fifo", "BatchSize": 11},
    ],
)
def test_a_queue_mapping_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        MappingSettings.from_request(QUEUE | change)


def test_a_queue_may_have_large_batches_with_a_window() -> None:
    request = QUEUE | {"BatchSize": 10_000, "MaximumBatchingWindowInSeconds": 1}

    assert MappingSettings.from_request(request).batch_size == 10_000


def test_a_timestamp_is_required_read_and_not_in_the_future() -> None:
    at = DATA | {"StartingPosition": "AT_TIMESTAMP"}
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    settings = MappingSettings.from_request(at | {"StartingPositionTimestamp": moment}, now=moment.timestamp())

    assert settings.starting_position_timestamp == moment.timestamp()
    with pytest.raises(SettingsRefused):
        MappingSettings.from_request(at)
    with pytest.raises(SettingsRefused):
        MappingSettings.from_request(at | {"StartingPositionTimestamp": moment}, now=moment.timestamp() - 1)


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    request = TABLE | {"BatchSize": 7, "DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}}
    settings = MappingSettings.from_request(request)

    updated = settings.updated_by({"MaximumRetryAttempts": 2, "Enabled": False})
    cleared = updated.updated_by({"DestinationConfig": {"OnFailure": {"Destination": ""}}})

    assert (updated.batch_size, updated.maximum_retry_attempts, updated.enabled) == (7, 2, False)
    assert updated.on_failure_destination == FAILED_BATCHES_ARN
    assert cleared.on_failure_destination is None
    assert cleared.enabled is False


def test_an_update_may_take_the_filters_away() -> None:
    pattern = {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}}
    settings = MappingSettings.from_request(TABLE | pattern)

    assert settings.updated_by({"BatchSize": 1}).filter_patterns == ('{"eventName":["INSERT"]}',)
    assert settings.updated_by({"FilterCriteria": {"Filters": []}}).filter_patterns == ()
