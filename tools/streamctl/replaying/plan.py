"""What a run will do: said before anything is done, and then carried out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from changestream.core.deadline import Deadline
from changestream.recovery.consumers import Consumers
from changestream.recovery.function import ConsumerFunction
from streamctl.replaying.delivery import Deliverable, SerialDelivery
from streamctl.replaying.patience import EvenRate, Patience
from streamctl.replaying.receipt import Label, Receipt
from streamctl.replaying.target import DeliveryTarget

IsApplied = Callable[[Label], bool]

ANSWER_SECONDS = 30
"""What an invocation may take beside the function's time-out, a cold start most of all."""

BATCH_SECONDS = 0.25
"""What may go in so long goes at once: shorter, and invocations would be many; longer, and they would be bursts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: ``run`` is what its receipt has to agree with, ``notes`` what somebody should know before it.

    ``deliverables`` gives its records in the order in which they are to go, without those that are known as applied.
    """

    run: Mapping[str, Any]
    target: DeliveryTarget
    records: int
    first: Label | None
    last: Label | None
    notes: Sequence[str]
    deliverables: Callable[[IsApplied], Iterator[Deliverable]]

    def batch_size(self, rate: float) -> int:
        """Return how many records go at once: what the consumer's mapping would bring, and what may go in so long."""
        return max(1, min(self.target.batch_size, ceil(rate * BATCH_SECONDS)))

    def document(self, rate: float) -> dict[str, Any]:
        """Return it for reading."""
        return {
            **self.run,
            "records": self.records,
            "first": self.first,
            "last": self.last,
            "recordsPerSecond": rate,
            "batchSize": self.batch_size(rate),
            "estimatedSeconds": round(self.records / rate, 1),
            "notes": list(self.notes),
        }


def carry_out(
    plan: Plan,
    receipt: Receipt,
    lambda_client: Any,
    rate: float,
    most_failures: int,
    progressed: Callable[[int], None],
    patience: Patience | None = None,
) -> None:
    """Deliver the records of a plan that its receipt does not know as applied.

    ``lambda_client`` must wait for ``timeout_of`` the target. Raises ``Stopped`` where the
    consumer refuses for too long or fails on too much.
    """
    unhurried = Deadline(lambda: float("inf"), 0)
    function = ConsumerFunction(lambda_client, plan.target.arn, unhurried, Consumers((plan.target.arn,), 0))
    SerialDelivery(
        deliver=function.deliver,
        receipt=receipt,
        pace=EvenRate(rate),
        patience=patience or Patience(),
        batch_size=plan.batch_size(rate),
        most_failures=most_failures,
        progressed=progressed,
    ).run(plan.deliverables(receipt.is_applied))


def timeout_of(target: DeliveryTarget) -> int:
    """Return the seconds after which an invocation of it will not answer any more."""
    return target.timeout_seconds + ANSWER_SECONDS
