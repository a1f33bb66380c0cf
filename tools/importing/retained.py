"""What CloudFormation is given to import retained resources: a template of these alone, and their identifiers.

An import makes no new resource and changes none. What refers to another resource is left to the deployment after it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mapping_lint.references import mentions

IDENTIFIERS = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueUrl",
}
"""By type, the property that identifies a resource (registry schema, ``primaryIdentifier``)."""

RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})
KEPT = ("Type", "DeletionPolicy", "UpdateReplacePolicy")

type Json = dict[str, Any]


class NotImported(ValueError):
    """A resource that cannot be imported: the message says why."""


def retained(template: Mapping[str, Any]) -> list[str]:
    """Return the logical ids of the resources that stay when the stack is deleted."""
    return [name for name, each in template["Resources"].items() if each.get("DeletionPolicy") in RETAINED]


def import_template(template: Mapping[str, Any], names: Collection[str]) -> Json:
    """Return the template to import resources by logical id. Raises ``NotImported``."""
    outside = template["Resources"].keys() - set(names)
    resources = {name: _alone(template["Resources"][name], outside) for name in _known(template, names)}
    conditions = {name: template["Conditions"][name] for name in sorted(set(_conditions(resources)))}
    used = {*mentions(resources), *mentions(conditions)}
    parameters = {name: slot for name, slot in template.get("Parameters", {}).items() if name in used}
    parts = {"Parameters": parameters, "Conditions": conditions, "Resources": resources}
    return {"AWSTemplateFormatVersion": "2010-09-09"} | {name: part for name, part in parts.items() if part}


def resources_to_import(template: Mapping[str, Any], identifiers: Mapping[str, str]) -> list[Json]:
    """Return the ``ResourcesToImport`` of a change set, by logical id and physical name. Raises ``NotImported``."""
    found = []
    for name in _known(template, identifiers):
        kind = template["Resources"][name]["Type"]
        identifier = {IDENTIFIERS[kind]: identifiers[name]}
        found.append({"ResourceType": kind, "LogicalResourceId": name, "ResourceIdentifier": identifier})
    return found


def _known(template: Mapping[str, Any], names: Collection[str]) -> list[str]:
    stays = retained(template)
    for name in names:
        if name not in stays:
            raise NotImported(f"{name} is not retained; the template retains {', '.join(stays)}")
        if template["Resources"][name]["Type"] not in IDENTIFIERS:
            raise NotImported(f"{name} is a {template['Resources'][name]['Type']}, whose identifier is not known here")
    return [name for name in stays if name in names]


def _alone(resource: Mapping[str, Any], outside: Collection[str]) -> Json:
    """Return a resource without the properties that refer to resources outside the import."""
    properties = resource.get("Properties", {}).items()
    own = {name: value for name, value in properties if not set(mentions(value)) & set(outside)}
    return {key: resource[key] for key in KEPT if key in resource} | {"Properties": own}


def _conditions(value: Any) -> Iterator[str]:
    match value:
        case {"Fn::If": [str(name), *branches]}:
            yield name
            yield from _conditions(branches)
        case dict():
            yield from _conditions(list(value.values()))
        case list():
            for each in value:
                yield from _conditions(each)
