"""Templates as others write them: nothing in them makes the linter stumble, or say what it cannot know."""

import json
from pathlib import Path
from typing import Any

import pytest

from mapping_lint.lint import lint, lint_file
from mapping_lint.template import Template
from sam_templates.document import parse

Json = dict[str, Any]

HANDLER = "exports.handler = async () => ({ batchItemFailures: [] })"

PLAIN = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Environment: {Type: String}
  Attempts: {Type: Number}
Conditions:
  Production: !Equals [!Ref Environment, production]
Resources:
  Nothing:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}
  Failed:
    Type: AWS::SQS::Queue
    Properties: {MessageRetentionPeriod: "1209600", VisibilityTimeout: 180, RedrivePolicy: {deadLetterTargetArn: arn}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: Send
          PolicyDocument: {Statement: {Effect: Allow, Action: 'SQS:sendMessage', Resource: !GetAtt Failed.Arn}}
        - !If [Production, {PolicyName: More, PolicyDocument: {Statement: []}}, !Ref AWS::NoValue]
  Function:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: reader, Role: !GetAtt Role.Arn, Code: {ZipFile: '…'}, Timeout: !Ref Attempts}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Table.StreamArn
      FunctionName: !Sub ${Function.Arn}
      StartingPosition: LATEST
      MaximumRetryAttempts: !If [Production, 10, 2]
      MaximumRecordAgeInSeconds: !Ref Attempts
      BisectBatchOnFunctionError: "true"
      FunctionResponseTypes: !If [Production, [ReportBatchItemFailures], [ReportBatchItemFailures]]
      DestinationConfig: !If
        - Production
        - {OnFailure: {Destination: !GetAtt Failed.Arn}}
        - !Ref AWS::NoValue
  OfTheQueue:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Failed.Arn
      FunctionName: !Ref Function
      FunctionResponseTypes: [ReportBatchItemFailures]
  OfABroker:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: 'arn:aws:mq:…', FunctionName: !Ref Function, Queues: [orders]}
  OfKafka:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: 'arn:…', FunctionName: !Ref Function, Topics: [orders], StartingPosition: LATEST}
  Lag:
    Type: AWS::CloudWatch::Alarm
    Properties: {MetricName: IteratorAge, Dimensions: [{Name: FunctionName, Value: reader}]}
