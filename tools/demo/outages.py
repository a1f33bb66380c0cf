"""The dependencies that refuse for a while, each while its consumer is at work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep

from consumers.kinds import Kind
from consumers.reading import Consumer
from demo.chronicle import Chronicle
from demo.runtime import ServedStack
from domain import announcements

WRITES: Mapping[Kind, str] = {
    Kind.NEWEST: "PutItem",
    Kind.ROWS: "BatchWriteItem",
    Kind.TALLY: "TransactWriteItems",
    Kind.EFFECT: "PutItem",
    Kind.WINDOW: "BatchWriteItem",
}
"""The operation by which consumers of a kind write to the table of their view."""

SEARCH = {"Bulk": "", "BulkItem": "/7"}
"""Which operation is refused on what follows the name of the search index: whole requests for the first half of the
outage, afterwards those documents whose ids begin so."""

REFUSALS = {"dynamodb": ("ProvisionedThroughputExceededException", 400), "es": ("rejected_execution_exception", 429)}
"""By service, the error and the status of a refusal."""

SLICE_SECONDS = 2.0
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outage:
    """The operation of a service that is refused, and ``resource``, on which; ``where`` is its name on the screen."""

    where: str
    service: str
    operation: str
    resource: str


class Outages:
    """Refusals of so many seconds, of what each consumer writes to.

    The failed batches of most mappings go to a queue. Where they go to another destination, the refusal lasts until
    the mapping gives good records up, so that each kind of destination gets some.
    """

    def __init__(self, stack: ServedStack, chronicle: Chronicle, seconds: float) -> None:
        self._stack = stack
        self._chronicle = chronicle
        self._seconds = seconds
        self._short = [one for one in stack.consumers if one.on_failure in ("sqs", "")]
        self._lasting = [one for one in stack.consumers if one not in self._short]

    def __str__(self) -> str:
        short, lasting = (", ".join(self._places(some)) for some in (self._short, self._lasting))
        return (
            f"for {self._seconds:g} s writes are refused by {short}, the index first whole requests, then single "
            f"documents; and by {lasting} until their mappings give up"
        )

    def start(self) -> None:
        """Begin each when its time has come, without waiting for it."""
        Thread(target=self._break_once_at_work, name="outages", daemon=True).start()
        for consumer in self._lasting:
            name = f"outage of {consumer.name}"
            Thread(target=self._break_for_long, args=[consumer], name=name, daemon=True).start()

    def _places(self, some: Iterable[Consumer]) -> list[str]:
        return list(dict.fromkeys(outage.where for one in some for outage in self._of(one)))

    def _of(self, consumer: Consumer) -> list[Outage]:
        """Return what is refused of the writes of a consumer, one after the other."""
        if consumer.name == announcements.CONSUMER:
            topic = self._stack.outputs["TaskTransitionsTopicArn"]
            return [Outage("TaskTransitionsTopic", "sns", "Publish", topic)]
        if consumer.view is None:
            index = f"{consumer.index}"
            return [Outage("the search index", "es", name, f"{index}{suffix}") for name, suffix in SEARCH.items()]
        table = self._stack.resources[consumer.view]
        return [Outage(consumer.view, "dynamodb", WRITES[consumer.kind], table)]

    def _break_once_at_work(self) -> None:
        """Wait until a consumer has shown that it works, so that the outages meet it at work."""
        functions = [self._stack.resources[one.function] for one in self._short]
        while not any(self._chronicle.records[function] for function in functions):
            sleep(0.1)
        for consumer in self._short:
            outages = self._of(consumer)
            for number, outage in enumerate(outages, start=1):
                self._refuse(outage, self._seconds * number / len(outages))

    def _break_for_long(self, consumer: Consumer) -> None:
        """From the start, so that the first good records that a consumer has to do something for are given up; in
        slices, to end soon after."""
        function = self._stack.resources[consumer.function]
        began = monotonic()
        while monotonic() - began < LONGEST_SECONDS and not self._chronicle.given_up[function]:
            for outage in self._of(consumer):
                self._refuse(outage, SLICE_SECONDS)
            sleep(SLICE_SECONDS / 2)

    def _refuse(self, outage: Outage, seconds: float) -> None:
        error, status = REFUSALS.get(outage.service, ("ThrottlingException", 400))
        self._stack.refuse(
            service=outage.service,
            operation=outage.operation,
            resource=outage.resource,
            error=error,
            status=status,
            message="too many requests",
            seconds=seconds,
        )
