"""Resource types of the other services, made by calls to this endpoint as any client would make them."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .bucket_kinds import BucketKinds
from .messaging_kinds import MessagingKinds
from .resources import Removal, ResourceKind, is_gone
from .role_kinds import RoleKinds
from .stream_kinds import StreamKinds
from .table_kinds import TableKinds
from .watch_kinds import WatchKinds


class ServiceKinds:
    """Parameters are not validated by boto3: templates hold numbers as text, which the services accept."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._session = boto3.Session("local", "local", region_name=region)
        self._config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self._endpoint_url = endpoint_url
        self._region = region
        self._clients: dict[str, Any] = {}

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            **TableKinds(self._client).kinds(),
            **StreamKinds(self._client).kinds(),
            **MessagingKinds(self._client).kinds(),
            **BucketKinds(self._client, self._region).kinds(),
            **RoleKinds(self._client).kinds(),
            **WatchKinds(self._client, self._region).kinds(),
        }

    def remove(self, removal: Removal) -> None:
        for inner in removal.first:
            try:
                self.remove(inner)
            except ClientError as error:
                if not is_gone(error):
                    raise
        if removal.operation == "delete_policy":
            self._detach(removal.parameters["PolicyArn"])
        getattr(self._client(removal.service), removal.operation)(**removal.parameters)

    def _detach(self, policy: str) -> None:
        """Take a policy from its roles: moto removes it all the same, and then no role lets go of it."""
        iam = self._client("iam")
        for role in iam.list_entities_for_policy(PolicyArn=policy)["PolicyRoles"]:
            iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=policy)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self._endpoint_url,
                config=self._config,
            )
        return self._clients[service]
