"""Each kind's check finds what is wrong in a view, and nothing in a view that is right."""

from collections.abc import Mapping
from typing import Any

import pytest

from changestream.core.position import position_of
from consumers.kinds import Feed, Kind
from consumers.reading import Consumer
from verification.changes import Given, changes_in
from verification.checks import CHECKED, check
from verification.subject import Content, ViewProblem, ViewSubject
from verification.view import Row, ViewRows, row_of_document

KEYS = {"listId": "home", "taskId": "task-milk"}
KEY_NAMES = ("listId", "taskId")
MEMBER = {"present": {"BOOL": True}, "status": {"S": "open"}}
TOTALS = {"listId": {"S": "home"}, "taskId": {"S": "#totals"}, "total": {"N": "1"}, "open": {"N": "1"}}
PATTERNS = {"task": "{item}", "change": "{position}#{digest}"}


def given(position: int, *, is_removal: bool = False) -> Given:
    image = {name: {"S": value} for name, value in KEYS.items()}
    images = {"OldImage": image} if is_removal else {"NewImage": image}
    record = {
        "eventID": f"event-{position}",
        "eventName": "REMOVE" if is_removal else "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/Tasks/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"Keys": image, "SequenceNumber": str(position), "ApproximateCreationDateTime": 1.0} | images,
    }
    (one,) = changes_in([record], lambda _: True)
    return one


FIRST, SECOND, REMOVAL = given(1), given(2), given(3, is_removal=True)


def row(position: int, **attributes: Any) -> Row:
    key = {name: {"S": value} for name, value in KEYS.items()}
    return key | {"watermark": {"S": position_of(position)}} | attributes


def change_row(one: Given) -> Row:
    assert one.change is not None
    digest = one.change.digest().hex()[:16]
    return {"task": {"S": "home/task-milk"}, "change": {"S": f"{position_of(one.position)}#{digest}"}}


def memory(one: Given, prefix: str = "effect") -> Row:
    return {"id": {"S": f"{prefix}#{one.memory}"}, "status": {"S": "COMPLETED"}}


def window(*identities: bytes) -> Row:
    packed = b"".join(identity.ljust(20, b"\0") for identity in identities)
    return {"listId": {"S": "home"}, "window": {"S": "w"}, "observations": {"B": packed}}


def problems(
    kind: Kind,
    changes: list[Given],
    rows: list[Row],
    keys: tuple[str, ...] = KEY_NAMES,
    patterns: Mapping[str, str] | None = None,
    parked: tuple[str, ...] = (),
    content: Content | None = None,
) -> list[str]:
    consumer = Consumer("flag_overdue", "F", "E", kind, Feed.CHANGES, {}, "T", "", None, patterns or {})
    subject = ViewSubject(
        consumer,
        changes,
        ViewRows(keys, rows),
        lambda numbers: set(numbers) <= set(parked),
        lambda keys: "/".join(keys.values()),
        content,
    )
    return [f"{problem.subject}: {problem.what}" for problem in check(subject)]


def rows_problems(changes: list[Given], rows: list[Row], parked: tuple[str, ...] = ()) -> list[str]:
    return problems(Kind.ROWS, changes, rows, ("task", "change"), PATTERNS, parked)


def test_every_kind_has_a_check() -> None:
    assert set(CHECKED) == set(Kind)


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ([FIRST, SECOND], [row(2)]),
        ([SECOND, FIRST], [row(2)]),
        ([FIRST, REMOVAL], [row(3, tombstoneExpiresAt={"N": "9"})]),
        ([], []),
    ],
)
def test_the_newest_change_of_each_item_is_shown(changes: list[Given], rows: list[Row]) -> None:
    assert problems(Kind.NEWEST, changes, rows) == []


@pytest.mark.parametrize(
    ("changes", "rows", "what"),
    [
        ([FIRST, SECOND], [row(1)], "the change at 2 is neither applied nor parked nor reported: a row at 1 is there"),
        ([FIRST], [], "the change at 1 is neither applied nor parked nor reported: no row is there"),
        ([FIRST], [row(7)], "carries the watermark 7, which is that of no change"),
        ([FIRST, REMOVAL], [row(3)], "is gone, and its row is no tombstone"),
        ([FIRST], [row(1, tombstoneExpiresAt={"N": "9"})], "is there, and has a tombstone"),
        ([], [row(1)], "is in the view, and no change of it was delivered"),
    ],
)
def test_a_view_that_does_not_show_the_newest_change_is_reported(
    changes: list[Given], rows: list[Row], what: str
) -> None:
    assert problems(Kind.NEWEST, changes, rows) == [f"home/task-milk: {what}"]


