"""Layers: numbered, immutable folders of packages that functions find beside their own code."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws.lambda_service.artifacts import Artifact, ArtifactStore
from local_aws.lambda_service.errors import invalid_value, not_found
from local_aws.lambda_service.names import Account

type Document = dict[str, Any]

_MOST_LAYERS = 5
_NUMBER = re.compile("[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """What was published under one ARN."""

    description: Mapping[str, Any]  # as the API shows it
    content: Artifact


class LayerRegistry:
    """The layer operations of the API. Any thread may use it."""

    def __init__(self, account: Account, artifacts: ArtifactStore) -> None:
        self._account = account
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._versions: dict[str, dict[int, LayerVersion]] = {}
        self._last: dict[str, int] = {}

    def snapshot(self) -> Any:
        """All layers, as `restore` takes them."""
        return self._versions, self._last

    def restore(self, snapshot: Any) -> None:
        self._versions, self._last = snapshot

    def find(self, arns: Sequence[str]) -> list[LayerVersion]:
        """The layers that a function's configuration names; raises InvalidParameterValueException."""
        if len(arns) > _MOST_LAYERS:
            raise invalid_value(f"Cannot reference more than {_MOST_LAYERS} layers.")
        return [self._by_arn(arn) for arn in arns]

    def publish_layer_version(self, request: Document) -> Document:
        content = self._artifacts.store(request["Content"])
        name = request["LayerName"].split(":")[-1]
        with self._lock:
            number = self._last[name] = self._last.get(name, 0) + 1
            arn = self._account.layer_arn(name)
            description = {
                "LayerArn": arn,
                "LayerVersionArn": f"{arn}:{number}",
                "Version": number,
                "Description": request.get("Description", ""),
                "CreatedDate": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
                "CompatibleRuntimes": list(request.get("CompatibleRuntimes") or []),
                "CompatibleArchitectures": list(request.get("CompatibleArchitectures") or []),
                "LicenseInfo": request.get("LicenseInfo", ""),
            }
            self._versions.setdefault(name, {})[number] = version = LayerVersion(description, content)
        return _with_content(version)

    def get_layer_version(self, request: Document) -> Document:
        with self._lock:
            name = request["LayerName"].split(":")[-1]
            version = self._versions.get(name, {}).get(int(request["VersionNumber"]))
        if version is None:
            raise not_found()
        return _with_content(version)

    def get_layer_version_by_arn(self, request: Document) -> Document:
        if request["Arn"].count(":") < 2:
            raise invalid_value(f"{request['Arn']} is no ARN of a layer version.")
        *_, name, number = request["Arn"].split(":")
        return self.get_layer_version({"LayerName": name, "VersionNumber": number})

    def delete_layer_version(self, request: Document) -> Document:
        """Functions that use the version keep it, as on AWS."""
        with self._lock:
            name = request["LayerName"].split(":")[-1]
            self._versions.get(name, {}).pop(int(request["VersionNumber"]), None)
        return {}

    def list_layers(self, request: Document) -> Document:  # noqa: ARG002 - no filter is supported
        with self._lock:
            newest = {name: versions[max(versions)] for name, versions in self._versions.items() if versions}
        return {
            "Layers": [
                {
                    "LayerName": name,
                    "LayerArn": self._account.layer_arn(name),
                    "LatestMatchingVersion": dict(version.description),
                }
                for name, version in sorted(newest.items())
            ]
        }

    def list_layer_versions(self, request: Document) -> Document:
        with self._lock:
            name = request["LayerName"].split(":")[-1]
            versions = sorted(self._versions.get(name, {}).items(), reverse=True)
        return {"LayerVersions": [dict(version.description) for _, version in versions]}

    def _by_arn(self, arn: str) -> LayerVersion:
        _, name, number = ("", "", *arn.split(":"))[-3:]
        with self._lock:
            version = self._versions.get(name, {}).get(int(number)) if _NUMBER.fullmatch(number) else None
        if version is None:
            raise invalid_value(f"Layer version {arn} does not exist.")
        return version


def layer_folders(versions: Sequence[LayerVersion]) -> tuple[Path, ...]:
    """The folders of the layers' content, in the layers' order."""
    return tuple(version.content.folder for version in versions)


def _with_content(version: LayerVersion) -> Document:
    content = {
        "Location": version.content.folder.as_uri(),
        "CodeSha256": version.content.sha256,
        "CodeSize": version.content.size,
    }
    return {"Content": content, **version.description}
