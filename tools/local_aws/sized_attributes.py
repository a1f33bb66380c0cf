"""The attributes of an item with a running size, where moto adds all of them up for each that is set."""

from __future__ import annotations

from typing import Any

import moto.dynamodb.models.dynamo_type as dynamo_type
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize

_NEARLY_TOO_LARGE = 350_000


class SizedAttributes(LimitedSizeDict):
    """Counts from above, and has moto measure exactly (and refuse) when an item comes near its 400 KB."""

    _size: int | None = None
    """What was set so far, values since replaced included; None on a copy, whose size nobody has told it."""

    def __setitem__(self, key: str, value: Any) -> None:
        if self._size is None:
            self._size = sum(_size(name, each) for name, each in self.items())
        self._size += _size(key, value)
        if self._size > _NEARLY_TOO_LARGE:
            super().__setitem__(key, value)
        else:
            dict.__setitem__(self, key, value)


def _size(name: str, value: Any) -> int:
    return bytesize(name) + (value.size() if isinstance(value, DynamoType) else bytesize(str(value)))


def keep_sizes() -> None:
    """Have moto's items measured here."""
    dynamo_type.LimitedSizeDict = SizedAttributes  # type: ignore[misc]
