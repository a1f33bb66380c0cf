"""What subscribers are told of tasks: every transition, each under one id."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from domain.contents import is_poison
from domain.malformed import status_of
from verification.changes import Given
from verification.subject import ViewProblem, ViewSubject

Notification = Mapping[str, Any]

CONSUMER = "announce_changes"
"""The consumer that tells."""


def transitions(changes: Collection[Given]) -> int:
    """Return how many of some changes are transitions of a well-formed task."""
    return sum(1 for one in changes if status_of(one.new) not in (None, status_of(one.old)))


def problems(subject: ViewSubject, notifications: Collection[Notification]) -> Iterator[ViewProblem]:
    """Yield what is wrong with the notifications, of which each id has one.

    A malformed task has no status: the change that puts it right is its next transition.
    """
    said = {(one["listId"], one["taskId"], int(one["position"])): one for one in notifications}
    if len(said) != len(notifications):
        yield ViewProblem("all", "one transition is announced under two ids")
    newest_good = _newest_good(subject.given)
    for one in subject.given:
        if one.is_removal:
            continue
        announced = said.pop((one.keys["listId"], one.keys["taskId"], one.position), None)
        if what := _problem(subject, one, announced, newest_good[one.subject]):
            yield ViewProblem(one.subject, what, tuple(one.numbers))
    for other in said.values():
        yield ViewProblem(f"{other['listId']}/{other['taskId']}", f"announced, and never happened: {other}")


def _problem(subject: ViewSubject, change: Given, announced: Notification | None, newest_good: int) -> str:
    before, after = status_of(change.old), status_of(change.new)
    if announced is not None:
        if (announced["from"], announced["to"]) == (before, after) and before != after:
            return ""
        return f"announced as {announced['from']} > {announced['to']}, and was {before} > {after}"
    if subject.excused(change.numbers):
        return ""
    if is_poison(change):  # a good change heals what a poison one left behind
        stands = change.position > newest_good
        return f"is left malformed at {change.position}, and that is neither parked nor reported" if stands else ""
    is_transition = before != after
    what = f"{before} > {after} at {change.position} is neither announced nor parked nor reported"
    return what if is_transition else ""


def _newest_good(changes: Collection[Given]) -> defaultdict[str, int]:
    """Return by task the position of its newest change that did not leave it malformed."""
    newest: defaultdict[str, int] = defaultdict(lambda: -1)
    for one in changes:
        if not is_poison(one):
            newest[one.subject] = max(newest[one.subject], one.position)
    return newest
