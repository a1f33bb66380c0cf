"""A template's events as requests: what is deployed is what is rehearsed."""

from typing import Any

import pytest

from event_source_mapping import MappingSettings
from event_source_mapping.rehearsal import Rehearsal
from sam_templates.errors import TemplateError
from sam_templates.functions import Functions
from sam_templates.resolver import Resolver

ACCOUNT = "eu-west-1:123456789012"


def template(kind: str, properties: dict[str, Any], **function: Any) -> dict[str, Any]:
    event = {"Type": kind, "Properties": properties}
    return {
        "Parameters": {"Retries": {"Type": "Number", "Default": 4}, "Size": {"Type": "Number"}},
        "Globals": {"Function": {"Timeout": 30}},
        "Resources": {
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Event": event}} | function},
            "Table": {"Type": "AWS::DynamoDB::Table"},
            "Stream": {"Type": "AWS::Kinesis::Stream"},
            "Consumer": {
                "Type": "AWS::Kinesis::StreamConsumer",
                "Properties": {"StreamARN": {"Fn::GetAtt": ["Stream", "Arn"]}},
            },
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Bus": {"Type": "AWS::Events::EventBus"},
        },
    }


def request(kind: str, properties: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return Functions(Resolver(template(kind, properties), parameters)).mapping_request("Function", "Event")


@pytest.mark.parametrize(
    ("kind", "source", "arn"),
    [
        (
            "DynamoDB",
            {"Stream": {"Fn::GetAtt": "Table.StreamArn"}},
            f"arn:aws:dynamodb:{ACCOUNT}:table/Table/stream/2026-01-01T00:00:00.000",
        ),
        ("Kinesis", {"Stream": {"Fn::GetAtt": ["Stream", "Arn"]}}, f"arn:aws:kinesis:{ACCOUNT}:stream/Stream"),
        (
            "Kinesis",
            {"Stream": {"Ref": "Consumer"}},
            f"arn:aws:kinesis:{ACCOUNT}:stream/Stream/consumer/Consumer:1767225600",
        ),
        ("SQS", {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}, f"arn:aws:sqs:{ACCOUNT}:Queue"),
        (
            "Kinesis",
            {"Stream": {"Fn::Sub": "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/${Stream}"}},
            f"arn:aws:kinesis:{ACCOUNT}:stream/Stream",
        ),
        (
            "SQS",
            {"Queue": {"Fn::Join": [":", ["arn:aws:sqs", {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, "Queue"]]}},
            f"arn:aws:sqs:{ACCOUNT}:Queue",
        ),
    ],
)
def test_a_source_is_named_by_the_arn_it_would_have(kind: str, source: dict[str, Any], arn: str) -> None:
    assert request(kind, source)["EventSourceArn"] == arn


def test_settings_are_the_templates_with_parameters_in_place() -> None:
    properties = {
        "Stream": {"Fn::GetAtt": ["Stream", "Arn"]},
        "StartingPosition": "LATEST",
        "BatchSize": {"Ref": "Size"},
        "MaximumRetryAttempts": {"Ref": "Retries"},
        "ParallelizationFactor": {"Ref": "AWS::NoValue"},
        "DestinationConfig": {"OnFailure": {"Type": "SNS", "Destination": {"Ref": "Topic"}}},
    }

    settings = MappingSettings.from_request(request("Kinesis", properties, Size=7))

    assert (settings.batch_size, settings.maximum_retry_attempts, settings.parallelization_factor) == (7, 4, 1)
    assert settings.on_failure_destination == f"arn:aws:sns:{ACCOUNT}:Topic"


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        ("Kinesis", {"Stream": {"Fn::ImportValue": "Stream"}}, "Fn::ImportValue cannot be resolved here"),
        ("Kinesis", {"Stream": {"Fn::GetAtt": ["Stream", "Name"]}}, r"Stream\.Name is not known here"),
        ("Kinesis", {"Stream": {"Fn::GetAtt": ["Missing", "Arn"]}}, "no resource Missing"),
        ("Kinesis", {"Stream": {"Fn::GetAtt": ["Bus", "Arn"]}}, "Bus is of type AWS::Events::EventBus"),
        ("Kinesis", {"Stream": "arn", "BatchSize": {"Ref": "Size"}}, "parameter Size has no default"),
        ("Api", {}, "has no event source mapping"),
    ],
)
def test_what_cannot_be_resolved_is_said(kind: str, properties: dict[str, Any], said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        request(kind, properties)


def test_an_event_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(TemplateError, match=r"it has \['Event'\]"):
        Functions(Resolver(template("SQS", {}))).mapping_request("Function", "Missing")


def test_a_handler_is_called_with_the_context_of_its_function() -> None:
    contexts: list[Any] = []
    queue = {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}
    document = template("SQS", queue, MemorySize=256)
    rehearsal = Rehearsal.of_template(document, "Function", "Event", lambda _, context: contexts.append(context))

    sent = [rehearsal.queue.send("hello")]
    rehearsal.play()
    sent.append(rehearsal.queue.send("again"))
    rehearsal.play()

    assert rehearsal.batches == [[message_id] for message_id in sent]
    assert contexts[0].function_name == "Function"
    assert contexts[0].log_group_name == "/aws/lambda/Function"
    assert (contexts[0].get_remaining_time_in_millis(), contexts[0].memory_limit_in_mb) == (30_000, 256)
    assert contexts[0].aws_request_id != contexts[1].aws_request_id


def test_a_rehearsal_has_the_source_that_its_mapping_names() -> None:
    rehearsal = Rehearsal({})

    with pytest.raises(TypeError, match="not a queue"):
        rehearsal.queue.send("hello")


@pytest.mark.parametrize(
    ("parameters", "chosen"), [({}, "small"), ({"Size": 9}, "large"), ({"Size": 9, "Retries": 0}, "small")]
)
def test_a_condition_chooses_by_the_parameters(parameters: dict[str, Any], chosen: str) -> None:
    large = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Size"}, 1]}]}
    retried = {"Fn::Or": [{"Fn::Equals": [{"Ref": "Retries"}, 4]}, {"Fn::Equals": [{"Ref": "Retries"}, 5]}]}
    conditions = {"Large": large, "LargeAndRetried": {"Fn::And": [{"Condition": "Large"}, retried]}}
    document = template("SQS", {}) | {"Conditions": conditions}

    resolved = Resolver(document, {"Size": 1} | parameters).resolve({"Fn::If": ["LargeAndRetried", "large", "small"]})

    assert resolved == chosen


def test_an_entry_that_is_no_value_is_left_out_of_a_list() -> None:
    document = template("SQS", {}) | {"Conditions": {"Never": {"Fn::Equals": ["one", "two"]}}}
    parts = ["one", {"Fn::If": ["Never", "two", {"Ref": "AWS::NoValue"}]}, "three"]

    assert Resolver(document).resolve({"Fn::Join": [",", parts]}) == "one,three"


def test_a_function_has_the_variables_of_all_and_its_own() -> None:
    document = template("SQS", {}, Environment={"Variables": {"QUEUE": {"Ref": "Queue"}, "SHARED": "own"}})
    document["Globals"]["Function"]["Environment"] = {"Variables": {"SHARED": "all", "LEVEL": 1}}

    variables = Functions(Resolver(document)).environment("Function")

    assert variables == {
        "SHARED": "own",
        "LEVEL": "1",
        "QUEUE": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT.partition(':')[2]}/Queue",
    }
