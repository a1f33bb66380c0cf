"""Checks a request against its operation in botocore's service model: types, required members, bounds.

This bounds what a request can make the endpoint allocate, and keeps requests of a wrong form from the code behind it.
A model leaves out the limits that AWS keeps as quotas; those are where the operation is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError, Shape
from moto.core.utils import get_service_model

from .shape_values import (
    LONGEST_EXPRESSION,
    Check,
    Unacceptable,
    at,
    blob,
    boolean,
    check_length,
    constraint,
    double,
    integer,
    number_text,
    string,
    timestamp,
    wrong_type,
)

_UNIONS = frozenset({"AttributeValue", "TransactWriteItem", "TransactGetItem", "WriteRequest"})
"""Structures of DynamoDB that hold one of their members."""

_SERVICE = re.compile(r"[a-z0-9-]+")


def check_request(service: str, operation: str, document: Any) -> None:
    """Raise `Unacceptable` unless the document is one that the operation takes; pass what no model knows."""
    check = _operation(service, operation)
    if check is not None:
        check(document)


@lru_cache(maxsize=1024)
def _operation(service: str, operation: str) -> Check | None:
    if not _SERVICE.fullmatch(service):  # it names a file
        return None
    try:
        model = get_service_model(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError):
        return None
    return _Compiler(service).check_of(model.input_shape) if model.input_shape is not None else None


class _Compiler:
    """Makes a function of each shape, once; shapes may contain themselves."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._made: dict[str, Check] = {}

    def check_of(self, shape: Any) -> Check:
        name = shape.name
        if name not in self._made:
            self._made[name] = lambda value: self._made[name](value)  # until it is made, for a shape within itself
            self._made[name] = self._make(shape)
        return self._made[name]

    def _make(self, shape: Any) -> Check:
        match shape.type_name:
            case "structure":
                return self._structure(shape)
            case "list":
                return _list(self.check_of(shape.member), *_bounds(shape))
            case "map":
                return _map(self.check_of(shape.key), self.check_of(shape.value), *_bounds(shape))
            case "string" if self._service == "dynamodb" and shape.name == "NumberAttributeValue":
                return number_text
            case "string":
                return string(*_bounds(shape))
            case "integer" | "long":
                return integer(*_bounds(shape))
            case "float" | "double":
                return double(*_bounds(shape))
            case "boolean":
                return boolean
            case "blob":
                return blob(*_bounds(shape))
            case "timestamp":
                return timestamp
        return _anything

    def _member(self, name: str, shape: Any) -> Check:
        if self._service == "dynamodb" and name.endswith("Expression") and shape.type_name == "string":
            return string(None, LONGEST_EXPRESSION)
        return self.check_of(shape)

    def _structure(self, shape: Any) -> Check:
        members = {name: self._member(name, member) for name, member in shape.members.items()}
        required = tuple(shape.required_members)
        one_only = self._service == "dynamodb" and shape.name in _UNIONS

        def check(value: Any) -> None:
            if not isinstance(value, dict):
                raise wrong_type("a structure", value)
            for name in required:
                if value.get(name) is None:
                    raise at(name, constraint(None, "not be null"))
            for name, inner in value.items():
                known = members.get(name)
                if known is not None and inner is not None:
                    try:
                        known(inner)
                    except Unacceptable as error:
                        raise at(name, error) from None
            if one_only and (len(value) != 1 or value.keys() - members.keys()):
                kinds = "datatypes" if shape.name == "AttributeValue" else f"kinds: {', '.join(members)}"
                reason = f"Supplied {shape.name} is empty, must contain exactly one of the supported {kinds}"
                raise Unacceptable("ValidationException", reason)

        return check


def _list(member: Check, least: float | None, most: float | None) -> Check:

    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise wrong_type("a list", value)
        check_length(value, least, most)
        for place, each in enumerate(value, start=1):
            if each is None:
                continue
            try:
                member(each)
            except Unacceptable as error:
                raise at(f"{place}.member", error) from None

    return check


def _map(key: Check, inner: Check, least: float | None, most: float | None) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise wrong_type("a map", value)
        check_length(value, least, most)
        for name, each in value.items():
            try:
                key(name)
                if each is not None:
                    inner(each)
            except Unacceptable as error:
                raise at(name[:64], error) from None

    return check


def _anything(value: Any) -> None:
    del value


def _bounds(shape: Shape) -> tuple[float | None, float | None]:
    metadata: Mapping[str, Any] = shape.metadata
    return metadata.get("min"), metadata.get("max")
