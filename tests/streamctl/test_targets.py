"""Whose positions are whose: which stream orders the changes of a consumer."""

import pytest

from builders import CHANGE_STREAM_ARN, TABLE, TABLE_STREAM_ARN
from mapping_lint.template import TABLE as OF_TABLE
from streamctl.replaying.consumers import KNOWN, ReplayedFeed, logical_id
from streamctl.replaying.target import Sources
from template.application import application

SOURCES = Sources(TABLE, TABLE_STREAM_ARN, CHANGE_STREAM_ARN)


@pytest.mark.parametrize(
    ("arn", "feed"),
    [
        (TABLE_STREAM_ARN, ReplayedFeed.TABLE_STREAM),
        (CHANGE_STREAM_ARN, ReplayedFeed.CHANGE_STREAM),
        (f"{CHANGE_STREAM_ARN}/consumer/search:1767225600", ReplayedFeed.CHANGE_STREAM),
        (f"{CHANGE_STREAM_ARN}-2", ReplayedFeed.OTHER),
        ("arn:aws:sqs:eu-west-1:123456789012:queue", ReplayedFeed.OTHER),
    ],
)
def test_a_stream_is_told_by_its_arn_whether_it_is_read_or_pushed(arn: str, feed: ReplayedFeed) -> None:
    assert SOURCES.feed(arn) is feed


def test_of_every_consumer_in_the_template_it_is_known_which_stream_feeds_it_and_what_replay_and_backfill_do() -> None:
    template = application()

    def feed(source: str | None) -> ReplayedFeed:
        if template.type_of(source) == OF_TABLE:
            return ReplayedFeed.TABLE_STREAM
        return ReplayedFeed.CHANGE_STREAM if source == "ChangeStream" else ReplayedFeed.OTHER

    fed = {mapping.function: feed(mapping.source) for mapping in template.stream_mappings()}

    assert {logical_id(name): known.feed for name, known in KNOWN.items()} == fed
    assert all(known.replay_effect or known.replay_refusal for known in KNOWN.values())
