"""Why a guarantee does not hold: what happened to the item, and what became of its records."""

from collections.abc import Iterator
from itertools import islice

from event_source_mapping.virtual_time import DEFAULT_START
from simulation.checks.violation import Violation
from simulation.deliveries import RecordDelivery
from simulation.world import World
from verification.parked import ParkedPayload

MOST_CHANGES, MOST_DELIVERIES = 8, 12


def explain(world: World, violation: Violation, parked: list[ParkedPayload]) -> Iterator[str]:
    """Yield lines about one violation."""
    key = tuple(violation.subject.split("/", 1))
    for change in islice(world.log.of_item.get(key, ()), MOST_CHANGES):  # type: ignore[arg-type] # or no item at all
        yield f"changed {change.name} at {change.moment}, {change.sequence_number}, captured as {change.captured}"
    for number in violation.numbers:
        yield f"record {number}:"
        deliveries = list(world.deliveries.of(violation.function, number))
        for delivery in deliveries[-MOST_DELIVERIES:]:
            yield f"  {told(delivery)}"
        for one in parked:
            if number in one.numbers:
                yield f"  is parked as {one.reason} in {one.key}: {one.manifest['message']}"


def told(delivery: RecordDelivery) -> str:
    """Return a delivery on one line."""
    at = delivery.at - DEFAULT_START
    records = f"{len(delivery.numbers)} records from {delivery.numbers[0]}" if delivery.numbers else "no records"
    return f"{at:12.3f} s  by {delivery.by} as {delivery.request_id}, {records}: {delivery.ending}"
