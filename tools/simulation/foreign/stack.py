"""The foreign consumer's names, and its template with the parameters that recovery's outputs give."""

from pathlib import Path
from typing import Any

from sam_templates.document import read

TEMPLATE = Path(__file__).with_name("template.yaml")
FUNCTION = "copy_changes"
VIEW = "CopiedChangesTable"


def document() -> Any:
    """Return its template."""
    return read(TEMPLATE)


def parameters(stream_arn: str, failed_batches_queue_arn: str) -> dict[str, str]:
    """Return its parameters: the stream that it reads, and the queue of recovery."""
    return {"StreamArn": stream_arn, "FailedBatchesQueueArn": failed_batches_queue_arn}
