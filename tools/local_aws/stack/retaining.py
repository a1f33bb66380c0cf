"""Resources that CloudFormation leaves in place: when their stack is deleted, and when a template no longer has them.

moto retains a resource whose DeletionPolicy is Retain when a stack is deleted, and nothing else.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable

from moto.cloudformation.models import Stack

from .resources import Resource

_RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})


def retain(stack: Stack, names: Iterable[str]) -> None:
    """Have the deletion of some resources pass over those that are to be retained.

    The stack's creation is complete: one that fails removes what is RetainExceptOnCreate, too (rollback.py).
    """
    written, standing = stack.resource_map._resource_json_map, stack.resource_map._parsed_resources
    for name in set(names) & standing.keys():
        if written[name].get("DeletionPolicy") in _RETAINED:
            standing[name] = _without_removal(name, standing[name].physical_resource_id, written[name]["Type"])


def _without_removal(name: str, physical_id: str, kind: str) -> Resource:
    return Resource(physical_id, logical_resource_id=name, cf_resource_type=kind)
