"""What a function finds around it: variables, folders, packages, and nothing of whoever started the endpoint."""

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws.lambda_service import LambdaService

ENVIRONMENT = """
    import os, sys
    def lambda_handler(event, context):
        return {"variables": dict(os.environ), "folder": os.getcwd(), "path": sys.path}
"""


def test_a_worker_has_the_variables_that_lambda_defines(answer_of: Any, deploy: Any) -> None:
    deploy(ENVIRONMENT, MemorySize=256)

    variables = answer_of()["variables"]

    assert {
        "_HANDLER": "app.lambda_handler",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "consumer",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/consumer",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "TZ": ":UTC",
    }.items() <= variables.items()
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_LAMBDA_LOG_STREAM_NAME"} <= set(variables)
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")


def test_nothing_of_the_endpoints_own_environment_reaches_a_worker(
    answer_of: Any, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere/else")
    deploy(ENVIRONMENT)

    variables = answer_of()["variables"]

    assert not {"AWS_PROFILE", "PYTHONSTARTUP", "PYTEST_CURRENT_TEST"} & set(variables)
    assert variables["HOME"] != "/nowhere/else"


def test_the_functions_own_variables_are_set_and_may_name_another_endpoint(answer_of: Any, deploy: Any) -> None:
    deploy(ENVIRONMENT, Environment={"Variables": {"TABLE": "tasks", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}})

    variables = answer_of()["variables"]

    assert variables["TABLE"] == "tasks"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_no_setting_of_a_function_sends_its_sdk_calls_elsewhere(answer_of: Any, deploy: Any) -> None:
    settings = {
        "AWS_ENDPOINT_URL": "https://evil.example",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://192.0.2.1",
        "AWS_ENDPOINT_URL_SQS": "",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2",
        "AWS_ENDPOINT_URL_KINESIS": "http://10.9.8.7:81\\@127.0.0.1/",
        "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:1@10.9.8.7/",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }
    deploy(ENVIRONMENT, Environment={"Variables": settings})

    variables = answer_of()["variables"]

    endpoints = {url for name, url in variables.items() if name.startswith("AWS_ENDPOINT_URL")}
    assert endpoints == {"http://127.0.0.1:1"}
    assert variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "false"
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"


def test_a_worker_runs_in_the_folder_of_its_code(answer_of: Any, deploy: Any) -> None:
    deploy(ENVIRONMENT)

    answer = answer_of()

    assert answer["folder"] == answer["variables"]["LAMBDA_TASK_ROOT"]
    assert answer["path"][0] == answer["folder"]
    assert not any("lambda_service" in folder for folder in answer["path"])


def test_a_source_folder_runs_in_place_and_stays_as_it_is(
    service: LambdaService, answer_of: Any, deploy: Any, tmp_path: Path
) -> None:
    code, layer = tmp_path / "code", tmp_path / "layer"
    (layer / "shared").mkdir(parents=True)
    code.mkdir()
    (layer / "shared" / "__init__.py").write_text("WORD = 'shared'\n")
    (code / "rules.py").write_text("WORD = 'own'\n")
    (code / "app.py").write_text(
        "import rules, shared\ndef lambda_handler(event, context): return [rules.WORD, shared.WORD, rules.__file__]\n"
    )
    published = service.publish_layer_version({"LayerName": "shared", "Content": {"LocalPath": str(layer)}})
    deploy("", Code={"LocalPath": str(code)}, Layers=[published["LayerVersionArn"]])

    answer = answer_of()

    assert answer == ["own", "shared", str(code / "rules.py")]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "__init__.py", "app.py", "code", "layer", "rules.py", "shared",
    ]  # fmt: skip


def test_a_later_layer_covers_an_earlier_one_and_code_covers_both(
    service: LambdaService, answer_of: Any, deploy: Any, archive: Any
) -> None:
    layers = [
        archive(python__first="WORD = 'lower'", python__second="WORD = 'lower'", python__third="WORD = 'lower'"),
        archive(python__second="WORD = 'upper'", python__third="WORD = 'upper'"),
    ]
    published = [
        service.publish_layer_version({"LayerName": f"layer-{number}", "Content": {"ZipFile": layer}})
        for number, layer in enumerate(layers)
    ]
    code = archive(
        "import first, second, third\ndef lambda_handler(e, c): return [first.WORD, second.WORD, third.WORD]",
        third="WORD = 'code'",
    )
    deploy("", Code={"ZipFile": code}, Layers=[layer["LayerVersionArn"] for layer in published])

    answer = answer_of()

    assert answer == ["lower", "upper", "code"]


def test_the_context_tells_the_arn_that_was_invoked_and_the_time_that_is_left(
    service: LambdaService, deploy: Any
) -> None:
    deploy(
        "def lambda_handler(e, c): return [c.invoked_function_arn, c.get_remaining_time_in_millis(), c.aws_request_id]",
        Publish=True,
    )

    answer = service.invoke({"FunctionName": "consumer", "Qualifier": "1"})

    arn, remaining, request_id = json.loads(answer["Payload"])
    assert arn == "arn:aws:lambda:eu-west-1:123456789012:function:consumer:1"
    assert 0 < remaining <= 10_000
    assert request_id == answer["RequestId"]
