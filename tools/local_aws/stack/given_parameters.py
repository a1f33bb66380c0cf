"""The parameters of a stack as CloudFormation tells them: moto tells what they mean."""

from typing import Any

from moto.cloudformation.models import Stack

HIDDEN = "****"
"""In place of a value that its template declares as ``NoEcho``."""


def values_of(stack: Stack) -> dict[str, Any]:
    """Return the values by name. A list is one text with commas, as it was given."""
    resolved = stack.resource_map.resolved_parameters
    return {name: ",".join(map(str, each)) if isinstance(each, list) else each for name, each in resolved.items()}


def described(stack: Stack) -> list[dict[str, Any]]:
    """Return them as DescribeStacks does."""
    hidden = stack.resource_map.no_echo_parameter_keys
    return [
        {"ParameterKey": name, "ParameterValue": HIDDEN if name in hidden else value}
        for name, value in values_of(stack).items()
    ]


def install_given_parameters() -> None:
    """Have moto's stacks tell, and hand on to the next update, what they were given."""
    kind: Any = Stack
    kind.stack_parameters, kind.parameter_list = property(values_of), property(described)
