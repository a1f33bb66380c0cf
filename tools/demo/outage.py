"""An outage that lasts for as long as it takes a mapping to give up."""

from collections.abc import Callable
from time import monotonic, sleep

from demo.runtime import Runtime

SLICE_SECONDS = 2.0
LONGEST_SECONDS = 60.0


def refuse_until(
    given_up: Callable[[], bool], stack: Runtime, operation: str, table: str, least_seconds: float
) -> None:
    """Have an operation on a table refused for so long, and on until it is given up; in slices, to end soon after."""
    began = monotonic()
    while (lasted := monotonic() - began) < least_seconds or (lasted < LONGEST_SECONDS and not given_up()):
        stack.refuse(
            service="dynamodb",
            operation=operation,
            resource=table,
            error="ProvisionedThroughputExceededException",
            status=400,
            message="the table is overloaded",
            seconds=SLICE_SECONDS,
        )
        sleep(SLICE_SECONDS / 2)
