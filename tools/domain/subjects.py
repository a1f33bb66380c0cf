"""The views of tasks and licences as the checks look at them."""

from collections.abc import Iterable, Sequence

from consumers.kinds import Feed
from consumers.reading import Consumer
from domain.contents import CONTENTS
from domain.licences import revisions_in
from domain.tasks import is_of_a_task, item_name
from verification.changes import Given, Record, changes_in, delivered
from verification.subject import Excused, ViewSubject
from verification.view import ViewRows

SEARCH_KEYS = ("listId", "taskId")
"""The key of a document of the search index."""


def changes_of(feed: Feed, records: Iterable[Record]) -> list[Given]:
    """Return what some records of a stream carry: changes of tasks, or revisions of licences."""
    return revisions_in(records) if feed is Feed.OTHER else changes_in(records, is_of_a_task)


def subject(consumer: Consumer, changes: Sequence[Given], view: ViewRows, excused: Excused) -> ViewSubject:
    """Return a consumer with those changes of its stream that it had to get, and its view."""
    content = CONTENTS.get(consumer.name)
    given = delivered(consumer, changes) if content is None else [one for one in changes if content.concerns(one)]
    return ViewSubject(consumer, given, view, excused, item_name, content)
