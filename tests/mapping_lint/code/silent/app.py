"""A function that says nothing."""

from typing import Any


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Do nothing."""
    del event, context
