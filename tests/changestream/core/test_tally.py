from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from changestream.core.position import position_of
from changestream.core.tally import Member, settle

STATUSES = st.sampled_from(["open", "in_progress", "done", None])
CHANGES = st.lists(st.tuples(st.sampled_from("abcd"), STATUSES), max_size=30)
"""Changes of a group's members in the order in which they happened."""


def member(at: int, status: str | None) -> Member:
    return Member(position_of(at), status)


def apply(deliveries: list[tuple[str, Member]]) -> tuple[dict[str, Member], Counter[str]]:
    rows: dict[str, Member] = {}
    totals: Counter[str] = Counter()
    for delivery in deliveries:
        settlement = settle([delivery], rows)
        rows |= {write.member_id: write.after for write in settlement.writes}
        totals.update(settlement.totals)
    return rows, Counter({name: count for name, count in totals.items() if count})


def test_a_new_member_is_counted_in_all_and_by_status() -> None:
    settlement = settle([("a", member(1, "open"))], {})

    assert settlement.totals == {"total": 1, "open": 1}


def test_a_status_change_moves_a_member_and_leaves_the_total() -> None:
    settlement = settle([("a", member(2, "done"))], {"a": member(1, "open")})

    assert settlement.totals == {"open": -1, "done": 1}


def test_a_change_without_effect_on_the_totals_still_raises_the_watermark() -> None:
    settlement = settle([("a", member(2, "open"))], {"a": member(1, "open")})

    assert settlement.totals == {}
    assert [write.after for write in settlement.writes] == [member(2, "open")]


def test_a_removed_member_leaves_a_tombstone_that_older_changes_lose_to() -> None:
    removal = settle([("a", member(3, None))], {"a": member(1, "open")})
    late = settle([("a", member(2, "done"))], {"a": removal.writes[0].after})

    assert removal.totals == {"total": -1, "open": -1}
    assert late.writes == ()
    assert late.superseded == {"a"}


@given(CHANGES, st.randoms(use_true_random=False))
def test_any_order_and_any_repeats_end_in_the_counts_of_the_last_states(
    changes: list[tuple[str, str | None]], random: object
) -> None:
    history = [(item, member(at, status)) for at, (item, status) in enumerate(changes)]
    disturbed = history * 2
    random.shuffle(disturbed)  # type: ignore[attr-defined]

    rows, totals = apply(disturbed)

    last = dict(history)
    present = [row.status for row in last.values() if row.status]
    assert rows == last
    assert totals == Counter(present) + Counter({"total": len(present)} if present else {})
