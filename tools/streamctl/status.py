"""One look at a stack: its state as a document, and the exit code that it comes to."""

from typing import Any

from streamctl.attention import attention_of
from streamctl.exits import Exit
from streamctl.sections import exit_of, read_all
from streamctl.stack import Stack


def read_status(stack: Stack) -> tuple[dict[str, Any], Exit]:
    """Return the document of ``status``, and its exit code.

    Raises ``Trouble`` and botocore's errors if the stack cannot be found.
    """
    found = read_all(stack)
    attention = attention_of(stack.status, found)
    place = f"{stack.region} at {stack.target.endpoint}" if stack.target.endpoint else stack.region
    document = {"stack": stack.name, "status": stack.status, "place": place} | found | {"attention": attention}
    return document, exit_of(found, attention)
