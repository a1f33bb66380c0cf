"""A template as CloudFormation deploys it with some parameters, in a form that can be compared.

Loops and the SAM transform are expanded, conditions are decided, and the statements of a role's own policies and of the
policies beside it are gathered at the role: it makes no difference to IAM where a statement stands.
"""

import copy
import json
from pathlib import Path
from typing import Any

from mapping_lint.sam import NO_VALUE
from mapping_lint.template import MANAGED_POLICY, POLICY, ROLE, Json
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver
from sam_templates.transform import transformed

FORMER = Path(__file__).parent / "former.json"
"""The template before it had loops, after the SAM transform: one resource a line."""

PATHS = ("CodeUri", "ContentUri")
LEFT_OUT = {"Condition", "Metadata"}


def transformed_resources(document: Json, parameters: Json) -> tuple[Json, Json]:
    """Return the conditions and the resources of a template after both transforms."""
    document = expanded(copy.deepcopy(document), parameters)
    for resource in document["Resources"].values():
        for path in PATHS:
            if path in resource.get("Properties", {}):
                resource["Properties"][path] = f"s3://bucket/{resource['Properties'][path]}"
    result = transformed(document, parameters)
    return result.get("Conditions", {}), result["Resources"]


def deployed(conditions: Json, resources: Json, document: Json, parameters: Json) -> Json:
    """Return the resources that are deployed with some parameters, without what conditions leave out."""
    resolver = Resolver({**document, "Conditions": conditions, "Resources": resources}, parameters)
    chosen: Json = {
        name: _decided(
            {part: value for part, value in resource.items() if part not in ("Condition", "Metadata")}, resolver
        )
        for name, resource in resources.items()
        if "Condition" not in resource or resolver.holds(resource["Condition"])
    }
    return _with_gathered_statements(chosen)


def _decided(value: Any, resolver: Resolver) -> Any:
    match value:
        case {"Fn::If": [str() as condition, met, unmet]}:
            return _decided(met if resolver.holds(condition) else unmet, resolver)
        case {"Fn::FindInMap": _}:
            try:
                return resolver.resolve(value)
            except TemplateError:
                return value
        case dict():
            inner = {name: _decided(each, resolver) for name, each in value.items()}
            return {name: each for name, each in inner.items() if each != NO_VALUE}
        case list():
            return [each for each in (_decided(each, resolver) for each in value) if each != NO_VALUE]
    return value


def _with_gathered_statements(resources: Json) -> Json:
    gathered = {}
    for name, resource in resources.items():
        if resource["Type"] == ROLE:
            statements = [each for policy in resource["Properties"].get("Policies", []) for each in _statements(policy)]
            for arn in resource["Properties"].get("ManagedPolicyArns", []):
                statements += _statements(resources[arn["Ref"]]["Properties"])
            for other in resources.values():
                if other["Type"] == POLICY and {"Ref": name} in other["Properties"]["Roles"]:
                    statements += _statements(other["Properties"])
            trust = resource["Properties"]["AssumeRolePolicyDocument"]
            gathered[name] = {"Type": ROLE, "Trust": trust, "Statements": _merged(statements)}
        elif resource["Type"] not in (POLICY, MANAGED_POLICY):
            gathered[name] = resource
    return gathered


def _statements(policy: Json) -> list[Json]:
    return list(policy["PolicyDocument"]["Statement"])


def _merged(statements: list[Json]) -> list[Json]:
    """Return the statements in the order of their names; those that differ in resources alone become one."""
    found: dict[str, tuple[Json, set[str]]] = {}
    for statement in statements:
        rest = {name: value for name, value in statement.items() if name != "Resource"}
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        key = json.dumps(rest, sort_keys=True)
        found.setdefault(key, (rest, set()))[1].update(json.dumps(each, sort_keys=True) for each in resources)
    return [rest | {"Resource": sorted(each)} for _, (rest, each) in sorted(found.items())]
