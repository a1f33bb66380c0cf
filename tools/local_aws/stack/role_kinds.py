"""Roles and policies of a stack.

moto's CloudFormation would make them, and keep a policy as Python prints a dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .resources import Properties, Removal, Resource, ResourceKind

OF_AWS = "arn:aws:iam::aws:"
"""Policies that AWS manages, thousands of them, are not kept here."""

_VERSION = "2012-10-17"


class RoleKinds:
    """Makes roles and their policies; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::IAM::Role": ResourceKind(self.role, self.update_role),
            "AWS::IAM::ManagedPolicy": ResourceKind(self.managed_policy, self.update_managed_policy),
            "AWS::IAM::Policy": ResourceKind(self.policy, self.update_policy),
        }

    def role(self, name: str, properties: Properties) -> Resource:
        name = properties.get("RoleName", name)
        role = self._iam.create_role(
            RoleName=name,
            Path=properties.get("Path", "/"),
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
        )["Role"]
        resource = Resource(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        resource.removal = self._allow(name, properties)
        return resource

    def update_role(self, resource: Resource, properties: Properties) -> Resource:
        former = resource.removal.first if resource.removal else ()
        for policy in former:
            getattr(self._iam, policy.operation)(**policy.parameters)
        resource.removal = self._allow(resource.physical_resource_id, properties)
        return resource

    def managed_policy(self, name: str, properties: Properties) -> Resource:
        """Make a policy that roles name by its ARN; the resource is known by the ARN."""
        document = json.dumps(properties["PolicyDocument"])
        arn = self._iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        return Resource(arn, removal=Removal("iam", "delete_policy", {"PolicyArn": arn}))

    def update_managed_policy(self, resource: Resource, properties: Properties) -> Resource:
        """Make its document the policy's only version."""
        arn, document = resource.physical_resource_id, json.dumps(properties["PolicyDocument"])
        former = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        self._iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        self._iam.delete_policy_version(PolicyArn=arn, VersionId=former)
        return resource

    def policy(self, name: str, properties: Properties) -> Resource:
        """Give each role of a policy the statements that are written beside it."""
        given = []
        for role in properties["Roles"]:
            naming = {"RoleName": role, "PolicyName": properties["PolicyName"]}
            self._iam.put_role_policy(**naming, PolicyDocument=_inline(properties["PolicyDocument"]))
            given.append(Removal("iam", "delete_role_policy", naming))
        *others, last = given
        return Resource(name, removal=replace(last, first=tuple(others)))

    def update_policy(self, resource: Resource, properties: Properties) -> Resource:
        if resource.removal:
            for each in (*resource.removal.first, resource.removal):
                getattr(self._iam, each.operation)(**each.parameters)
        resource.removal = self.policy(resource.physical_resource_id, properties).removal
        return resource

    def _allow(self, name: str, properties: Properties) -> Removal:
        """Give a role its policies, and return how it goes: after them."""
        given = []
        for arn in properties.get("ManagedPolicyArns", []):
            if not arn.startswith(OF_AWS):
                self._iam.attach_role_policy(RoleName=name, PolicyArn=arn)
                given.append(Removal("iam", "detach_role_policy", {"RoleName": name, "PolicyArn": arn}))
        for policy in properties.get("Policies", []):
            naming = {"RoleName": name, "PolicyName": policy["PolicyName"]}
            self._iam.put_role_policy(**naming, PolicyDocument=_inline(policy["PolicyDocument"]))
            given.append(Removal("iam", "delete_role_policy", naming))
        return Removal("iam", "delete_role", {"RoleName": name}, tuple(given))

    @property
    def _iam(self) -> Any:
        return self._client_of("iam")


def _inline(document: Properties) -> str:
    """Return the text of an inline policy. IAM accepts one without a version, as SAM's policy templates write them;
    moto does not."""
    return json.dumps({"Version": _VERSION, **document})
