"""What may be changed of a mapping, and what is refused while it exists, ends, or would be a second one."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.journal import Journal

ROLE_TELLING = "def lambda_handler(event, context): print('role', event['Records'][0]['invokeIdentityArn'])"
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"


@pytest.fixture
def mapped(client: Any, deploy: Any, stream: str, eventually: Any) -> str:
    """The id of an enabled mapping to `consumer`, beside which there is a function `other`."""
    deploy(ROLE_TELLING)
    deploy(ROLE_TELLING, name="other", Role=OTHER_ROLE)
    key: str = client.create_event_source_mapping(
        FunctionName="consumer", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )["UUID"]
    eventually(lambda: client.get_event_source_mapping(UUID=key)["State"] == "Enabled")
    return key


def test_a_mapping_that_is_being_deleted_cannot_be_updated(
    client: Any, deploy: Any, gate: Any, stream: str, put: Any, eventually: Any
) -> None:
    deploy(gate.source.replace("exists(event)", f"exists({gate.event!r})"))
    put("a")
    key = client.create_event_source_mapping(
        FunctionName="consumer", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )["UUID"]
    gate.pids(1)
    client.delete_event_source_mapping(UUID=key)

    with pytest.raises(ClientError, match=r"ResourceInUseException.*because it is in use"):
        client.update_event_source_mapping(UUID=key, BatchSize=7)

    gate.open()
    eventually(lambda: client.list_event_source_mappings()["EventSourceMappings"] == [])


def test_a_mapping_cannot_become_the_second_of_its_source_and_function(
    client: Any, mapped: str, stream: str, eventually: Any
) -> None:
    second = client.create_event_source_mapping(FunctionName="other", EventSourceArn=stream, StartingPosition="LATEST")
    eventually(lambda: client.get_event_source_mapping(UUID=second["UUID"])["State"] == "Enabled")

    with pytest.raises(ClientError, match=f"ResourceConflictException.*{mapped}"):
        client.update_event_source_mapping(UUID=second["UUID"], FunctionName="consumer")


def test_records_carry_the_role_of_the_function_that_the_mapping_was_given(
    client: Any, mapped: str, put: Any, journal: Journal
) -> None:
    client.update_event_source_mapping(UUID=mapped, FunctionName="other")
    put("a")

    line = journal.wait_for(lambda entry: entry.get("line", "").startswith("role "))["line"]
    assert line == f"role {OTHER_ROLE}"


def test_records_carry_the_role_that_the_function_was_given(
    client: Any, mapped: str, put: Any, journal: Journal
) -> None:
    client.update_function_configuration(FunctionName="consumer", Role=OTHER_ROLE)
    put("a")

    assert mapped
    line = journal.wait_for(lambda entry: entry.get("line", "").startswith("role "))["line"]
    assert line == f"role {OTHER_ROLE}"


@pytest.mark.parametrize(
    ("members", "status", "word"),
    [({}, 400, "functionName"), ({"FunctionName": ["consumer"]}, 400, "FunctionName")],
)
def test_a_request_that_no_sdk_would_send_is_answered(
    client: Any, stream: str, members: dict[str, Any], status: int, word: str
) -> None:
    body = {"EventSourceArn": stream, "StartingPosition": "LATEST", **members}
    url = client.meta.endpoint_url + "/2015-03-31/event-source-mappings/"

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), method="POST"))

    with refused.value as answer:
        assert (answer.code, word in json.loads(answer.read())["message"]) == (status, True)


def test_mappings_are_listed_in_pages(client: Any, mapped: str, stream: str) -> None:
    second = client.create_event_source_mapping(FunctionName="other", EventSourceArn=stream, StartingPosition="LATEST")

    first = client.list_event_source_mappings(MaxItems=1)
    rest = client.list_event_source_mappings(MaxItems=1, Marker=first["NextMarker"])

    assert [one["UUID"] for one in first["EventSourceMappings"]] == [mapped]
    assert [one["UUID"] for one in rest["EventSourceMappings"]] == [second["UUID"]]
    assert "NextMarker" not in rest


def test_the_mappings_of_an_unknown_function_are_not_listed(client: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.list_event_source_mappings(FunctionName="nobody")
