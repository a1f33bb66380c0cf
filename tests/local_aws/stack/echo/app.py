"""A function that answers what it was called with, and tells what it found around it."""

import os
from typing import Any

from greeting import GREETING  # type: ignore[import-not-found]  # the layer's


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer the event."""
    print(f"called as {context.function_name}")
    return {"greeting": GREETING, "event": event, "table": os.environ["TABLE"]}
