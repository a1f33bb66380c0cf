from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from changestream.core.lanes import Concern, lanes

ITEMS = st.none() | st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=3)
CONCERNS = st.lists(st.builds(Concern, st.sampled_from("fg"), st.sampled_from("st"), ITEMS), max_size=12)


def of(*items: str | None, function: str = "f", shard_id: str = "s") -> list[Concern]:
    return [Concern(function, shard_id, None if each is None else frozenset(each)) for each in items]


def test_different_items_have_lanes_of_their_own() -> None:
    assert lanes(of("a", "b", "a", "c", "b")) == [[0, 2], [1, 4], [3]]


def test_a_piece_of_several_items_joins_their_lanes() -> None:
    assert lanes(of("a", "b", "c", "ac", "d")) == [[0, 2, 3], [1], [4]]


def test_what_cannot_be_told_goes_in_order_with_everything_of_its_function_and_shard() -> None:
    concerns = of("a", None, "b") + of("c", shard_id="t") + of("a", function="g")

    assert lanes(concerns) == [[0, 1, 2], [3], [4]]


def test_an_item_is_one_item_whichever_shard_its_changes_are_in() -> None:
    assert lanes(of("a", shard_id="s") + of("a", shard_id="t")) == [[0, 1]]


@given(CONCERNS)
def test_every_piece_is_in_one_lane_in_order_and_no_two_lanes_may_meet(concerns: list[Concern]) -> None:
    found = lanes(concerns)

    assert sorted(index for lane in found for index in lane) == list(range(len(concerns)))
    assert all(lane == sorted(lane) for lane in found)
    for one, other in combinations(found, 2):
        assert not any(meet(concerns[first], concerns[second]) for first in one for second in other)


def meet(one: Concern, other: Concern) -> bool:
    if one.function != other.function:
        return False
    if one.items is None or other.items is None:
        return one.shard_id == other.shard_id
    return bool(one.items & other.items)
