"""How moto's CloudFormation is given resource types that it lacks, skips, or would run by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from ..lambda_service.errors import LambdaError

LOCAL_BUCKET = "LocalPath"
"""Stands for a folder of this machine where a bucket's name stands; no bucket can bear it, for its capitals."""

_GONE = frozenset(
    (
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
    )
)


def is_gone(error: ClientError) -> bool:
    """Tell whether an error says that a resource that is to be removed is not there."""
    return error.response["Error"]["Code"] in _GONE


type Properties = dict[str, Any]
type Create = Callable[[str, Properties], Resource]
"""Create from (a generated name, the resolved properties)."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The call that removes a resource, as a value: stacks outlive the process that made them."""

    service: str
    operation: str
    parameters: Properties
    first: tuple[Removal, ...] = ()
    """What has to go before it."""


@dataclass
class Resource:
    """A resource of a stack as moto's CloudFormation handles it."""

    perform: ClassVar[Callable[[Removal], Any]]
    """How this endpoint makes the call; set together with the kinds."""

    physical_resource_id: str
    attributes: dict[str, str] = field(default_factory=dict)
    removal: Removal | None = None
    properties: Properties = field(default_factory=dict)
    logical_resource_id: str = ""
    cf_resource_type: str = ""

    def get_cfn_attribute(self, name: str) -> str:
        if name not in self.attributes:
            raise ValueError(f"{self.cf_resource_type} {self.logical_resource_id} has no attribute {name} here")
        return self.attributes[name]

    def is_created(self) -> bool:
        return True

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove it; one that went with something else before it, as permissions go with their function, is gone."""
        del account_id, region_name
        if self.removal is None:
            return
        try:
            type(self).perform(self.removal)
        except ClientError as error:
            if not is_gone(error):
                raise
        except LambdaError as error:
            if error.code not in _GONE:
                raise


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One resource type, in the place where moto expects a model class.

    `update` changes a resource in place; a type without one is replaced: the old goes, a new one comes.
    """

    create: Create
    update: Callable[[Resource, Properties], Resource] | None = None

    def create_from_cloudformation_json(
        self, resource_name: str, cloudformation_json: Properties, *args: Any, **kwargs: Any
    ) -> Resource:
        del args
        properties = _without_nothing(cloudformation_json.get("Properties") or {})
        try:
            resource = self.create(resource_name, properties)
        except (ClientError, LambdaError, KeyError) as error:
            raise _not_made(kwargs.get("LogicalId", resource_name), "created", error) from error
        resource.properties = properties
        return resource

    def update_from_cloudformation_json(
        self, original_resource: Resource, new_resource_name: str, cloudformation_json: Properties, **kwargs: Any
    ) -> Resource:
        del kwargs
        properties = _without_nothing(cloudformation_json.get("Properties") or {})
        if properties == original_resource.properties:
            return original_resource
        try:
            resource = self._changed(original_resource, new_resource_name, properties)
        except (ClientError, LambdaError, KeyError) as error:
            raise _not_made(original_resource.logical_resource_id, "updated", error) from error
        resource.properties = properties
        return resource

    def _changed(self, original: Resource, new_name: str, properties: Properties) -> Resource:
        if self.update is not None:
            return self.update(original, properties)
        if original.removal is not None:
            Resource.perform(original.removal)
        return self.create(new_name, properties)

    def delete_from_cloudformation_json(self, *args: Any) -> None:
        """Nothing is left to do: `Resource.delete` has done it."""

    @staticmethod
    def has_cfn_attr(attr: str) -> bool:
        del attr
        return True


def _without_nothing(value: Any) -> Any:
    """Leave out what `AWS::NoValue` stands for, as CloudFormation does: of lists, too, where moto keeps it."""
    if isinstance(value, dict):
        return {name: _without_nothing(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nothing(inner) for inner in value if inner is not None]
    return value


def _not_made(logical_id: str, done: str, error: Exception) -> Exception:
    from moto.cloudformation.exceptions import ValidationError

    reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    return ValidationError(message=f"{logical_id} cannot be {done}: {reason}")


def in_name_only(resource_type: str) -> ResourceKind:
    """A type that nothing here stands for: it has a name and an ARN, so that others can refer to it."""
    service = resource_type.split("::")[1].lower()

    def create(name: str, properties: Properties) -> Resource:
        del properties
        return Resource(name, {"Arn": f"arn:aws:{service}:::{name}", "Id": name, "Name": name})

    return ResourceKind(create)
