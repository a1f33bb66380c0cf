"""What the views of tasks and licences have to say: a row that is right has no difference, any other is reported."""

from typing import Any

import pytest

from architecture.sources import ROOT
from builders import TIME_TO_LIVE, Json, capture, kinesis_record, task
from changestream.wire.stored_images import stored
from consumers.kinds import Feed
from consumers.reading import consumers
from domain import announcements
from domain.contents import CONTENTS
from domain.licences import DEFECTS as LICENCE_DEFECTS
from domain.licences import Revision, aggregated, is_licence, licence
from domain.malformed import is_task
from domain.subjects import changes_of, subject
from domain.tasks import DEFECTS
from sam_templates.document import read
from sam_templates.language_extensions import expanded
from tasks.observation import Completion, MeasuredKind, Observation
from verification.changes import Given
from verification.subject import ViewSubject
from verification.view import Row, ViewRows

PARAMETERS = {"SearchEndpoint": "https://search.test", "SearchDomainName": "test"}
CONSUMERS = {one.name: one for one in consumers(expanded(read(ROOT / "template.yaml"), PARAMETERS), PARAMETERS)}
OPEN, DONE = task("task-1"), task("task-1", status="done")
SPOILT = task("task-1", status="finished")
KEYS = {name: OPEN[name] for name in ("listId", "taskId")}
MARKS = {"watermark": {"S": "7"}}
GONE = MARKS | {"tombstoneExpiresAt": {"N": "9"}}


def change(new: Json | None, old: Json | None = None, at: int = 7) -> Given:
    """A change as ChangeStream carries it."""
    identity = {} if new else {"userIdentity": TIME_TO_LIVE}
    (one,) = changes_of(Feed.CHANGES, [kinesis_record(at, capture(at, new, old, **identity))])
    return one


def revision(version: int, document: Json | None) -> Given:
    _, data = aggregated([("a", Revision("a", version, document).record)])
    (one,) = changes_of(Feed.OTHER, [kinesis_record(version, data)])
    return one


def history(kind: str, by_ttl: bool = False, **kept: Json) -> Row:
    return {"kind": {"S": kind}, "byTimeToLive": {"BOOL": by_ttl}} | stored(kept)


def licence_row(**changed: Json) -> Row:
    document = {name: {"S": value} for name, value in licence("a", 2).items() if isinstance(value, str)}
    return MARKS | document | {"documentId": {"S": "a"}, "penaltyPoints": {"N": "2"}} | changed


RIGHT = [
    ("count_tasks", change(DONE), {"present": {"BOOL": True}, "status": {"S": "done"}}),
    ("count_tasks", change(None, OPEN), {"present": {"BOOL": False}}),
    ("replicate_tasks", change(DONE), MARKS | DONE),
    ("replicate_tasks", change(None, OPEN), GONE | KEYS),
    ("index_tasks", change(DONE | {"version": {"N": "1"}}), MARKS | DONE),
    ("index_tasks", change(None, OPEN), GONE | KEYS),
    ("record_history", change(DONE, OPEN), history("MODIFY", oldImage=OPEN, newImage=DONE)),
    ("record_history", change(None, OPEN), history("REMOVE", True, oldImage=OPEN)),
    ("archive_tasks", change(None, SPOILT), stored({"image": SPOILT})),
    ("project_licences", revision(2, licence("a", 2)), licence_row()),
    ("project_licences", revision(2, None), GONE | {"documentId": {"S": "a"}}),
]
WRONG = [
    ("count_tasks", change(DONE), {"present": {"BOOL": True}, "status": {"S": "open"}}),
    ("count_tasks", change(SPOILT), {"present": {"BOOL": True}, "status": {"S": "finished"}}),
    ("replicate_tasks", change(DONE), MARKS | OPEN),
    ("replicate_tasks", change(SPOILT), MARKS | SPOILT),
    ("index_tasks", change(DONE), MARKS | OPEN),
    ("record_history", change(DONE, OPEN), history("MODIFY", oldImage=DONE, newImage=DONE)),
    ("record_history", change(None, OPEN), history("REMOVE", oldImage=OPEN)),
    ("archive_tasks", change(None, DONE), stored({"image": OPEN})),
    ("project_licences", revision(2, licence("a", 2)), licence_row(penaltyPoints={"N": "3"})),
    ("project_licences", revision(2, LICENCE_DEFECTS[0](licence("a", 2))), licence_row()),
]


@pytest.mark.parametrize(("name", "given", "row"), RIGHT)
def test_a_row_that_says_what_its_change_left_is_right(name: str, given: Given, row: Row) -> None:
    assert CONTENTS[name].difference(given, row) == ""


@pytest.mark.parametrize(("name", "given", "row"), WRONG)
def test_a_row_that_says_anything_else_is_reported(name: str, given: Given, row: Row) -> None:
    assert CONTENTS[name].difference(given, row) != ""


