"""Versions and aliases of the consumers, and how a new version is let at its stream."""

import copy
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from mapping_lint.references import mentions, target
from mapping_lint.template import ALARM, ALIAS, FUNCTION, Json, Template
from sam_templates.errors import TemplateError
from sam_templates.resolver import Resolver
from template.application import VERSION, application

GROUP = "AWS::CodeDeploy::DeploymentGroup"
CANARY = "Canary10Percent10Minutes"


@pytest.fixture(scope="module")
def template() -> Template:
    return application()


@pytest.fixture(scope="module")
def gradual() -> Template:
    written = copy.deepcopy(application().written)
    written["Parameters"]["ConsumerDeployment"]["Default"] = CANARY
    return Template.of(written)


def consumers(template: Template) -> set[str]:
    return {mapping.function for mapping in template.stream_mappings() if mapping.function}


def test_streams_invoke_what_the_alias_stands_for(template: Template) -> None:
    invoked = {target(mapping.properties["FunctionName"]) for mapping in template.stream_mappings()}

    aliases = {name: properties["Name"] for name, properties in template.properties(ALIAS)}

    assert invoked == aliases.keys()
    assert set(aliases.values()) == {"live"}


def test_all_at_once_needs_nothing_of_codedeploy(template: Template) -> None:
    made = [name for name, resource in template.deployed["Resources"].items() if "CodeDeploy" in resource["Type"]]

    updated = [name for name, alias in template.of_type(ALIAS) if "UpdatePolicy" in alias]
    conditions = {
        resource.get("Condition")
        for name, resource in template.deployed["Resources"].items()
        if name.endswith(("ReleaseAlarm", "DeploymentRole"))
    }

    assert made == updated == []
    assert conditions == {"Gradually", "GraduallyWithSearch"}


def test_a_gradual_deployment_is_taken_back_by_the_alarms_of_its_consumer(gradual: Template) -> None:
    looked_at = {}
    for name, group in gradual.properties(GROUP):
        chosen = group["AlarmConfiguration"]["Alarms"]  # of the choice, what there is when it is gradual
        looked_at[name.removesuffix("DeploymentGroup")] = {target(alarm["Name"]) for alarm in chosen}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]

    expected = {
        function: {function.removesuffix("Function") + suffix for suffix in ("ReleaseAlarm", "BehindAlarm")}
        for function in consumers(gradual)
    }
    assert looked_at == expected
    assert all("UpdatePolicy" in alias for _, alias in gradual.of_type(ALIAS))


def test_an_alarm_of_a_release_looks_at_the_version_that_is_released(gradual: Template) -> None:
    versions = {properties["FunctionName"]["Ref"]: name for name, properties in gradual.properties(VERSION)}

    watched = {}
    for name, alarm in gradual.properties(ALARM):
        if name.endswith("ReleaseAlarm"):
            crashed = next(each for each in alarm["Metrics"] if each["Id"] == "crashed")["MetricStat"]["Metric"]
            by_name = {each["Name"]: each["Value"] for each in crashed["Dimensions"]}
            function = by_name["FunctionName"]["Ref"]
            assert by_name["Resource"] == {"Fn::Sub": f"${{{function}}}:live"}
            watched[function] = target(by_name["ExecutedVersion"])

    assert watched == {function: versions[function] for function in consumers(gradual)}


def test_nothing_waits_for_itself_with_an_aliass_update_policy_counted(gradual: Template) -> None:
    resources = gradual.deployed["Resources"]

    graph = {name: set(needed(resource)) & resources.keys() for name, resource in resources.items()}

    assert len(list(TopologicalSorter(graph).static_order())) == len(resources)


def needed(resource: Json) -> Iterator[str]:
    yield from mentions(resource.get("Properties", {}))
    yield from mentions(resource.get("UpdatePolicy", {}))
    yield from resource.get("DependsOn", []) if isinstance(resource.get("DependsOn"), list) else ()


