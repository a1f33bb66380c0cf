"""What AWS::LanguageExtensions adds to a template, expanded as CloudFormation documents it."""

import json
from typing import Any

import pytest

from mapping_lint.template import Template
from sam_templates.document import parse
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver
from sam_templates.transform import transformed

TRANSFORM = "Transform: AWS::LanguageExtensions\n"


def resources(text: str, **parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = expanded(parse(TRANSFORM + text), parameters)["Resources"]
    return found


def test_a_loop_makes_one_resource_for_each_item() -> None:
    made = resources("""
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Success, Failure]
    - ${Name}Topic:
        Type: AWS::SNS::Topic
        Condition: With${Name}
        Properties: {TopicName: !Ref Name, DisplayName: !Sub "${Name} in ${AWS::Region}"}
  Queue: {Type: AWS::SQS::Queue}
""")

    assert list(made) == ["SuccessTopic", "FailureTopic", "Queue"]
    assert made["FailureTopic"] == {
        "Type": "AWS::SNS::Topic",
        "Condition": "WithFailure",
        "Properties": {"TopicName": "Failure", "DisplayName": {"Fn::Sub": "Failure in ${AWS::Region}"}},
    }


def test_a_reference_to_a_name_that_the_loop_builds_is_an_ordinary_reference() -> None:
    made = resources("""
Resources:
  CountFunction: {Type: AWS::Lambda::Function}
  Fn::ForEach::Alarms:
    - Consumer
    - [Count]
    - ${Consumer}Alarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Dimensions: [{Value: {Ref: {Fn::Sub: "${Consumer}Function"}}}]
          Other: {Fn::GetAtt: [{Fn::Sub: "${Consumer}Function"}, Arn]}
""")

    assert made["CountAlarm"]["Properties"] == {
        "Dimensions": [{"Value": {"Ref": "CountFunction"}}],
        "Other": {"Fn::GetAtt": ["CountFunction", "Arn"]},
    }


def test_loops_nest_and_stand_in_properties_and_outputs() -> None:
    document = expanded(
        parse(
            TRANSFORM
            + """
Resources:
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner:
        - B
        - ["1", "2"]
        - ${A}${B}:
            Type: T
            Properties:
              Fn::ForEach::Properties: [P, [One, Two], {"${P}": "${A}-${B}-${P}"}]
Outputs:
  Fn::ForEach::Outputs: [B, ["1"], {"Out${B}": {Value: !Ref B}}]
"""
        )
    )

    assert list(document["Resources"]) == ["x1", "x2", "y1", "y2"]
    assert document["Resources"]["y1"]["Properties"] == {"One": "y-1-One", "Two": "y-1-Two"}
    assert document["Outputs"] == {"Out1": {"Value": "1"}}
    assert "Transform" not in document


def test_a_collection_may_be_a_parameter_and_its_items_other_than_names() -> None:
    text = """
Parameters: {Addresses: {Type: CommaDelimitedList, Default: "10.0.0.1, 10.0.0.2"}}
Resources:
  Fn::ForEach::Hosts: [Address, !Ref Addresses, {"Host&{Address}": {Type: T, Properties: {Ip: !Ref Address}}}]
"""

    assert {name: each["Properties"]["Ip"] for name, each in resources(text).items()} == {
        "Host10001": "10.0.0.1",
        "Host10002": "10.0.0.2",
    }
    assert list(resources(text, Addresses="1.1.1.1")) == ["Host1111"]


def test_the_other_functions_become_what_cloudformation_itself_understands() -> None:
    text = """
Parameters: {Names: {Type: CommaDelimitedList, Default: "a,b,c"}, Keep: {Type: String, Default: Delete}}
Mappings: {Sizes: {eu-west-1: {Small: 3}}}
Resources:
  Thing:
    Type: T
    DeletionPolicy: !Ref Keep
    Properties:
      Count: {Fn::Length: !Ref Names}
      Size: {Fn::FindInMap: [Sizes, !Ref AWS::Region, Large, {DefaultValue: 7}]}
      Plain: {Fn::ToJsonString: {a: [1, "${literal}"]}}
      Body: {Fn::ToJsonString: {arn: !GetAtt Thing.Arn, text: "${literal}"}}
"""

    made = resources(text)["Thing"]

    assert (made["DeletionPolicy"], made["Properties"]["Count"], made["Properties"]["Size"]) == ("Delete", 3, 7)
    assert json.loads(made["Properties"]["Plain"]) == {"a": [1, "${literal}"]}
    document = parse(text) | {"Resources": {"Thing": {"Type": "AWS::SQS::Queue"}}}
    body = json.loads(Resolver(document).resolve(made["Properties"]["Body"]))
    assert body == {"arn": "arn:aws:sqs:eu-west-1:123456789012:Thing", "text": "${literal}"}


def test_serverless_functions_in_a_loop_are_transformed() -> None:
    document = parse("""
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Functions:
    - Name
    - [Count, Index]
    - ${Name}Function:
        Type: AWS::Serverless::Function
        Properties: {Runtime: python3.13, Handler: app.handler, InlineCode: "pass"}
""")

    deployed = transformed(document, {})["Resources"]

    assert {"CountFunction", "CountFunctionRole", "IndexFunction", "IndexFunctionRole"} == deployed.keys()


def test_the_linter_sees_the_resources_of_a_loop() -> None:
    template = Template.of(
        parse("""
Transform: [AWS::LanguageExtensions]
Resources:
  Fn::ForEach::Queues: [Name, [One, Two], {"${Name}Queue": {Type: AWS::SQS::Queue}}]
""")
    )

    assert [name for name, _ in template.properties("AWS::SQS::Queue")] == ["OneQueue", "TwoQueue"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Resources: {'Fn::ForEach::L': [A, [x], {B: {}}, more]}", r"Fn::ForEach::L takes \[Identifier"),
        ("Resources: {'Fn::ForEach::L': {A: B}}", r"Fn::ForEach::L takes \[Identifier"),
        ("Resources: {'Fn::ForEach::L': [A, [x, y], {B: {}}]}", "produces B, which exists already"),
        ("Resources: {xA: {}, 'Fn::ForEach::L': [A, [x], {'${A}A': {}}]}", "produces xA, which exists already"),
        ("Resources: {'Fn::ForEach::L': [A, !GetAtt [Q, Arn], {'${A}': {}}]}", "no resource Q"),
        ("Resources: {'Fn::ForEach::L': [A, text, {'${A}': {}}]}", "the collection is a list"),
        (
            "Parameters: {A: {Type: String}}\nResources: {'Fn::ForEach::L': [A, [x], {'${A}': {}}]}",
            "already the name of a parameter",
        ),
        (
            "Resources: {'Fn::ForEach::L': [A, [x], {'Fn::ForEach::M': [A, [y], {'${A}': {}}]}]}",
            "already the name of a parameter or of an outer loop's identifier",
        ),
        ("Resources: {R: {Type: T, Properties: {N: {'Fn::Length': text}}}}", "Fn::Length takes a list"),
    ],
)
def test_what_cannot_be_expanded_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        expanded(parse(TRANSFORM + text))


def test_a_loop_without_the_transform_is_refused() -> None:
    with pytest.raises(TemplateError, match="needs `Transform: AWS::LanguageExtensions`"):
        expanded(parse("Resources: {'Fn::ForEach::L': [A, [x], {'${A}': {}}]}"))


def test_an_application_of_the_repository_is_not_looked_up() -> None:
    document = parse("""
Transform: AWS::Serverless-2016-10-31
Resources:
  App:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: arn:aws:serverlessrepo:us-east-1:1:applications/a, SemanticVersion: 1.0.0}}
""")

    with pytest.raises(TemplateError, match="App is an application of the Serverless Application Repository"):
        transformed(document, {})


def test_an_unquoted_date_stays_text() -> None:
    document = parse("AWSTemplateFormatVersion: 2010-09-09\nResources: {R: {Version: 2012-10-17}}")

    assert (document["AWSTemplateFormatVersion"], document["Resources"]["R"]["Version"]) == ("2010-09-09", "2012-10-17")


def test_a_condition_may_be_the_name_that_a_loop_builds() -> None:
    made = resources("""
Conditions:
  Fn::ForEach::Deployed:
    - Name
    - [Count, Archive]
    - ${Name}IsDeployed: !Not [!Equals [!Ref Name, Archive]]
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Count, Archive]
    - ${Name}Topic: {Type: AWS::SNS::Topic, Condition: !Sub "${Name}IsDeployed"}
""")

    assert made["ArchiveTopic"]["Condition"] == "ArchiveIsDeployed"


def test_what_a_loop_fills_in_becomes_a_part_of_the_text() -> None:
    made = resources("""
Mappings:
  Consumers: {Count: {Service: count_tasks}}
Resources:
  CountFunction: {Type: AWS::Lambda::Function}
  Fn::ForEach::Topics:
    - Name
    - [Count]
    - ${Name}Topic:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub ["of ${Service}", {Service: !FindInMap [Consumers, !Ref Name, Service]}]
          DisplayName: !Sub ["${Arn}:live", {Arn: !GetAtt [!Sub "${Name}Function", Arn]}]
          Tags: !Sub ["${!Kept} ${Empty}", {Empty: ""}]
""")

    assert made["CountTopic"]["Properties"] == {
        "TopicName": "of count_tasks",
        "DisplayName": {"Fn::Sub": "${CountFunction.Arn}:live"},
        "Tags": {"Fn::Sub": ["${!Kept} ${Empty}", {"Empty": ""}]},
    }
