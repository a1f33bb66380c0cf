"""Whether a consumer may be given a replay or a backfill."""

from collections.abc import Sequence

from consumers.kinds import Feed, Kind, backfill_refusal, replay_refusal
from streamctl.replaying.instants import text_of
from streamctl.replaying.target import DeliveryTarget, Feeding, RefusedDelivery

MICROSECONDS_PER_DAY = 86_400_000_000
TOMBSTONES = "TOMBSTONE_DAYS"
LEAST_TOMBSTONE_DAYS = 420
"""The least that template.yaml allows; taken for a function that does not say."""

FRESH_SECONDS = 300
"""A mapping at LATEST may miss changes for some minutes after it was made or changed (API, StartingPosition)."""


def require_replay(target: DeliveryTarget, since: int, until: int, now: int) -> None:
    """Raise ``RefusedDelivery`` if a replay from ``since`` to ``until``, in microseconds, would do harm."""
    if until <= since:
        raise RefusedDelivery(f"the interval from {text_of(since)} to {text_of(until)} is empty")
    if until > now:
        raise RefusedDelivery(f"{text_of(until)} is still to come: what will be changed until then, nobody can replay")
    if target.known and (refusal := replay_refusal(target.known.kind, target.known.feed)):
        raise RefusedDelivery(f"{target.name}: {refusal}")
    if Feed.TABLE in target.feeds:
        refusal = replay_refusal(Kind.NEWEST, Feed.TABLE)  # of an unknown function: the least strict reason
        raise RefusedDelivery(f"{target.name} is fed by {Feed.TABLE}: {refusal}")
    if Feed.OTHER in target.feeds:
        raise RefusedDelivery(f"{target.name} is fed by a stream that the history has nothing of: positions would mix")
    _require_memory(target, since, until, now)


def _require_memory(target: DeliveryTarget, since: int, until: int, now: int) -> None:
    """An item's removal has to be in the interval, or remembered: else the replay of what came before would stay."""
    days = target.days(TOMBSTONES) or LEAST_TOMBSTONE_DAYS
    horizon = now - days * MICROSECONDS_PER_DAY
    if until < horizon:
        raise RefusedDelivery(
            f"{target.name} has forgotten what was removed before {text_of(horizon)} ({days} days): items that were "
            f"removed between {text_of(until)} and then would come back and stay. Let the interval end later, best now"
        )
    is_effect = target.known is not None and target.known.kind is Kind.EFFECT
    if is_effect and since < horizon:
        raise RefusedDelivery(
            f"{target.name} remembers its effects for {days} days: what is older would come about again"
        )


def require_backfill(target: DeliveryTarget, now: float) -> Feeding:
    """Return the mapping whose changes a backfill precedes. Raise ``RefusedDelivery`` if there is none, or no sense."""
    if target.known and (refusal := backfill_refusal(target.known.kind, target.known.feed)):
        raise RefusedDelivery(f"{target.name}: {refusal}")
    feeding = [mapping for mapping in target.mappings if mapping.feed is not Feed.OTHER]
    if len({mapping.feed for mapping in target.mappings}) > 1:
        raise RefusedDelivery(f"{target.name} is fed by several streams: its positions are mixed, whatever is done")
    running = [mapping for mapping in feeding if mapping.state == "Enabled"]
    if not running:
        raise RefusedDelivery(
            f"{target.name} is not joined to the changes yet: {_states(target.mappings)}. What is removed from the "
            "table while it is read would stay in the view. Map it to the table's stream or to ChangeStream, "
            "wait until the mapping is Enabled, then backfill"
        )
    fresh = running[0].starting_position == "LATEST" and now - running[0].last_modified
    if fresh and fresh < FRESH_SECONDS:
        raise RefusedDelivery(
            f"the mapping of {target.name} begins at LATEST and is {fresh:.0f} s old: for {FRESH_SECONDS} s it may "
            "miss changes, and what is removed meanwhile would stay in the view. Wait, or map it from TRIM_HORIZON"
        )
    return running[0]


def _states(mappings: Sequence[Feeding]) -> str:
    return ", ".join(f"its mapping to {m.stream_arn} is {m.state}" for m in mappings) or "it has no mapping"
