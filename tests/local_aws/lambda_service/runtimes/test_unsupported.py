"""Functions that nothing on this machine runs: they exist, and each invocation says why it fails."""

import json
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

ROLE = "arn:aws:iam::123456789012:role/consumer"
SUPPORTED = "Functions run here with the runtimes python3.*, nodejs*"


@pytest.mark.parametrize("runtime", ["java21", "ruby3.4", "dotnet8", "go1.x", "python2.7"])
def test_a_function_of_another_runtime_is_created_and_fails_when_invoked(
    service: LambdaService, deploy: Any, runtime: str
) -> None:
    created = deploy("x = 1", Runtime=runtime, Handler="example.Handler::handleRequest")

    answer = service.invoke({"FunctionName": "consumer"})

    payload = json.loads(answer["Payload"])
    assert created["Runtime"] == runtime
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert payload["errorType"] == "InvalidRuntimeException"
    assert f"Runtime {runtime} does not run here. {SUPPORTED}" in payload["errorMessage"]


def test_the_reason_is_in_the_functions_log(deploy: Any, answer_of: Any, journal: Journal) -> None:
    deploy("x = 1", Runtime="java21")

    answer_of()

    start, reason, *_ = [entry["line"] for entry in journal.after(0, 100) if entry["kind"] == "function.log"]
    assert start.startswith("START RequestId: ")
    assert reason.startswith("Runtime java21 does not run here. ")


def test_a_container_image_is_created_and_fails_when_invoked(client: Any, answer_of: Any) -> None:
    client.create_function(
        FunctionName="consumer",
        Role=ROLE,
        PackageType="Image",
        Code={"ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/consumer:1"},
    )

    shown = client.get_function_configuration(FunctionName="consumer")
    failed = answer_of()

    assert shown["PackageType"] == "Image"
    assert failed["errorType"] == "InvalidRuntimeException"
    assert "A container image does not run here." in failed["errorMessage"]


def test_a_function_runs_once_it_has_a_runtime_that_does(client: Any, deploy: Any, answer_of: Any) -> None:
    deploy("def lambda_handler(event, context): return 'ran'", Runtime="ruby3.4")
    refused = answer_of()

    client.update_function_configuration(FunctionName="consumer", Runtime="python3.13")

    assert refused["errorType"] == "InvalidRuntimeException"
    assert answer_of() == "ran"
