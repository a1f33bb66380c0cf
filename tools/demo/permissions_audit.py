"""The audit of permissions: whatever a function asked of AWS, its role allows."""

import json
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from demo.audit import Finding
from demo.runtime import ServedStack

Statement = dict[str, Any]


def audit_permissions(runtime: ServedStack) -> Finding:
    """Compare the calls of every function with its role: the local runtime refuses nothing for want of a permission."""
    calls, statements = runtime.calls(), roles(runtime)
    differences = [
        f"{call['function']}: {call['action']} on {call['resource']}, {call['times']} times"
        for call in calls
        if not any(allows(statement, call["action"], call["resource"]) for statement in statements[call["function"]])
    ]
    return Finding("roles, per action and resource", len(calls), differences)


def keep(runtime: ServedStack, path: Path) -> None:
    """Write what was asked for, and what is allowed, into a file."""
    path.write_text(json.dumps({"calls": runtime.calls(), "roles": roles(runtime)}, indent=1))


def roles(runtime: ServedStack) -> dict[str, list[Statement]]:
    """Return the statements of the role of every function in the stack, as they were deployed."""
    lambda_client, iam = runtime.client("lambda"), runtime.client("iam")
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    for output, name in runtime.outputs.items():
        if not output.endswith("FunctionName"):
            continue
        role = lambda_client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            found[name] += document["Statement"]
        for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            kept = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]
            found[name] += kept["Document"]["Statement"]
    return found


def allows(statement: Statement, action: str, resource: str) -> bool:
    """Tell whether a statement allows an action on a resource; its conditions are taken to hold."""
    return (
        statement["Effect"] == "Allow"
        and action in listed(statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
    )


def listed(value: Any) -> list[Any]:
    """One thing may stand without its list."""
    return value if isinstance(value, list) else [value]
