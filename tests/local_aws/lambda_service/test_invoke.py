"""The operation Invoke, as boto3 sees it."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.journal import Entry, Journal

ECHO = """
    def lambda_handler(event, context):
        print("seen", event)
        if event == "fail":
            raise ValueError("bad")
        return event
"""
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:consumer"


def lines_of(journal: Journal) -> list[str]:
    return [entry["line"] for entry in journal.after(0) if entry["kind"] == "function.log"]


def refusal_of(call: Any, **request: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    response: Any = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_the_answer_comes_with_version_and_log_tail(client: Any, deploy: Any) -> None:
    deploy(ECHO)

    answer = client.invoke(FunctionName="consumer", Payload=b'{"a": 1}', LogType="Tail")

    assert json.load(answer["Payload"]) == {"a": 1}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert [line.split()[0] for line in tail] == ["START", "seen", "END", "REPORT"]


def test_a_failure_of_the_function_is_an_answer_marked_as_such(client: Any, deploy: Any) -> None:
    deploy(ECHO)

    answer = client.invoke(FunctionName="consumer", Payload=b'"fail"')

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.load(answer["Payload"])["errorType"] == "ValueError"


@pytest.mark.parametrize("name", ["consumer", "consumer:live", ARN, f"{ARN}:live", "123456789012:function:consumer"])
def test_a_function_is_known_by_every_form_of_its_name(client: Any, deploy: Any, name: str) -> None:
    deploy(ECHO, Publish=True)
    client.create_alias(FunctionName="consumer", Name="live", FunctionVersion="1")

    answer = client.invoke(FunctionName=name, Payload=b"7")

    assert json.load(answer["Payload"]) == 7
    assert answer["ExecutedVersion"] == ("1" if name.endswith("live") else "$LATEST")


def test_a_dry_run_runs_nothing(client: Any, deploy: Any, journal: Journal) -> None:
    deploy(ECHO)

    answer = client.invoke(FunctionName="consumer", InvocationType="DryRun")

    assert answer["StatusCode"] == 204
    assert lines_of(journal) == []


def test_an_event_is_answered_before_it_runs(client: Any, deploy: Any, journal: Journal) -> None:
    deploy(ECHO)

    answer = client.invoke(FunctionName="consumer", InvocationType="Event", Payload=b'{"a": 1}')

    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    assert journal.wait_for(lambda entry: entry["kind"] == "invocation.finished")["outcome"] == "success"
    assert "seen {'a': 1}" in lines_of(journal)


def test_an_event_that_fails_is_run_twice_more(client: Any, deploy: Any, journal: Journal) -> None:
    deploy(ECHO)

    client.invoke(FunctionName="consumer", InvocationType="Event", Payload=b'"fail"')
    client.invoke(FunctionName="consumer", InvocationType="Event", Payload=b'"well"')

    def third_failure(entry: Entry) -> bool:
        finished = [e for e in journal.after(0, entry["number"]) if e["kind"] == "invocation.finished"]
        return [e["outcome"] for e in finished].count("error") == 3

    last = journal.wait_for(third_failure)
    assert last["errorType"] == "ValueError"
    assert lines_of(journal).count("seen fail") == 3


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        ({"FunctionName": "nobody"}, ("ResourceNotFoundException", 404, f"Function not found: {ARN[:-8]}nobody")),
        ({"FunctionName": "consumer:7"}, ("ResourceNotFoundException", 404, f"Function not found: {ARN}:7")),
        (
            {"FunctionName": "consumer:7", "Qualifier": "8"},
            (
                "InvalidParameterValueException",
                400,
                "The derived qualifier from the function name does not match the specified qualifier.",
            ),
        ),
        (
            {"FunctionName": "consumer", "Payload": b'"' + b"x" * 6_291_456 + b'"'},
            (
                "RequestTooLargeException",
                413,
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            ),
        ),
    ],
    ids=["unknown", "unknown version", "two qualifiers", "too large"],
)
def test_what_lambda_refuses_is_refused_in_its_words(
    client: Any, deploy: Any, request_: dict[str, Any], refusal: tuple[str, int, str]
) -> None:
    deploy(ECHO)

    assert refusal_of(client.invoke, **request_) == refusal


def test_a_payload_that_is_no_json_is_refused(client: Any, deploy: Any) -> None:
    deploy(ECHO)

    code, status, message = refusal_of(client.invoke, FunctionName="consumer", Payload=b"{")

    assert (code, status) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json")


def test_a_reserved_concurrency_of_zero_throttles(client: Any, deploy: Any) -> None:
    deploy(ECHO)
    client.put_function_concurrency(FunctionName="consumer", ReservedConcurrentExecutions=0)

    throttled = refusal_of(client.invoke, FunctionName="consumer")
    client.delete_function_concurrency(FunctionName="consumer")

    assert throttled == ("TooManyRequestsException", 429, "Rate Exceeded.")
    assert client.invoke(FunctionName="consumer")["StatusCode"] == 200


def test_the_client_context_reaches_the_function(client: Any, deploy: Any) -> None:
    deploy("def lambda_handler(event, context): return context.client_context.custom")
    context = base64.b64encode(json.dumps({"custom": {"who": "test"}}).encode()).decode()

    answer = client.invoke(FunctionName="consumer", ClientContext=context)

    assert json.load(answer["Payload"]) == {"who": "test"}
