"""Poison that the index is to be asked about, and does not answer."""

from collections.abc import Callable

from builders import capture, kinesis_record, sequence_number, task
from invocations import stops_at
from search_view import SearchView


def test_poison_is_not_judged_while_the_index_cannot_be_asked(index: SearchView, refuse: Callable[..., None]) -> None:
    refuse(service="es", operation="MultiGet", resource=index.alias, error="timeout", status=503)

    response = index.deliver(kinesis_record(1, capture(10, new=task(status="?"))))

    assert response["failure"]["kind"] == "unavailable"


def test_poison_that_the_index_cannot_be_asked_about_fails_alone(
    index: SearchView, refuse: Callable[..., None]
) -> None:
    refuse(service="es", operation="MultiGet", resource=index.alias, error="illegal_argument_exception", status=400)
    bad = [kinesis_record(n, capture(10 * n, new=task(f"task-bad-{n}", status="?"))) for n in (1, 2)]

    response = index.deliver(*bad, kinesis_record(3, capture(30, new=task())))

    assert (stops_at(response), response["failure"]["kind"]) == (sequence_number(1), "poison")
    assert set(index.documents()) == {"task-1"}