"""

SAM = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Stage: {Type: String}
Globals:
  Function:
    CodeUri: src/
    AutoPublishAlias: !Ref Stage
Resources:
  Fn::ForEach::Queues: [Name, [A, B], {'${Name}Queue': {Type: AWS::SQS::Queue}}]
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.asl.json, Role: 'arn:aws:iam::123456789012:role/machine'}
  Container:
    Type: AWS::Serverless::Function
    Metadata: {Dockerfile: Dockerfile}
    Properties: {PackageType: Image}
  Stream: {Type: AWS::Kinesis::Stream}
  Failed: {Type: AWS::SNS::Topic}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Failed, Protocol: lambda, Endpoint: !GetAtt Consumer.Arn}
  Consumer:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: app.handler
      Events:
        Records:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Stream.Arn
            StartingPosition: TRIM_HORIZON
            MaximumRetryAttempts: 5
            MaximumRecordAgeInSeconds: 3600
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref Failed}}
  Lag:
    Type: AWS::CloudWatch::Alarm
    Properties: {MetricName: GetRecords.IteratorAgeMilliseconds, Dimensions: [{Name: StreamName, Value: !Ref Stream}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src" / "node_modules").mkdir(parents=True)
    (tmp_path / "src" / "app.js").write_text(HANDLER)
    return tmp_path


def complaints(template: Template) -> list[tuple[str, str]]:
    return [(finding.complaint.resource, finding.rule.name) for finding in lint(template)]


@pytest.mark.parametrize("written", [PLAIN, SAM], ids=["CloudFormation", "SAM"])
def test_a_template_without_a_fault_has_none_found_however_it_is_put(folder: Path, written: str) -> None:
    (folder / "template.yaml").write_text(written)

    assert lint_file(folder / "template.yaml") == []


def test_a_template_may_be_json_with_tabs(folder: Path) -> None:
    document = json.loads(json.dumps(parse(PLAIN), default=str))
    (folder / "template.json").write_text(json.dumps(document, indent="\t"))

    assert lint_file(folder / "template.json") == []


def test_what_is_chosen_by_a_condition_is_looked_at_too(folder: Path) -> None:
    document = parse(PLAIN)
    mapping = document["Resources"]["Mapping"]["Properties"]
    mapping["FunctionResponseTypes"] = {"Fn::If": ["Production", [], []]}
    mapping["BisectBatchOnFunctionError"] = "false"
    mapping["DestinationConfig"] = {"Fn::If": ["Production", {"OnFailure": {}}, {"OnFailure": {}}]}

    found = complaints(Template.of(document, folder))

    assert {rule for _, rule in found} == {
        "batches-are-bisected",
        "failures-are-reported-in-part",
        "failures-have-a-destination",
    }


ANSWERS = {
    "Go": ("main.go", "events.KinesisEventResponse{BatchItemFailures: failed}"),
    "Java": ("App.java", "return new StreamsEventResponse(failures);"),
    "Powertools for TypeScript": ("app.ts", "processPartialResponse(event, recordHandler, processor, { context })"),
}


@pytest.mark.parametrize(("file", "text"), ANSWERS.values(), ids=ANSWERS)
def test_partial_responses_are_recognised_in_other_languages(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / file).write_text(text)

    assert complaints(Template.of(parse(SAM), tmp_path)) == []


def test_what_a_package_of_others_says_is_not_what_the_function_says(folder: Path) -> None:
    (folder / "src" / "app.js").write_text("exports.handler = async () => {}")
    (folder / "src" / "node_modules" / "powertools.js").write_text(HANDLER)

    assert [rule for _, rule in complaints(Template.of(parse(SAM), folder))] == ["partial-responses-are-given"]


def sending_by(role: Json, **others: Json) -> list[tuple[str, str]]:
    """What is found where the role of the function is another."""
    document = parse(PLAIN)
    document["Resources"] |= {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, **others}
    return complaints(Template.of(document))


def allowing(resource: Any, action: str = "sqs:SendMessage") -> Json:
    return {"Statement": [{"Effect": "Allow", "Action": [action], "Resource": resource}]}


FAILED = {"Fn::GetAtt": ["Failed", "Arn"]}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"
PERMITTED: dict[str, tuple[Json, Json]] = {
    "a policy of somebody": ({"ManagedPolicyArns": [BASIC, "arn:aws:iam::123456789012:policy/send"]}, {}),
    "a policy of AWS's": ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]}, {}),
    "an ARN by its parts": (
        {"Policies": [{"PolicyDocument": allowing({"Fn::Sub": "arn:aws:sqs:${AWS::Region}:1:failed"})}]},
        {},
    ),
    "an ARN with a star": ({"Policies": [{"PolicyDocument": allowing("arn:aws:sqs:*:*:*", "SQS:*")}]}, {}),
    "a policy beside": (
        {},
        {"Beside": {"Type": "AWS::IAM::RolePolicy",
                    "Properties": {"RoleName": {"Ref": "Role"}, "PolicyDocument": allowing(FAILED)}}},
    ),
    "a managed policy of the template": (
        {"ManagedPolicyArns": [{"Ref": "Send"}]},
        {"Send": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": allowing(FAILED)}}},
    ),
    "the queue's own policy": (
        {},
        {"OfQueue": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": "Failed"}],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": FAILED,
                                              "Principal": {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}}]}}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("role", "others"), PERMITTED.values(), ids=PERMITTED)
def test_a_permission_may_be_given_in_many_ways(role: Json, others: Json) -> None:
    assert sending_by(role, **others) == []


@pytest.mark.parametrize(
    "role",
    [
        {"ManagedPolicyArns": [BASIC]},
        {"ManagedPolicyArns": [{"Fn::Sub": BASIC.replace("aws:", "${AWS::Partition}:", 1)}]},
        {"Policies": [{"PolicyDocument": allowing({"Fn::GetAtt": ["Table", "Arn"]})}]},
        {"Policies": [{"PolicyDocument": allowing("arn:aws:sns:eu-west-1:123456789012:failed")}]},
    ],
)
def test_a_permission_that_is_none_is_no_permission(role: Json) -> None:
    assert sending_by(role) == [("Role", "failures-may-be-sent")]


def test_a_global_tables_stream_bears_one_reader() -> None:
    document = parse(PLAIN)
    document["Resources"]["Table"]["Type"] = "AWS::DynamoDB::GlobalTable"
    document["Resources"]["Second"] = document["Resources"]["Mapping"]

    assert ("Table", "table-streams-have-two-readers") in complaints(Template.of(document))
