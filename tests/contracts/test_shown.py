"""Every view shows the changes that its adapter says it must: without this, a consumer that never writes passes."""

from typing import Any

import pytest

from changestream.core.change import Change
from consumers.kinds import Kind
from contracts.consumer import Consumer, numbered
from contracts.test_completeness import kind_of
from invocations import stops_at

# Powertools' answer to an invocation that raises before it has measured anything.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


def test_the_view_shows_each_change_that_it_must_as_soon_as_it_is_delivered(consumer: Consumer) -> None:
    require_shown(consumer)


def test_a_consumer_of_any_kind_that_never_writes_is_rejected(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_writes(_: Any, __: Any) -> dict[str, Any]:
        return {"batchItemFailures": [], "state": {}}

    monkeypatch.setattr(consumer.function, "lambda_handler", never_writes)

    with pytest.raises(AssertionError, match="does not show"):
        require_shown(consumer)


def test_a_consumer_that_takes_every_item_for_removed_is_rejected(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind_of(consumer) not in (Kind.NEWEST, Kind.TALLY):
        pytest.skip("its rows do not depend on whether the item is there")
    monkeypatch.setattr(Change, "image_after", lambda _: None)

    with pytest.raises(AssertionError, match="does not show"):
        require_shown(consumer)


def require_shown(consumer: Consumer) -> None:
    """Deliver the changes one by one; each makes its fields, which no row has before."""
    changes, fields = zip(*consumer.shown(), strict=True)
    consumer.begin()
    for record, expected in zip(numbered(changes), fields, strict=True):
        assert not consumer.shows(expected), f"the view shows {expected} before its change"
        assert stops_at(consumer.deliver([record])) is None
        assert consumer.shows(expected), f"the view does not show {expected}: {consumer.snapshot()}"
