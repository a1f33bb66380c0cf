"""Whose positions are whose: which stream orders the changes of a consumer."""

import pytest

from builders import CHANGE_STREAM_ARN, TABLE, TABLE_STREAM_ARN
from streamctl.replaying.consumers import KNOWN, Feed, logical_id
from streamctl.replaying.target import Sources
from template.template import TABLE as OF_TABLE
from template.template import Template

SOURCES = Sources(TABLE, TABLE_STREAM_ARN, CHANGE_STREAM_ARN)


@pytest.mark.parametrize(
    ("arn", "feed"),
    [
        (TABLE_STREAM_ARN, Feed.TABLE_STREAM),
        (CHANGE_STREAM_ARN, Feed.CHANGE_STREAM),
        (f"{CHANGE_STREAM_ARN}/consumer/search:1767225600", Feed.CHANGE_STREAM),
        (f"{CHANGE_STREAM_ARN}-2", Feed.OTHER),
        ("arn:aws:sqs:eu-west-1:123456789012:queue", Feed.OTHER),
    ],
)
def test_a_stream_is_told_by_its_arn_whether_it_is_read_or_pushed(arn: str, feed: Feed) -> None:
    assert SOURCES.feed(arn) is feed


def test_of_every_consumer_in_the_template_it_is_known_which_stream_feeds_it_and_what_replay_and_backfill_do() -> None:
    template = Template.load()
    tables = [(mapping, Feed.TABLE_STREAM) for _, mapping, _ in template.mappings(OF_TABLE)]
    streams = [
        (mapping, Feed.CHANGE_STREAM if source == "ChangeStream" else Feed.OTHER)
        for _, mapping, source in template.stream_mappings()
        if source not in {table for _, _, table in template.mappings(OF_TABLE)}
    ]

    fed = {template.function(mapping["FunctionName"]): feed for mapping, feed in (*tables, *streams)}

    assert {logical_id(name): known.feed for name, known in KNOWN.items()} == fed
    assert all(known.replay_effect or known.replay_refusal for known in KNOWN.values())