def test_every_way_of_deploying_is_said_to_be_gradual_or_not(template: Template) -> None:
    parameter, said = template.written["Parameters"]["ConsumerDeployment"], template.written["Mappings"]

    gradual = {way: entry["Gradual"] for way, entry in said["ConsumerDeployments"].items()}

    assert list(gradual) == parameter["AllowedValues"]
    assert [way for way, is_gradual in gradual.items() if not is_gradual] == [parameter["Default"]] == ["AllAtOnce"]


def test_a_version_is_described_by_every_parameter_that_its_function_depends_on(template: Template) -> None:
    """SAM does not see that a parameter alone has changed; a version whose description changes is replaced."""
    parameters, functions = template.written["Parameters"].keys(), dict(template.properties(FUNCTION))
    conditions = template.written["Conditions"]

    for _, version in template.properties(VERSION):
        function = functions[version["FunctionName"]["Ref"]]
        depended = set(mentions(function)) | {
            name for condition in conditional(function) for name in mentions(conditions[condition])
        }
        assert depended & parameters == described(version, conditions) & parameters, version["FunctionName"]


def described(version: Json, conditions: Json) -> set[str]:
    """What a version's description depends on."""
    asked = {name for condition in conditional(version["Description"]) for name in mentions(conditions[condition])}
    return asked | set(mentions(version["Description"]))


def test_a_version_is_described_anew_only_if_its_function_changes(template: Template) -> None:
    """CloudFormation fails to replace a version of which only the description changes: Lambda publishes none."""
    functions = dict(template.properties(FUNCTION))
    before = AnyArn(template.written)
    choices = {name: alternatives(name, slot) for name, slot in template.written["Parameters"].items()}
    changes = [(name, value) for name, values in choices.items() for value in values]
    assert ("ReplicaRegion", "eu-west-1") in changes

    for name, value in changes:
        after = AnyArn(template.written, {name: value})
        for _, version in template.properties(VERSION):
            function = functions[version["FunctionName"]["Ref"]]
            anew = before.resolve(version["Description"]) != after.resolve(version["Description"])
            assert anew == (configured(before, function) != configured(after, function)), (name, value)


class AnyArn(Resolver):
    """Resolves also what refers to resources whose ARN a mapping's settings never need."""

    def arn(self, resource: str) -> str:
        try:
            return super().arn(resource)
        except TemplateError:
            return f"arn:of:{resource}"


def configured(resolver: Resolver, function: Json) -> Any:
    """What Lambda keeps of a function, which is what a version is made of; its code aside."""
    return resolver.resolve({key: value for key, value in function.items() if key not in ("Code", "Layers", "Tags")})


def alternatives(name: str, slot: Json) -> list[Any]:
    """Some values that a parameter may take instead of its default."""
    examples = {
        "ReplicaTableName": ["replica"],
        "ReplicaRegion": ["eu-west-1", "us-east-1"],  # that of the stack, and another
        "EncryptionKeyArn": ["arn:aws:kms:eu-west-1:123456789012:key/1"],
        "EndpointUrl": ["http://127.0.0.1:4566"],
        "SearchEndpoint": ["https://search.example"],
        "SearchIndexName": ["others"],
    }
    if name in examples:
        return examples[name]
    others = [value for value in slot.get("AllowedValues", []) if value != slot["Default"]]
    return others or [slot["MaxValue"]] if others or "MaxValue" in slot else []


def conditional(value: Any) -> Iterator[str]:
    """The conditions that a document asks, anywhere."""
    match value:
        case {"Fn::If": [str(name), *branches]}:
            yield name
            yield from conditional(branches)
        case dict():
            yield from conditional(list(value.values()))
        case list():
            for each in value:
                yield from conditional(each)


def test_another_layer_is_another_version_of_every_consumer(template: Template) -> None:
    changed = copy.deepcopy(template.written)
    changed["Resources"]["ChangestreamLayer"]["Properties"]["Description"] = "another"

    before, after = (dict(one.properties(VERSION)).keys() for one in (template, Template.of(changed)))

    assert len(before) == len(after) == len(consumers(template))
    assert not before & after
