"""Stacks: every resource of a template stands and works, whichever client brings the template."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from local_aws.runtime import Runtime
from sam_templates.errors import TemplateError
from served_aws import REGION, Aws, eventually

HERE = Path(__file__).parent / "stack"
PLAIN = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Name": {"Type": "String", "Default": "one"}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
            },
        },
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "CodeUri": "s3://code-of-the-client/app.zip",
                "Environment": {"Variables": {"NAME": {"Ref": "Name"}}},
            },
        },
    },
    "Outputs": {"FunctionName": {"Value": {"Ref": "Function"}}},
}


@pytest.fixture(scope="module")
def outputs(runtime: Runtime, local: Aws) -> dict[str, str]:
    local.client("ssm").put_parameter(Name="/stage", Value="local", Type="String")
    return runtime.create_stack(HERE / "template.yaml", "everything", {"Retention": "72"})


def test_the_outputs_are_shown_by_the_status_route(local: Aws, outputs: dict[str, str]) -> None:
    status = requests.get(f"{local.endpoint.url}/_local/status", timeout=5).json()

    assert status["outputs"] == outputs
    assert [mapping["functionName"] for mapping in status["mappings"]] == [outputs["EchoName"]]


def test_a_table_has_its_stream_its_capture_and_its_settings(local: Aws, outputs: dict[str, str]) -> None:
    dynamodb, name = local.client("dynamodb"), outputs["TableName"]

    dynamodb.put_item(TableName=name, Item={"id": {"S": "1"}})

    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    stream = local.client("kinesis").describe_stream_summary(StreamName=outputs["ChangesName"])
    assert len(local.table_changes(name)) == 1
    assert len(local.kinesis_records(stream["StreamDescriptionSummary"]["StreamARN"])) == 1
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_stream_has_its_mode_retention_encryption_tags_and_consumer(local: Aws, outputs: dict[str, str]) -> None:
    kinesis, name = local.client("kinesis"), outputs["ChangesName"]

    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]

    assert summary["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert summary["OpenShardCount"] == 4
    assert summary["MaxRecordSizeInKiB"] == 2048
    assert summary["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
    assert summary["RetentionPeriodHours"] == 72
    assert summary["EncryptionType"] == "KMS"
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "stage", "Value": "local"}]
    assert kinesis.describe_stream_consumer(ConsumerARN=outputs["ConsumerArn"])["ConsumerDescription"]


def test_a_function_runs_from_its_folder_with_its_layer_and_environment(local: Aws, outputs: dict[str, str]) -> None:
    answer = local.client("lambda").invoke(FunctionName=outputs["EchoName"], Payload=b'{"a": 1}')

    payload = json.loads(answer["Payload"].read())
    assert payload == {"greeting": "hello", "event": {"a": 1}, "table": outputs["TableName"]}


def test_a_function_is_published_under_its_alias(local: Aws, outputs: dict[str, str]) -> None:
    answer = local.client("lambda").invoke(FunctionName=outputs["EchoAlias"], Payload=b"1")

    assert answer["ExecutedVersion"] == "1"
    assert json.loads(answer["Payload"].read())["event"] == 1


def test_inline_code_runs(local: Aws, outputs: dict[str, str]) -> None:
    answer = local.client("lambda").invoke(FunctionName=outputs["InlineName"])

    assert json.loads(answer["Payload"].read()) == "inline"


def test_a_mapping_delivers_messages_to_its_function(local: Aws, outputs: dict[str, str]) -> None:
    local.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody="through the mapping")

    local.journal.wait_for(
        lambda entry: entry["kind"] == "invocation.finished" and entry["source"] == "mapping", timeout=15
    )

    attributes = local.client("sqs").get_queue_attributes(QueueUrl=outputs["QueueUrl"], AttributeNames=["All"])
    assert eventually(lambda: attributes["Attributes"]["ApproximateNumberOfMessages"] == "0")


def test_a_subscription_delivers_to_its_queue(local: Aws, outputs: dict[str, str]) -> None:
    local.client("sns").publish(TopicArn=outputs["TopicArn"], Message="through the topic")

    answer = local.client("sqs").receive_message(QueueUrl=outputs["DeadLetterQueueUrl"], WaitTimeSeconds=5)
    assert [message["Body"] for message in answer["Messages"]] == ["through the topic"]


def test_a_queue_is_reached_on_this_machine_and_has_its_attributes(local: Aws, outputs: dict[str, str]) -> None:
    url = outputs["QueueUrl"]

    attributes = local.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert url.startswith(local.endpoint.url)
    assert attributes["VisibilityTimeout"] == "60"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5


def test_a_bucket_is_closed_keeps_versions_and_tells_its_queue_what_comes(local: Aws, outputs: dict[str, str]) -> None:
    s3, name = local.client("s3"), outputs["BucketName"]

    s3.put_object(Bucket=name, Key="untold/one", Body=b"1")
    version = s3.put_object(Bucket=name, Key="told/a b+ü", Body=b"1")["VersionId"]

    bodies: list[dict[str, Any]] = []
    while len(bodies) < 2:
        answer = local.client("sqs").receive_message(QueueUrl=outputs["AnnouncementsUrl"], WaitTimeSeconds=5)
        bodies += [json.loads(message["Body"]) for message in answer["Messages"]]
    test, told = sorted(bodies, key=lambda body: "Records" in body)
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", name)
    assert (
        told["Records"][0]["s3"]["object"] | {"key": "told%2Fa+b%2B%C3%BC", "versionId": version}
        == (told["Records"][0]["s3"]["object"])
    )
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]


def test_an_alarm_stands(local: Aws, outputs: dict[str, str]) -> None:
    found = local.client("cloudwatch").describe_alarms(AlarmNames=[outputs["AlarmName"]])["MetricAlarms"]

    assert found[0]["MetricName"] == "ApproximateNumberOfMessagesVisible"


def test_a_dashboard_shows_an_alarm_of_alarms(local: Aws, outputs: dict[str, str]) -> None:
    body = json.loads(local.client("cloudwatch").get_dashboard(DashboardName=outputs["DashboardName"])["DashboardBody"])

    (alarm,) = body["widgets"][0]["properties"]["alarms"]
    assert alarm.endswith(f":alarm:{outputs['AtRiskName']}")


def test_a_type_that_nothing_stands_for_exists_in_name(outputs: dict[str, str]) -> None:
    assert outputs["CanaryName"].startswith("everything-Unknown-")


def test_moto_knows_no_mapping(local: Aws, outputs: dict[str, str]) -> None:
    table = local.endpoint.services.tables(REGION).streamed(outputs["TableName"])

    assert table.lambda_event_source_mappings == {}


@pytest.fixture(scope="module")
def code_bucket(local: Aws) -> str:
    s3, archive = local.client("s3"), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", "import os\n\ndef handler(event, context):\n    return os.environ['NAME']\n")
    bucket = "code-of-the-client"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="app.zip", Body=archive.getvalue())
    return bucket


def test_any_client_creates_updates_and_deletes_a_sam_stack(local: Aws, code_bucket: str) -> None:
    cloudformation, body = local.client("cloudformation"), json.dumps(PLAIN)

    change = cloudformation.create_change_set(
        StackName="client", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=body
    )
    cloudformation.execute_change_set(ChangeSetName=change["Id"], StackName="client")
    created = name_told_by(local, "client")
    cloudformation.update_stack(
        StackName="client", TemplateBody=body, Parameters=[{"ParameterKey": "Name", "ParameterValue": "two"}]
    )
    updated = name_told_by(local, "client")
    functions_before = len(local.client("lambda").list_functions()["Functions"])
    cloudformation.delete_stack(StackName="client")

    functions_after = len(local.client("lambda").list_functions()["Functions"])
    assert (created, updated) == ("one", "two")
    assert functions_after == functions_before - 1


def test_a_template_without_changes_makes_an_empty_change_set(local: Aws, code_bucket: str) -> None:
    cloudformation, body = local.client("cloudformation"), json.dumps(PLAIN)
    cloudformation.create_stack(StackName="same", TemplateBody=body)

    change = cloudformation.create_change_set(
        StackName="same", ChangeSetName="second", ChangeSetType="UPDATE", TemplateBody=body
    )

    described = cloudformation.describe_change_set(ChangeSetName=change["Id"])
    assert described["Changes"] == []


def test_a_template_is_taken_from_a_bucket(local: Aws, code_bucket: str) -> None:
    local.client("s3").put_object(Bucket=code_bucket, Key="plain.template", Body=json.dumps(PLAIN))
    url = f"{local.endpoint.url}/{code_bucket}/plain.template"

    local.client("cloudformation").create_stack(StackName="from-bucket", TemplateURL=url)

    assert name_told_by(local, "from-bucket") == "one"


def name_told_by(local: Aws, stack: str) -> Any:
    """What the only function of a stack answers."""
    described = local.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    answer = local.client("lambda").invoke(FunctionName=described["Outputs"][0]["OutputValue"])
    return json.loads(answer["Payload"].read())


def test_what_a_function_prints_is_in_its_log_group(local: Aws, code_bucket: str) -> None:
    local.client("cloudformation").create_stack(StackName="logging", TemplateBody=json.dumps(PLAIN))
    described = local.client("cloudformation").describe_stacks(StackName="logging")["Stacks"][0]
    name = described["Outputs"][0]["OutputValue"]

    local.client("lambda").invoke(FunctionName=name)

    def messages() -> list[str]:
        groups = local.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
        found = [local.client("logs").filter_log_events(logGroupName=each["logGroupName"]) for each in groups]
        return [event["message"] for page in found for event in page["events"]]

    eventually(lambda: any(message.startswith("REPORT RequestId") for message in messages()))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Resources: [", "template.yaml"),
        ("Description: nothing else", "Resources"),
        (
            "Transform: AWS::Serverless-2016-10-31\n"
            "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: none/}}}",
            "no code at",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: 'AWS::Serverless::Function'}}",
            "the SAM transform refuses",
        ),
        (
            "Resources: {Reader: {Type: 'AWS::Kinesis::StreamConsumer', Properties: {ConsumerName: r, StreamARN: "
            "'arn:aws:kinesis:eu-west-1:123456789012:stream/none'}}}",
            "Reader cannot be created: .*ResourceNotFoundException",
        ),
    ],
)
def test_a_template_at_fault_is_told_in_one_line(runtime: Runtime, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "template.yaml").write_text(text)

    with pytest.raises(TemplateError, match=complaint) as raised:
        runtime.create_stack(tmp_path / "template.yaml", f"faulty-{uuid4().hex[:8]}", {})

    assert "\n" not in str(raised.value)
