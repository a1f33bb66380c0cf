from hypothesis import given
from hypothesis import strategies as st

from builders import sequence_number, table_record, task
from changestream.core.change import Change
from changestream.core.errors import PoisonRecord
from changestream.core.selection import select
from changestream.wire.table_stream import change
from tasks.task import task_from_image


def status(of: Change) -> str | None:
    return task_from_image(of.new_image).status if of.new_image else None


def good(n: int, task_id: str = "task-1") -> Change:
    return change(table_record(n, task(task_id)))


def bad(n: int, task_id: str = "task-1") -> Change:
    return change(table_record(n, task(task_id, status="?")))


def test_the_newest_change_of_each_item_is_chosen_whatever_their_order() -> None:
    selections = select([good(3, "a"), good(9, "b"), good(10, "a"), good(2, "b")], status)

    assert [s.newest[0].sequence_number for s in selections if s.newest] == [sequence_number(10), sequence_number(9)]


def test_poison_does_not_hide_the_good_change_before_it() -> None:
    (selection,) = select([good(1), bad(2)], status)

    assert selection.newest
    assert selection.newest[0].sequence_number == sequence_number(1)
    assert [poisoned.change.sequence_number for poisoned in selection.poison] == [sequence_number(2)]


def test_poison_that_a_good_change_follows_is_superseded_and_need_not_be_understood() -> None:
    (selection,) = select([bad(1), good(2)], status)

    assert not selection.poison
    assert [older.sequence_number for older in selection.older] == [sequence_number(1)]


def test_an_item_whose_every_change_is_poison_has_no_newest() -> None:
    (selection,) = select([bad(1), bad(2)], status)

    assert selection.newest is None
    assert len(selection.poison) == 2


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from("abc"), st.booleans()), unique_by=lambda c: c[0]))
def test_every_change_is_newest_older_or_poison_exactly_once(drawn: list[tuple[int, str, bool]]) -> None:
    changes = [(good if fine else bad)(n, item) for n, item, fine in drawn]

    selections = select(changes, status)

    sorted_out = [c.sequence_number for s in selections for c in (*s.good, *(p.change for p in s.poison))]
    assert sorted(sorted_out) == sorted(c.sequence_number for c in changes)


def test_interpretation_stops_at_the_first_good_change() -> None:
    seen: list[str] = []

    def note(of: Change) -> str:
        seen.append(of.sequence_number)
        if of.sequence_number == sequence_number(3):
            raise PoisonRecord("no")
        return "fine"

    select([good(1), good(2), good(3)], note)

    assert seen == [sequence_number(3), sequence_number(2)]
