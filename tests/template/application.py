"""template.yaml as the linter sees it, and what the tests ask of it besides."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mapping_lint.references import listed, target
from mapping_lint.template import POLICY, Json, Mapping, Template

ROOT = Path(__file__).parents[2]
VERSION = "AWS::Lambda::Version"
LOG_GROUP = "AWS::Logs::LogGroup"


@cache
def application() -> Template:
    """Return the application's own; the same to all tests, for reading it takes a while."""
    return Template.load(ROOT / "template.yaml")


def reading(template: Template, *types: str) -> Iterator[Mapping]:
    """The mappings that read a resource of some types."""
    return (mapping for mapping in template.mappings() if template.type_of(mapping.source) in types)


def statements_of(template: Template, role: str) -> list[Json]:
    """The statements of a role: of its own policies, of those that it names, and of those that name it."""
    properties = template.named(role)
    policies = [*properties.get("Policies", []), *map(template.named, _attached(properties))]
    policies += [policy for _, policy in template.properties(POLICY) if role in map(target, policy["Roles"])]
    return [statement for policy in policies for statement in listed(policy["PolicyDocument"]["Statement"])]


def _attached(role: Json) -> Iterator[str]:
    for arn in role.get("ManagedPolicyArns", []):
        name = target(arn)
        if name:
            yield name


def invocable(template: Template, role: str) -> list[Json]:
    """The functions that a role may deliver to again, as the template refers to them."""
    return [
        function
        for statement in statements_of(template, role)
        if statement["Sid"] == "RedeliverToConsumers"
        for function in listed(statement["Resource"])
    ]
