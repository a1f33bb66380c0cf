"""Versions and aliases of a stack that is updated: what depends on a function comes after it.

moto adds before it modifies, so that a new version would be one of the function before the update; and it passes over
a resource of which nothing but the value of an attribute changes, such as the version that an alias points at.
"""

from __future__ import annotations

from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import parse_and_update_resource

from .resources import Resource

_VERSION, _ALIAS = "AWS::Lambda::Version", "AWS::Lambda::Alias"


def versions_of(stack: Stack) -> dict[str, Resource]:
    """The versions that a stack has, by their logical ids."""
    resources = stack.resource_map._parsed_resources
    return {name: resources[name] for name in _named(stack, _VERSION) if name in resources}


def publish_changed(stack: Stack, former: dict[str, Resource]) -> None:
    """Publish the versions that an update has brought, now that the functions are changed; have aliases follow."""
    for name, version in versions_of(stack).items():
        if former.get(name) is not version:
            version.properties = {}  # published too early: as if it had not been
            _update(stack, name)
    for name in _named(stack, _ALIAS):
        _update(stack, name)


def _named(stack: Stack, resource_type: str) -> list[str]:
    found = stack.resource_map._resource_json_map.items()
    return [name for name, resource in found if resource["Type"] == resource_type]


def _update(stack: Stack, name: str) -> None:
    resources, written = stack.resource_map, stack.resource_map._resource_json_map[name]
    changed = parse_and_update_resource(
        name, written, resources, account_id=resources._account_id, region_name=resources._region_name
    )
    if changed is not None:
        resources._parsed_resources[name] = changed
