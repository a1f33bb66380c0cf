"""An outage that lasts for as long as it takes a mapping to give up."""

from collections.abc import Callable
from time import monotonic, sleep

from demo.runtime import Runtime

SLICE_SECONDS = 2.0
LONGEST_SECONDS = 60.0


def refuse_until(
    given_up: Callable[[], bool], stack: Runtime, service: str, operation: str, resource: str, least_seconds: float
) -> None:
    """Have an operation refused for so long, and on until it is given up; in slices, to end soon after."""
    began = monotonic()
    while (lasted := monotonic() - began) < least_seconds or (lasted < LONGEST_SECONDS and not given_up()):
        stack.refuse(
            service=service,
            operation=operation,
            resource=resource,
            error="ThrottlingException",
            status=400,
            message="rate exceeded",
            seconds=SLICE_SECONDS,
        )
        sleep(SLICE_SECONDS / 2)
