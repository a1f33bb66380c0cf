"""template.yaml as the linter sees it, and what the tests ask of it besides."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mapping_lint.references import listed
from mapping_lint.template import Json, Mapping, Template

ROOT = Path(__file__).parents[2]
VERSION = "AWS::Lambda::Version"
LOG_GROUP = "AWS::Logs::LogGroup"
ROLE = "AWS::IAM::Role"


@cache
def application() -> Template:
    """Return the application's own; the same to all tests, for reading it takes a while."""
    return Template.load(ROOT / "template.yaml")


def reading(template: Template, *types: str) -> Iterator[Mapping]:
    """The mappings that read a resource of some types."""
    return (mapping for mapping in template.mappings() if template.type_of(mapping.source) in types)


def invocable(role: Json) -> list[Json]:
    """The functions that a role may deliver to again, as the template refers to them."""
    (found,) = (
        statement["Resource"]
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] == "RedeliverToConsumers"
    )
    return listed(found)
