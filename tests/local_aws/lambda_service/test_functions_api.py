"""Functions, versions, aliases, layers, permissions and tags through boto3."""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.lambda_service import LambdaService
from local_aws.lambda_service.configuration import LONGEST_TIMEOUT
from local_aws.lambda_service.routes import OPERATIONS

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:consumer"
ONE = "def lambda_handler(event, context): return 1"
TWO = "def lambda_handler(event, context): return 2"


def refusal_of(call: Any, **request: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    response: Any = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_every_operation_with_a_route_is_supported(service: LambdaService) -> None:
    missing = [name for name in OPERATIONS if not callable(getattr(service, name, None))]

    assert missing == []


def test_a_function_is_created_with_lambdas_defaults(client: Any, archive: Any) -> None:
    created = client.create_function(
        FunctionName="consumer",
        Runtime="python3.13",
        Role="arn:aws:iam::123456789012:role/consumer",
        Handler="app.lambda_handler",
        Code={"ZipFile": archive(ONE)},
        Tags={"team": "streams"},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="consumer")
    found = client.get_function(FunctionName="consumer")

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (created["State"], found["Configuration"]["State"]) == ("Pending", "Active")
    assert {
        "FunctionArn": ARN,
        "Timeout": 3,
        "MemorySize": 128,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/consumer"},
        "LastUpdateStatus": "Successful",
    }.items() <= found["Configuration"].items()
    assert found["Tags"] == {"team": "streams"}
    assert found["Configuration"]["CodeSize"] == len(archive(ONE))


def test_updates_change_what_they_name_and_nothing_else(client: Any, deploy: Any, archive: Any) -> None:
    deploy(ONE, MemorySize=256)

    configured = client.update_function_configuration(FunctionName="consumer", Timeout=7, Description="counts")
    coded = client.update_function_code(FunctionName="consumer", ZipFile=archive(TWO))
    client.get_waiter("function_updated_v2").wait(FunctionName="consumer")

    found = client.get_function_configuration(FunctionName="consumer")
    assert (found["Timeout"], found["Description"], found["MemorySize"]) == (7, "counts", 256)
    assert coded["CodeSha256"] != configured["CodeSha256"]
    assert found["CodeSha256"] == coded["CodeSha256"]
    assert json.load(client.invoke(FunctionName="consumer")["Payload"]) == 2


def test_a_deleted_function_is_gone_with_its_workers(
    client: Any, service: LambdaService, deploy: Any, eventually: Any
) -> None:
    deploy(ONE)
    client.invoke(FunctionName="consumer")

    deleted = client.delete_function(FunctionName="consumer")

    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_functions()["Functions"] == []
    assert refusal_of(client.get_function, FunctionName="consumer")[2] == f"Function not found: {ARN}"
    eventually(lambda: not service.workers())


def test_a_published_version_keeps_its_code_and_an_alias_can_move(client: Any, deploy: Any, archive: Any) -> None:
    deploy(ONE)
    first = client.publish_version(FunctionName="consumer")["Version"]
    again = client.publish_version(FunctionName="consumer")["Version"]
    client.create_alias(FunctionName="consumer", Name="live", FunctionVersion=first)
    second = client.update_function_code(FunctionName="consumer", ZipFile=archive(TWO), Publish=True)["Version"]

    before = json.load(client.invoke(FunctionName="consumer:live")["Payload"])
    client.update_alias(FunctionName="consumer", Name="live", FunctionVersion=second)
    after = json.load(client.invoke(FunctionName="consumer:live")["Payload"])

    assert (first, again, second) == ("1", "1", "2")
    assert (before, after) == (1, 2)
    versions = client.list_versions_by_function(FunctionName="consumer")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2"]
    assert client.get_alias(FunctionName="consumer", Name="live")["AliasArn"] == f"{ARN}:live"
    assert [alias["Name"] for alias in client.list_aliases(FunctionName="consumer")["Aliases"]] == ["live"]


def test_layers_are_numbered_and_can_be_looked_up(client: Any, deploy: Any, archive: Any) -> None:
    content = {"ZipFile": archive(python__rules="WORD = 'layered'")}

    for _ in range(2):
        published = client.publish_layer_version(LayerName="rules", Content=content)
    deploy("import rules\ndef lambda_handler(event, context): return rules.WORD", Layers=[published["LayerVersionArn"]])

    assert published["LayerVersionArn"] == "arn:aws:lambda:eu-west-1:123456789012:layer:rules:2"
    assert client.get_layer_version(LayerName="rules", VersionNumber=2)["Version"] == 2
    assert client.get_layer_version_by_arn(Arn=published["LayerVersionArn"])["Version"] == 2
    assert client.list_layers()["Layers"][0]["LatestMatchingVersion"]["Version"] == 2
    assert [v["Version"] for v in client.list_layer_versions(LayerName="rules")["LayerVersions"]] == [2, 1]
    assert json.load(client.invoke(FunctionName="consumer")["Payload"]) == "layered"
    shown = client.get_function_configuration(FunctionName="consumer")["Layers"]
    assert [layer["Arn"] for layer in shown] == [published["LayerVersionArn"]]


def test_permissions_make_the_functions_policy(client: Any, deploy: Any) -> None:
    deploy(ONE)
    client.add_permission(
        FunctionName="consumer",
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn="arn:aws:sns:eu-west-1:123456789012:tasks",
    )

    (statement,) = json.loads(client.get_policy(FunctionName="consumer")["Policy"])["Statement"]
    client.remove_permission(FunctionName="consumer", StatementId="topic")

    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:eu-west-1:123456789012:tasks"}}
    assert refusal_of(client.get_policy, FunctionName="consumer")[0] == "ResourceNotFoundException"


def test_tags_concurrency_and_event_configuration_are_kept(client: Any, deploy: Any) -> None:
    deploy(ONE)

    client.tag_resource(Resource=ARN, Tags={"team": "streams", "cost": "low"})
    client.untag_resource(Resource=ARN, TagKeys=["cost"])
    client.put_function_concurrency(FunctionName="consumer", ReservedConcurrentExecutions=5)
    client.put_function_event_invoke_config(FunctionName="consumer", MaximumRetryAttempts=1)

    assert client.list_tags(Resource=ARN)["Tags"] == {"team": "streams"}
    assert client.get_function_concurrency(FunctionName="consumer")["ReservedConcurrentExecutions"] == 5
    assert client.get_function(FunctionName="consumer")["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert client.get_function_event_invoke_config(FunctionName="consumer")["MaximumRetryAttempts"] == 1


def test_a_function_may_run_for_as_long_as_the_api_reference_says(client: Any, deploy: Any) -> None:
    shape = client.meta.service_model.operation_model("CreateFunction").input_shape
    (longest,) = re.findall(r"maximum allowed value is ([\d,]+) seconds", shape.members["Timeout"].documentation)

    deploy(ONE, Timeout=int(longest.replace(",", "")))

    assert client.get_function_configuration(FunctionName="consumer")["Timeout"] == LONGEST_TIMEOUT


@pytest.mark.parametrize(
    ("change", "code", "part"),
    [
        ({"Runtime": "cobol85"}, "InvalidParameterValueException", "Value cobol85 at 'runtime' failed"),
        ({"Timeout": 1801}, "ValidationException", "Member must have value less than or equal to 1800"),
        ({"Role": "consumer"}, "ValidationException", "Value 'consumer' at 'role' failed to satisfy constraint"),
        ({"Code": {"ZipFile": b"no archive"}}, "InvalidParameterValueException", "Could not unzip uploaded file"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "eu-west-1"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:none:1"]},
            "InvalidParameterValueException",
            "Layer version arn:aws:lambda:eu-west-1:123456789012:layer:none:1 does not exist.",
        ),
    ],
    ids=["runtime", "timeout", "role", "archive", "environment", "layer"],
)
def test_a_function_that_cannot_be_is_refused(
    client: Any, archive: Any, change: dict[str, Any], code: str, part: str
) -> None:
    request = {
        "FunctionName": "consumer",
        "Runtime": "python3.13",
        "Role": "arn:aws:iam::123456789012:role/consumer",
        "Handler": "app.lambda_handler",
        "Code": {"ZipFile": archive(ONE)},
    }

    refusal = refusal_of(client.create_function, **(request | change))

    assert refusal[:2] == (code, 400)
    assert part in refusal[2]
    assert client.list_functions()["Functions"] == []


def test_names_are_taken_once(client: Any, deploy: Any) -> None:
    deploy(ONE, Publish=True)
    client.create_alias(FunctionName="consumer", Name="live", FunctionVersion="1")

    with pytest.raises(Exception, match="Function already exist: consumer"):
        deploy(ONE)
    alias = refusal_of(client.create_alias, FunctionName="consumer", Name="live", FunctionVersion="1")

    assert alias == ("ResourceConflictException", 409, f"Alias already exists: {ARN}:live")


def test_a_path_that_is_no_operation_is_said_to_be_none(client: Any, deploy: Any) -> None:
    deploy(ONE)

    refusal = refusal_of(client.get_function_code_signing_config, FunctionName="consumer")

    assert refusal[:2] == ("UnknownOperationException", 404)


def test_an_event_configuration_is_updated_in_part(client: Any, deploy: Any) -> None:
    deploy("")
    client.put_function_event_invoke_config(
        FunctionName="consumer", MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60
    )

    client.update_function_event_invoke_config(FunctionName="consumer", MaximumRetryAttempts=0)

    (kept,) = client.list_function_event_invoke_configs(FunctionName="consumer")["FunctionEventInvokeConfigs"]
    assert (kept["MaximumRetryAttempts"], kept["MaximumEventAgeInSeconds"]) == (0, 60)


def test_account_settings_tell_what_is_in_use(client: Any, deploy: Any) -> None:
    deploy("")
    client.put_function_concurrency(FunctionName="consumer", ReservedConcurrentExecutions=5)

    settings = client.get_account_settings()

    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 995
    assert settings["AccountUsage"]["FunctionCount"] == 1
