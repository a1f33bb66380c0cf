"""What no consumer can understand, told from the images alone: the checks do not ask the code that they check."""

from collections.abc import Mapping
from typing import Any

from domain.tasks import STATUSES


def is_task(image: Mapping[str, Any]) -> bool:
    """Tell whether an item of a task is well-formed."""
    return (
        _text(image, "status") in STATUSES
        and _text(image, "description") is not None
        and _text(image, "createdDate") not in (None, "yesterday")
        and _text(image, "dueDate") != "soon"
        and "S" not in image.get("expiresAt", {})
    )


def status_of(image: Mapping[str, Any] | None) -> str | None:
    """Return the status of a well-formed task, ``None`` for any other item."""
    return _text(image, "status") if image is not None and is_task(image) else None


def _text(image: Mapping[str, Any], name: str) -> str | None:
    text = image.get(name, {}).get("S")
    return text if isinstance(text, str) else None
