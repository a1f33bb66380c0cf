"""A document as CloudFormation gets it: after the transforms, with its choices made where they are whole parts."""

import copy
from typing import Any

from sam_templates.language_extensions import transforms
from sam_templates.transform import SERVERLESS, transformed

NO_VALUE = {"Ref": "AWS::NoValue"}
STORED, IMAGE = "s3://bucket/key", "123456789012.dkr.ecr.us-east-1.amazonaws.com/image"
PATHS = ("CodeUri", "ContentUri", "DefinitionUri")
"""Where the transform wants to have what `sam package` puts into a bucket first."""

ANY_VALUE = "any"
"""Of a parameter without a default, where the transform asks for one: no number, so nothing is said of it."""

type Json = dict[str, Any]


def deployed(written: Json) -> Json:
    """Return the document that is deployed; its loops are expanded already. Raises ``TemplateError``."""
    source = copy.deepcopy(written)
    source["Resources"] = {
        name: resource | {"Properties": resource.get("Properties") or {}}
        for name, resource in source["Resources"].items()
        if isinstance(resource, dict) and isinstance(resource.get("Type"), str)  # no gap
    }
    if SERVERLESS in transforms(source):
        source = _transformed(source)
    for resource in source["Resources"].values():
        resource["Properties"] = chosen(resource.get("Properties", {}))
    return source


def _transformed(source: Json) -> Json:
    shared = (source.get("Globals") or {}).get("Function") or {}
    for properties in (shared, *(resource["Properties"] for resource in source["Resources"].values())):
        properties |= {name: STORED for name in PATHS if isinstance(properties.get(name), str)}
    for resource in source["Resources"].values():
        if resource["Properties"].get("PackageType") == "Image":
            resource["Properties"].setdefault("ImageUri", IMAGE)
    parameters = source.get("Parameters") or {}
    values = {name: ANY_VALUE for name, parameter in parameters.items() if "Default" not in parameter}
    return transformed(source, values)


def chosen(value: Any) -> Any:
    """Resolve choices between whole parts: the first that is there. Choices between values are left, as unknown."""
    match value:
        case {"Fn::If": [_, *branches]}:
            there = [branch for branch in branches if branch != NO_VALUE]
            if len(there) == 1 or (there and all(_is_a_part(branch) for branch in there)):
                return chosen(there[0])
            return value
        case dict():
            return {name: chosen(inner) for name, inner in value.items()}
        case list():
            return [chosen(inner) for inner in value if inner != NO_VALUE]
    return value


def _is_a_part(value: Any) -> bool:
    """A list, or an object that is no function of CloudFormation's."""
    return isinstance(value, list) or (isinstance(value, dict) and not any(_is_function(name) for name in value))


def _is_function(name: str) -> bool:
    return name == "Ref" or name.startswith("Fn::")
