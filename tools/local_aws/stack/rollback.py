"""A stack whose creation fails: what was made of it is removed, and the stack tells so.

A resource whose DeletionPolicy is Retain stays. With RetainExceptOnCreate it goes, because this is its creation. Later
it stays (retaining.py).
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.core.exceptions import ServiceException, _RESTError

ROLLED_BACK = "ROLLBACK_COMPLETE"
LEFT_BEHIND = "ROLLBACK_FAILED"
_BEGUN = "ROLLBACK_IN_PROGRESS"


def roll_back(backend: CloudFormationBackend, stack: Stack, error: Exception) -> Stack:
    """Remove all there is of a stack, its exports included, but for what is to be retained even so."""
    reason = error.message if isinstance(error, _RESTError | ServiceException) else str(error)
    stack._add_stack_event(_BEGUN, resource_status_reason=" ".join(str(reason).split()))
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]
    try:
        stack.resource_map.delete()
    except Exception as obstacle:
        stack.status = LEFT_BEHIND
        left = ", ".join(_left(stack))
        stack._add_stack_event(LEFT_BEHIND, resource_status_reason=f"{left} left: {' '.join(str(obstacle).split())}")
        return stack
    stack.status = ROLLED_BACK
    stack._add_stack_event(ROLLED_BACK)
    return stack


def reason_of(stack: Stack) -> str:
    """Why a stack was rolled back, and why something was left of it if it could not be."""
    told = (event for event in stack.events if event.resource_status in (_BEGUN, LEFT_BEHIND))
    return "; ".join(str(event.resource_status_reason) for event in told) or str(stack.status)


def _left(stack: Stack) -> list[str]:
    """The resources that stand still and should not."""
    standing, written = stack.resource_map._parsed_resources, stack.resource_map._resource_json_map
    return [name for name in written if name in standing and written[name].get("DeletionPolicy") != "Retain"]