def test_each_content_is_that_of_a_consumer_of_the_template() -> None:
    assert CONTENTS.keys() - CONSUMERS.keys() == set(), "remove their entries from tools/domain/contents.py"


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_makes_a_task_malformed(defect: Any) -> None:
    assert is_task(OPEN)
    assert not is_task(defect(OPEN))


@pytest.mark.parametrize("defect", LICENCE_DEFECTS)
def test_each_defect_makes_a_licence_malformed(defect: Any) -> None:
    whole, spoilt = revision(2, licence("a", 2)).new, revision(2, defect(licence("a", 2))).new

    assert whole is not None
    assert is_licence(whole)
    assert spoilt is not None
    assert not is_licence(spoilt)


def announced(*changes: Given, parked: tuple[str, ...] = ()) -> ViewSubject:
    view = ViewRows(("id",), [])
    return subject(CONSUMERS[announcements.CONSUMER], changes, view, lambda numbers: {*numbers} <= {*parked})


def notification(before: str | None, after: str, at: int) -> Json:
    return {"listId": "list-1", "taskId": "task-1", "from": before, "to": after, "position": f"{at:020d}"}


CREATED, MADE_DONE, MADE_BAD = change(OPEN, at=1), change(DONE, OPEN, at=2), change(SPOILT, DONE, at=3)
HEALED = change(DONE, SPOILT, at=4)


def told(*steps: tuple[str | None, str, Given]) -> list[Json]:
    return [notification(before, after, given.position) for before, after, given in steps]


def test_every_transition_is_announced() -> None:
    right = told((None, "open", CREATED), ("open", "done", MADE_DONE))

    assert [*announcements.problems(announced(CREATED, MADE_DONE), right)] == []
    assert announcements.transitions([CREATED, MADE_DONE, MADE_BAD]) == 2


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        (told((None, "open", CREATED)), "open > done at"),
        (told((None, "open", CREATED), (None, "done", MADE_DONE)), "announced as None > done, and was open > done"),
        (told((None, "open", CREATED), ("open", "done", MADE_DONE), ("done", "open", HEALED)), "and never happened"),
        (told((None, "open", CREATED), ("open", "done", MADE_DONE), ("open", "done", MADE_DONE)), "under two ids"),
    ],
)
def test_anything_else_that_is_announced_is_reported(steps: list[Json], what: str) -> None:
    (problem,) = announcements.problems(announced(CREATED, MADE_DONE), steps)

    assert what in problem.what


def test_a_malformed_change_is_parked_until_a_good_one_heals_it() -> None:
    steps = told((None, "open", CREATED), ("open", "done", MADE_DONE))

    (problem,) = announcements.problems(announced(CREATED, MADE_DONE, MADE_BAD), steps)
    parked = announced(CREATED, MADE_DONE, MADE_BAD, parked=tuple(MADE_BAD.numbers))
    healed = announced(CREATED, MADE_DONE, MADE_BAD, HEALED)

    assert "is left malformed" in problem.what
    assert [*announcements.problems(parked, steps)] == []
    assert [*announcements.problems(healed, [*steps, *told((None, "done", HEALED))])] == []


def measured(kind: MeasuredKind, completion: Completion = Completion.NONE, number: int = 1) -> bytes:
    return Observation(bytes([number] * 20), b"task-1", kind, completion, 0, False).packed()


def problems_of_measures(changes: list[Given], *observations: bytes, parked: tuple[str, ...] = ()) -> list[str]:
    row = {"listId": {"S": "list-1"}, "window": {"S": "w"}, "observations": {"B": b"".join(observations)}}
    view = ViewRows(("listId", "window"), [row] if observations else [])
    of = subject(CONSUMERS["measure_changes"], changes, view, lambda numbers: {*numbers} <= {*parked})
    return [problem.what for problem in of.figures()]


INSERTED, COMPLETED = measured(MeasuredKind.INSERTED), measured(MeasuredKind.MODIFIED, Completion.TIMED, 2)


def test_each_good_change_is_measured_once() -> None:
    assert problems_of_measures([CREATED, MADE_DONE], INSERTED, COMPLETED) == []
    assert problems_of_measures([CREATED, MADE_DONE, MADE_BAD], INSERTED, COMPLETED) == []
    assert problems_of_measures([CREATED, MADE_DONE], INSERTED, parked=tuple(MADE_DONE.numbers)) == []


def test_a_change_that_is_measured_wrong_or_not_at_all_is_reported() -> None:
    missing = problems_of_measures([CREATED, MADE_DONE], INSERTED)
    not_completed = problems_of_measures([CREATED, MADE_DONE], INSERTED, measured(MeasuredKind.MODIFIED, number=2))

    assert missing == [
        "1: 0 are measured, 1 happened, 0 of them are excused",
        "done: 0 are measured, 1 happened, 0 of them are excused",
    ]
    assert not_completed == ["done: 0 are measured, 1 happened, 0 of them are excused"]
