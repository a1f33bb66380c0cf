"""Whose positions are whose: which stream orders the changes of a consumer."""

import pytest

from builders import CHANGE_STREAM_ARN, TABLE, TABLE_STREAM_ARN
from consumers.kinds import Feed
from streamctl.replaying.target import Sources

SOURCES = Sources(TABLE, TABLE_STREAM_ARN, CHANGE_STREAM_ARN)


@pytest.mark.parametrize(
    ("arn", "feed"),
    [
        (TABLE_STREAM_ARN, Feed.TABLE),
        (CHANGE_STREAM_ARN, Feed.CHANGES),
        (f"{CHANGE_STREAM_ARN}/consumer/search:1767225600", Feed.CHANGES),
        (f"{CHANGE_STREAM_ARN}-2", Feed.OTHER),
        ("arn:aws:sqs:eu-west-1:123456789012:queue", Feed.OTHER),
    ],
)
def test_a_stream_is_told_by_its_arn_whether_it_is_read_or_pushed(arn: str, feed: Feed) -> None:
    assert SOURCES.feed(arn) is feed