def test_a_change_that_is_parked_may_be_missing() -> None:
    assert problems(Kind.NEWEST, [FIRST, SECOND], [row(1)], parked=("2",)) == []
    assert rows_problems([FIRST, SECOND], [change_row(FIRST)], parked=("2",)) == []
    assert problems(Kind.WINDOW, [FIRST, SECOND], [window(b"a")], ("listId", "window"), parked=("2",)) == []


def test_a_view_without_the_key_of_its_items_is_reported() -> None:
    assert "has no key owner" in problems(Kind.NEWEST, [FIRST], [], ("owner",))[0]


def test_each_change_has_one_row_and_no_other_row_is_there() -> None:
    assert rows_problems([FIRST, SECOND], [change_row(FIRST), change_row(SECOND)]) == []
    missing = rows_problems([FIRST, SECOND], [change_row(FIRST)])
    assert missing == ["home/task-milk: the change at 2 has no row, and is neither parked nor reported"]
    assert len(rows_problems([FIRST], [change_row(FIRST), change_row(SECOND)])) == 1


def test_rows_without_patterns_of_their_key_are_reported() -> None:
    (problem,) = problems(Kind.ROWS, [FIRST], [], ("task", "change"))
    assert "needs `Row: {task: …, change: …}` in its Metadata" in problem


def test_totals_are_the_sums_of_the_memberships() -> None:
    assert problems(Kind.TALLY, [FIRST], [row(1, **MEMBER), TOTALS]) == []
    assert len(problems(Kind.TALLY, [FIRST], [row(1, **MEMBER), TOTALS | {"open": {"N": "2"}}])) == 1
    assert len(problems(Kind.TALLY, [FIRST], [row(1, **MEMBER)])) == 1
    assert problems(Kind.TALLY, [REMOVAL], [row(3, present={"BOOL": False})]) == []


def test_an_effect_is_remembered_once_and_only_of_a_change() -> None:
    assert problems(Kind.EFFECT, [FIRST, SECOND], [memory(FIRST)], ("id",)) == []
    assert len(problems(Kind.EFFECT, [FIRST], [memory(FIRST), memory(SECOND)], ("id",))) == 1
    assert len(problems(Kind.EFFECT, [FIRST], [memory(FIRST), memory(FIRST, "other")], ("id",))) == 1
    assert len(problems(Kind.EFFECT, [FIRST], [], ("id",))) == 1


def test_each_change_is_counted_in_one_window() -> None:
    assert problems(Kind.WINDOW, [FIRST, SECOND], [window(b"a"), window(b"b", b"a")], ("listId", "window")) == []
    assert len(problems(Kind.WINDOW, [FIRST, SECOND], [window(b"a")], ("listId", "window"))) == 1
    assert len(problems(Kind.WINDOW, [FIRST], [window(b"a", b"b")], ("listId", "window"))) == 1


DIFFERS = Content(difference=lambda change, _: f"shows another state than {change.kind} left")


@pytest.mark.parametrize(
    ("kind", "rows", "keys", "patterns"),
    [
        (Kind.NEWEST, [row(1)], KEY_NAMES, {}),
        (Kind.TALLY, [row(1, **MEMBER), TOTALS], KEY_NAMES, {}),
        (Kind.ROWS, [change_row(FIRST)], ("task", "change"), PATTERNS),
    ],
)
def test_a_row_that_says_something_else_than_its_change_is_reported(
    kind: Kind, rows: list[Row], keys: tuple[str, ...], patterns: Mapping[str, str]
) -> None:
    found = problems(kind, [FIRST], rows, keys, patterns, content=DIFFERS)

    assert found == ["home/task-milk: shows another state than INSERT left"]


def test_what_the_rows_say_together_is_checked() -> None:
    together = Content(figures=lambda subject: iter([ViewProblem("home", f"{len(subject.given)} changes, 2 measured")]))

    found = problems(Kind.WINDOW, [FIRST], [window(b"a")], ("listId", "window"), content=together)

    assert found == ["home: 1 changes, 2 measured"]


def test_a_document_of_the_index_is_a_row() -> None:
    document = {"listId": "home", "taskId": "task-milk", "expiresAt": 7, "deleted": True}

    shown = row_of_document(3, document)

    assert shown["expiresAt"] == {"N": "7"}
    assert problems(Kind.NEWEST, [REMOVAL], [shown]) == []
