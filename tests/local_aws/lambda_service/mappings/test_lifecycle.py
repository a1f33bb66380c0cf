"""Mappings are created, changed, paused and deleted while records flow."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.lambda_service import LambdaService

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"


def refusal_of(call: Any, **request: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    response: Any = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_a_mapping_is_created_with_lambdas_defaults_and_delivers(
    client: Any, telling: str, stream: str, put: Any, seen: Any, eventually: Any
) -> None:
    put("a", "b")

    created = client.create_event_source_mapping(
        FunctionName=telling, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )
    eventually(lambda: seen() == ["a", "b"])

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert {
        "State": "Creating",
        "StateTransitionReason": "User action",
        "LastProcessingResult": "No records processed",
        "BatchSize": 100,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "ParallelizationFactor": 1,
        "BisectBatchOnFunctionError": False,
        "FunctionResponseTypes": [],
        "DestinationConfig": {"OnFailure": {}},
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:consumer",
    }.items() <= created.items()
    eventually(lambda: client.get_event_source_mapping(UUID=created["UUID"])["LastProcessingResult"] == "OK")
    assert client.get_event_source_mapping(UUID=created["UUID"])["State"] == "Enabled"


def test_a_mapping_of_a_queue_says_why_it_is_as_it_is_in_other_words_and_nothing_of_its_last_batch(
    client: Any, telling: str, queue: str, eventually: Any
) -> None:
    created = client.create_event_source_mapping(FunctionName=telling, EventSourceArn=queue)
    eventually(lambda: client.get_event_source_mapping(UUID=created["UUID"])["State"] == "Enabled")

    shown = client.get_event_source_mapping(UUID=created["UUID"])
    assert [one["StateTransitionReason"] for one in (created, shown)] == ["USER_INITIATED"] * 2
    assert not {"LastProcessingResult", "ParallelizationFactor", "DestinationConfig"} & (created.keys() | shown.keys())


def test_an_update_goes_on_from_the_checkpoint(
    client: Any, telling: str, stream: str, put: Any, seen: Any, eventually: Any
) -> None:
    key = client.create_event_source_mapping(
        FunctionName=telling, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )["UUID"]
    put("a", "b")
    eventually(lambda: seen() == ["a", "b"])

    updated = client.update_event_source_mapping(UUID=key, BatchSize=1)
    put("c", "d")
    eventually(lambda: len(seen()) >= 4)

    assert (updated["State"], updated["BatchSize"]) == ("Updating", 1)
    assert seen() == ["a", "b", "c", "d"]
    assert client.get_event_source_mapping(UUID=key)["BatchSize"] == 1


def test_a_disabled_mapping_delivers_nothing_and_keeps_its_place(
    client: Any, telling: str, service: LambdaService, stream: str, put: Any, seen: Any, eventually: Any
) -> None:
    key = client.create_event_source_mapping(
        FunctionName=telling, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )["UUID"]
    put("a")
    eventually(lambda: seen() == ["a"])

    disabled = client.update_event_source_mapping(UUID=key, Enabled=False)
    eventually(lambda: client.get_event_source_mapping(UUID=key)["State"] == "Disabled")
    put("b")
    idle = service.mappings()[0]["idle"]
    enabled = client.update_event_source_mapping(UUID=key, Enabled=True)
    eventually(lambda: len(seen()) >= 2)

    assert (disabled["State"], enabled["State"]) == ("Disabling", "Enabling")
    assert idle
    assert seen() == ["a", "b"]


def test_a_deleted_mapping_is_gone_and_its_stream_may_be_mapped_again(
    client: Any, telling: str, stream: str, put: Any, seen: Any, eventually: Any
) -> None:
    request = {"FunctionName": telling, "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON"}
    key = client.create_event_source_mapping(**request)["UUID"]
    put("a")
    eventually(lambda: seen() == ["a"])

    deleted = client.delete_event_source_mapping(UUID=key)
    eventually(lambda: client.list_event_source_mappings()["EventSourceMappings"] == [])
    client.create_event_source_mapping(**request)
    eventually(lambda: seen() == ["a", "a"])

    assert deleted["State"] == "Deleting"
    assert refusal_of(client.get_event_source_mapping, UUID=key)[0] == "ResourceNotFoundException"


def test_what_lambda_refuses_is_refused_in_its_words(
    client: Any, telling: str, deploy: Any, stream: str, queue: str
) -> None:
    deploy("def lambda_handler(event, context): ...", name="slow", Timeout=60)
    request = {"FunctionName": telling, "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON"}
    key = client.create_event_source_mapping(**request)["UUID"]
    of_queue = client.create_event_source_mapping(FunctionName=telling, EventSourceArn=queue)["UUID"]

    create = client.create_event_source_mapping
    refusals = [
        refusal_of(create, **request),
        refusal_of(create, FunctionName=telling, EventSourceArn=queue),
        refusal_of(create, **(request | {"EventSourceArn": stream + "-none"})),
        refusal_of(create, **(request | {"FunctionName": "nobody"})),
        refusal_of(create, FunctionName=telling, EventSourceArn=stream),
        refusal_of(create, FunctionName="slow", EventSourceArn=queue),
        refusal_of(client.get_event_source_mapping, UUID=str(uuid.uuid4())),
    ]

    invalid = "InvalidParameterValueException"
    assert refusals == [
        (
            "ResourceConflictException",
            409,
            f'The event source arn (" {stream} ") and function (" consumer ") provided mapping already exists. '
            f"Please update or delete the existing mapping with UUID {key}",
        ),
        (
            "ResourceConflictException",
            409,
            f'An event source mapping with SQS arn (" {queue} ") and function (" consumer ") already exists. '
            f"Please update or delete the existing mapping with UUID {of_queue}",
        ),
        (invalid, 400, f"Stream not found: {stream}-none"),
        (invalid, 400, "Function does not exist"),
        (
            invalid,
            400,
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null.",
        ),
        (invalid, 400, "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"),
        ("ResourceNotFoundException", 404, "The resource you requested does not exist."),
    ]
