"""Roles of a stack. moto's CloudFormation would make them, and keep their policies as Python prints a dictionary."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .resources import Kind, Properties, Removal, Resource

OF_AWS = "arn:aws:iam::aws:"
"""Policies that AWS manages, thousands of them, are not kept here."""


class RoleKinds:
    """Makes roles; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def kinds(self) -> dict[str, Kind]:
        return {"AWS::IAM::Role": Kind(self.role, self.update_role)}

    def role(self, name: str, properties: Properties) -> Resource:
        name = properties.get("RoleName", name)
        role = self._iam.create_role(
            RoleName=name,
            Path=properties.get("Path", "/"),
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
        )["Role"]
        attributes = {"Arn": role["Arn"], "RoleId": role["RoleId"]}
        resource = Resource(name, attributes, Removal("iam", "delete_role", {"RoleName": name}))
        self._allow(name, properties)
        return resource

    def update_role(self, resource: Resource, properties: Properties) -> Resource:
        name = resource.physical_resource_id
        for policy in self._iam.list_role_policies(RoleName=name)["PolicyNames"]:
            self._iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for policy in self._iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            self._iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        self._allow(name, properties)
        return resource

    def _allow(self, name: str, properties: Properties) -> None:
        for arn in properties.get("ManagedPolicyArns", []):
            if not arn.startswith(OF_AWS):
                self._iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy in properties.get("Policies", []):
            document = json.dumps(policy["PolicyDocument"])
            self._iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)

    @property
    def _iam(self) -> Any:
        return self._client_of("iam")
