"""A request that cannot be carried out is refused with a message that says what to change."""

import pytest

from consumers.kinds import Feed, Kind
from scaffold.errors import RefusedRequest
from scaffold.request import LONGEST_NAME, requested


def test_a_request_names_everything_after_the_consumer() -> None:
    request = requested("flag_overdue", "newest", "changes")

    assert (request.kind, request.feed) == (Kind.NEWEST, Feed.CHANGES)
    assert (request.pascal, request.view, request.variable) == ("FlagOverdue", "FlagOverdueTable", "FLAG_OVERDUE_TABLE")


@pytest.mark.parametrize(
    ("name", "kind", "feed", "message"),
    [
        ("", "newest", "changes", "NAME= is not snake_case"),
        ("FlagOverdue", "newest", "changes", "NAME=FlagOverdue is not snake_case"),
        ("flag-overdue", "newest", "changes", "is not snake_case"),
        ("flag__overdue", "newest", "changes", "is not snake_case"),
        ("../flag", "newest", "changes", "is not snake_case"),
        ("1st_task", "newest", "changes", "is not snake_case"),
        ("import", "newest", "changes", "is a keyword of Python"),
        ("a" * (LONGEST_NAME + 1), "newest", "changes", "has 33 characters; the most is 32"),
        ("process_tasks", "newest", "changes", "does not say what the consumer does"),
        ("flag_overdue", "latest", "changes", "KIND=latest is not a kind of consumer. The kinds are newest, rows"),
        ("flag_overdue", "", "changes", "KIND= is not a kind"),
        ("flag_overdue", "newest", "queue", "FEED=queue is not a feed. The feeds are changes, table"),
        ("flag_overdue", "window", "table", "KIND=window reads FEED=changes only"),
    ],
)
def test_what_no_consumer_can_be_is_refused(name: str, kind: str, feed: str, message: str) -> None:
    with pytest.raises(RefusedRequest) as refused:
        requested(name, kind, feed)

    assert message in str(refused.value)
