"""All audits of a run: each stream, table and view is read once, and compared with what was written."""

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.kinds import Feed
from demo import rest, tables
from demo.announcements_audit import Subscriber, audit_announcements, audit_brought_back
from demo.api_audit import audit_api
from demo.api_calls import ApiCalls
from demo.api_client import ApiClient
from demo.archive_audit import audit_failed_batches
from demo.audit import (
    Finding,
    audit_emptiness,
    audit_expiries,
    audit_parked,
    audit_streams,
    audit_table,
    expected_parked,
)
from demo.chronicle import Chronicle
from demo.feeds import Feeds
from demo.ledger import PlayedLedger
from demo.licences_audit import audit_parked_licences
from demo.permissions_audit import audit_permissions
from demo.runtime import ServedStack
from demo.search_audit import audit_words
from demo.views_audit import audit_views, view_subjects
from demo.workload import PlannedWrites
from domain import announcements
from verification.parked import ParkedPayload
from verification.subject import ViewSubject


@dataclass(frozen=True, slots=True)
class Audits:
    """What was written to a stack, and who listened to it."""

    stack: ServedStack
    workload: PlannedWrites
    ledger: PlayedLedger
    api: ApiClient
    api_calls: ApiCalls
    subscriber: Subscriber
    chronicle: Chronicle

    def findings(self, left: list[ParkedPayload], *, is_healed: bool) -> list[Finding]:
        """Compare everything; ``left`` is what is parked. ``is_healed`` tells whether the malformed items have been
        written properly and what was parked has been redriven."""
        feeds, tasks = Feeds(self.stack), tables.tasks(self.stack)
        subjects = view_subjects(self.stack, feeds, left)
        workload, ledger = self.workload, self.ledger
        written = workload.left | (workload.healed if is_healed else workload.malformed)
        revisions = [*ledger.revisions, *(ledger.healing() if is_healed else ())]
        played = {key: item for key, item in tasks.items() if key not in self.api_calls.left}
        messages = [f"{count} in {name}" for name, count in rest.messages_left(self.stack).items() if count]
        return [
            audit_table(played, written),
            audit_streams(feeds, tasks, revisions),
            audit_expiries(feeds, workload.left_to_expire()),
            audit_api(self.api, self.api_calls, tasks),
            *audit_views(self.stack, feeds, subjects),
            *[finding for one in subjects.values() for finding in self._beyond_the_view(feeds, one, left)],
            *self._parked(subjects, left, is_healed=is_healed),
            audit_emptiness("queues", len(rest.QUEUES), messages),
            audit_permissions(self.stack),
        ]

    def is_of_ledger(self, one: ParkedPayload) -> bool:
        """Tell whether a parked object holds records of a ledger's stream."""
        functions = (each.function for each in self.stack.consumers if each.feed is Feed.OTHER)
        return one.function in [self.stack.resources[function] for function in functions]

    def _beyond_the_view(self, feeds: Feeds, subject: ViewSubject, left: list[ParkedPayload]) -> Iterator[Finding]:
        """Yield what is to be found of a consumer elsewhere than in its view."""
        consumer = subject.consumer
        if consumer.index is not None:
            yield audit_words(self.stack, subject)
        if consumer.on_failure == "s3":
            yield audit_failed_batches(self.stack, feeds, subject)
        if consumer.name == announcements.CONSUMER:
            yield audit_announcements(self.subscriber, subject)
            yield audit_brought_back(self.chronicle, self.stack.resources[consumer.function], left)

    def _parked(
        self, subjects: dict[str, ViewSubject], left: list[ParkedPayload], *, is_healed: bool
    ) -> Iterator[Finding]:
        of_ledger = [one for one in left if self.is_of_ledger(one)]
        of_tasks = [one for one in left if not self.is_of_ledger(one)]
        expected = {
            (self.stack.resources[one.consumer.function], key)
            for one in subjects.values()
            for key in expected_parked(one, is_healed=is_healed)
        }
        yield audit_parked(of_tasks, expected, self.workload.malformed)
        if is_healed:
            yield audit_emptiness("ParkedRecordsBucket, of the ledger", 1, [one.key for one in of_ledger])
        else:
            yield audit_parked_licences(of_ledger, self.ledger.malformed)
