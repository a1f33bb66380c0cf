"""How many shards an account may have in a region: every one takes memory here, and a lock while it is made.

https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
"""

from __future__ import annotations

from .wire import ServiceError

MOST_SHARDS = 1000
"""Open shards of an account in a region. AWS's default is 20,000 in three regions, 6,000 or 1,000 elsewhere."""

MOST_CONSUMERS = 20
"""Registered consumers of a stream."""


def check_shards(present: int, more: int, account_id: str, region: str) -> None:
    """Raise LimitExceededException if `more` shards would be too many beside those that are open at present."""
    if more > 0 and present + more > MOST_SHARDS:
        raise ServiceError(
            "LimitExceededException",
            f"This request would exceed the shard limit for the account {account_id} in {region}. Current shard count "
            f"for the account: {present}. Limit: {MOST_SHARDS}. Number of additional shards that would have resulted "
            f"from this request: {more}.",
        )


def check_consumers(present: int, stream_arn: str) -> None:
    """Raise LimitExceededException if a stream has as many registered consumers as it may have."""
    if present >= MOST_CONSUMERS:
        raise ServiceError("LimitExceededException", f"{stream_arn} has {MOST_CONSUMERS} registered consumers already")


def check_change(present: int, target: int) -> None:
    """Raise for a target of UpdateShardCount that is more than double, or less than half, of the present count.

    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
    """
    if target > 2 * present:
        raise ServiceError(
            "LimitExceededException",
            f"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: "
            f"{present} Target shard count: {target}",
        )
    if target * 2 < present:
        raise ServiceError(
            "LimitExceededException",
            f"UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: "
            f"{present} Target shard count: {target}",
        )
