"""Folders of this machine as code: named by a template file that the process reads, and by nobody over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.runtime import Runtime
from served_aws import Aws

from .raw_http import ask, request

ROLE = "arn:aws:iam::123456789012:role/r"
SETTINGS = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("code")
    (made / "app.py").write_text("def handler(event, context): return 'ran'\n")
    return made


def template(code: Any, kind: str = "AWS::Lambda::Function") -> str:
    name = "CodeUri" if "Serverless" in kind else "Code"
    return json.dumps(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {"F": {"Type": kind, "Properties": {**SETTINGS, name: code}}},
        }
    )


def calls(folder: Path) -> list[tuple[str, str, dict[str, Any]]]:
    code = {"LocalPath": str(folder)}
    return [
        ("POST", "/2015-03-31/functions", {**SETTINGS, "FunctionName": "f", "Code": code}),
        ("POST", "/2015-03-31/functions", {**SETTINGS, "FunctionName": "f", "Code": {**code, "ZipFile": ""}}),
        ("PUT", "/2015-03-31/functions/present/code", code),
        ("PUT", f"/2015-03-31/functions/present/code?LocalPath={folder}", {}),
        ("POST", "/2018-10-31/layers/l/versions", {"Content": code}),
        ("POST", f"/2018-10-31/layers/l/versions?LocalPath={folder}", {}),
    ]


def test_no_request_names_a_folder_as_code(local: Aws, folder: Path) -> None:
    local.client("lambda").create_function(FunctionName="present", **SETTINGS, Code={"ZipFile": _empty_zip()})
    for method, path, document in calls(folder):
        body = json.dumps(document).encode()

        reply = ask(local.endpoint.url, request(local.endpoint.url, path, method=method, body=body))

        assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "InvalidParameterValueException")
        assert "over HTTP" in reply.text


@pytest.mark.parametrize("form", ["bucket", "serverless", "text"])
def test_no_template_of_a_client_names_a_folder_as_code(local: Aws, folder: Path, form: str) -> None:
    cloudformation = local.client("cloudformation")
    body = {
        "bucket": template({"S3Bucket": "LocalPath", "S3Key": str(folder)}),
        "serverless": template({"Bucket": "LocalPath", "Key": str(folder)}, "AWS::Serverless::Function"),
        "text": template(str(folder)),
    }[form]

    try:
        cloudformation.create_stack(StackName=f"attack-{form}", TemplateBody=body)
        status = cloudformation.describe_stacks(StackName=f"attack-{form}")["Stacks"][0]["StackStatus"]
        assert status.startswith("ROLLBACK")
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400  # noqa: PT017 - either is a refusal

    assert not [
        each for each in local.client("lambda").list_functions()["Functions"] if "attack" in each["FunctionName"]
    ]


def test_a_template_file_of_the_process_itself_does(runtime: Runtime, local: Aws, folder: Path) -> None:
    file = folder / "template.json"
    file.write_text(template(".", "AWS::Serverless::Function"))
    runtime.create_stack(file, "own", {})
    (name,) = [
        each["PhysicalResourceId"]
        for each in local.client("cloudformation").list_stack_resources(StackName="own")["StackResourceSummaries"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    ]

    answer = local.client("lambda").invoke(FunctionName=name)

    assert answer["Payload"].read() == b'"ran"'


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1, 2]\nResources: {b: *a}",
        "x: &a {y: &b {z: 1}}\nResources: {A: {Type: *b}}",
        "{" * 5000,
        "[" * 100_000,
        "Resources: {" + ", ".join(f"R{n}: {{Type: 'AWS::SQS::Queue'}}" for n in range(501)) + "}",
        "Resources: {A: {Type: 'AWS::SQS::Queue'}}\nOutputs: {" + ", ".join(f"O{n}: {{}}" for n in range(201)) + "}",
    ],
    ids=["alias", "alias in a mapping", "braces", "brackets", "resources", "outputs"],
)
def test_a_template_beyond_cloudformations_limits_is_refused(local: Aws, text: str) -> None:
    with pytest.raises(ClientError) as refused:
        local.client("cloudformation").create_stack(StackName="large", TemplateBody=text)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def _empty_zip() -> bytes:
    return b"PK\x05\x06" + bytes(18)
