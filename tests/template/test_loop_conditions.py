"""A loop in the template is one that CloudFormation expands.

"Conditions must be the second or a later property" of what a loop repeats, and stack creation fails otherwise:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach-example-conditions.html
An object that begins with ``Condition`` is read as the function of that name, in a policy statement too.
"""

from collections.abc import Iterator
from typing import Any

from architecture.sources import ROOT
from sam_templates.document import read

LOOP = "Fn::ForEach::"


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path, object) of a value and of everything in it."""
    if isinstance(value, dict):
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from objects(each, f"{path}/{name}")


def repeated(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects that the loops over resources and outputs repeat."""
    for section in ("Resources", "Outputs"):
        for name, value in document[section].items():
            if name.startswith(LOOP):
                yield from objects(value[2], name)


def beginning_with_condition(document: dict[str, Any]) -> list[str]:
    return [path for path, each in repeated(document) if next(iter(each), None) == "Condition"]


def test_nothing_that_a_loop_repeats_begins_with_condition() -> None:
    document = read(ROOT / "template.yaml")

    assert any("Condition" in each for _, each in repeated(document))
    assert beginning_with_condition(document) == []


def test_no_condition_of_fn_if_is_computed_in_a_loop() -> None:
    """CloudFormation takes nothing but text there: "Fn::If layout is incorrect" (cfn-language-discussion, 135)."""
    asked = [each["Fn::If"][0] for _, each in repeated(read(ROOT / "template.yaml")) if "Fn::If" in each]

    assert asked
    assert {each for each in asked if not isinstance(each, str) or "${" in each} == set()


def test_a_policy_statement_that_begins_with_condition_is_found() -> None:
    statement = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny"}
    topic = {"Type": "AWS::SNS::Topic", "Condition": {"Ref": "Name"}, "Properties": {"Statement": [statement]}}
    document = {"Resources": {f"{LOOP}Topics": ["Name", ["A", "B"], {"${Name}Topic": topic}]}, "Outputs": {}}

    assert beginning_with_condition(document) == ["Fn::ForEach::Topics/${Name}Topic/Properties/Statement/0"]
