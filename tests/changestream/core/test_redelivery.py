from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from changestream.core.batch import FailureKind
from changestream.core.errors import FunctionGone, OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord, ParkReason
from changestream.core.redelivery import CRASH_ATTEMPTS, Answer, Applied, Crashed, Refused, redeliver
from changestream.core.sequence_number import SequenceNumber


def records(*numbers: int) -> list[EventRecord]:
    return [{"n": str(n)} for n in numbers]


def number(record: EventRecord) -> SequenceNumber:
    return SequenceNumber.parse(record["n"])


class Consumer:
    """Refuses poison records, crashes on others, and remembers what it was given and what it applied."""

    def __init__(self, poison: Sequence[int] = (), crashing: Sequence[int] = ()) -> None:
        self.poison, self.crashing = set(poison), set(crashing)
        self.deliveries: list[list[int]] = []
        self.applied: list[int] = []

    def __call__(self, piece: Sequence[EventRecord]) -> Answer:
        numbers = [number(record).number for record in piece]
        self.deliveries.append(numbers)
        if self.crashing & set(numbers):
            return Crashed("Boom")
        for index, n in enumerate(numbers):
            if n in self.poison:
                return Refused((index,), FailureKind.POISON, f"{n} is bad")
            self.applied.append(n)
        return Applied()


def test_a_good_range_takes_one_delivery_per_piece() -> None:
    consumer = Consumer()

    result = redeliver([records(1, 2), records(3)], consumer, number, isolate=True)

    assert consumer.deliveries == [[1, 2], [3]]
    assert (result.applied, result.parked, result.rest) == (3, [], [])


def test_delivery_goes_on_after_each_record_that_is_refused() -> None:
    consumer = Consumer(poison=[2, 4])

    result = redeliver([records(1, 2, 3, 4, 5)], consumer, number, isolate=True)

    assert consumer.deliveries == [[1, 2, 3, 4, 5], [3, 4, 5], [5]]
    assert [(parked.start.number, parked.message) for parked in result.parked] == [(2, "2 is bad"), (4, "4 is bad")]


def test_a_piece_that_crashes_is_halved_until_the_record_that_does_it_stands_alone() -> None:
    consumer = Consumer(crashing=[3])

    result = redeliver([records(1, 2, 3, 4)], consumer, number, isolate=True)

    assert consumer.deliveries == [[1, 2, 3, 4], [1, 2], [3, 4], *[[3]] * CRASH_ATTEMPTS, [4]]
    assert [(parked.reason, parked.start.number) for parked in result.parked] == [(ParkReason.CRASH, 3)]


def test_a_record_that_crashes_once_is_not_parked() -> None:
    answers: Iterator[Answer] = iter([Crashed("killed"), Applied()])

    result = redeliver([records(1)], lambda _: next(answers), number, isolate=True)

    assert (result.applied, result.parked) == (1, [])


def test_an_unavailable_dependency_stops_the_redelivery_with_the_rest_in_order() -> None:
    def refuse(piece: Sequence[EventRecord]) -> Answer:
        return Refused((1,), FailureKind.UNAVAILABLE, "throttled")

    result = redeliver([records(1, 2), records(3)], refuse, number, isolate=True)

    assert result.applied == 1
    assert result.rest == records(2, 3)
    assert "throttled" in str(result.interrupted)


def test_a_consumer_that_runs_out_of_time_is_given_the_rest_at_once() -> None:
    answers: Iterator[Answer] = iter([Refused((2,), FailureKind.OUT_OF_TIME, "slow"), Applied()])

    result = redeliver([records(1, 2, 3)], lambda _: next(answers), number, isolate=True)

    assert (result.applied, result.interrupted) == (3, None)


def test_a_piece_of_which_nothing_fits_the_time_is_halved() -> None:
    answers: Iterator[Answer] = iter([Refused((0,), FailureKind.OUT_OF_TIME, "slow"), Applied(), Applied()])

    result = redeliver([records(1, 2, 3)], lambda _: next(answers), number, isolate=True)

    assert (result.applied, result.invocations) == (3, 3)


def test_what_is_out_of_reach_is_left_in_the_rest() -> None:
    for error in (OutOfTime("late"), FunctionGone("gone")):

        def fail(piece: Sequence[EventRecord], raised: Exception = error) -> Answer:
            raise raised

        result = redeliver([records(1), records(2)], fail, number, isolate=True)

        assert result.rest == records(1, 2)
        assert result.interrupted is error


@given(
    st.lists(st.integers(1, 4), max_size=8),
    st.sets(st.integers(0, 31), max_size=6),
    st.sets(st.integers(0, 31), max_size=6),
)
def test_every_record_is_applied_or_parked_and_good_ones_in_order(
    sizes: list[int], poison: set[int], crashing: set[int]
) -> None:
    total = sum(sizes)
    pieces, start = [], 0
    for size in sizes:
        pieces.append(records(*range(start, start + size)))
        start += size
    consumer = Consumer(sorted(poison - crashing), sorted(crashing))

    result = redeliver(pieces, consumer, number, isolate=True)

    parked = [one.start.number for one in result.parked]
    assert sorted([*consumer.applied, *parked]) == list(range(total))
    assert consumer.applied == sorted(consumer.applied)
    assert set(parked) == (poison | crashing) & set(range(total))


def test_a_record_at_which_the_function_reports_a_crash_is_parked_as_one_and_the_rest_goes_on() -> None:
    answers: Iterator[Answer] = iter([Refused((1,), FailureKind.CRASH, "KeyError: 'owner'"), Applied()])

    result = redeliver([records(1, 2, 3)], lambda _: next(answers), number, isolate=True)

    assert [(parked.reason, parked.message) for parked in result.parked] == [(ParkReason.CRASH, "KeyError: 'owner'")]
    assert result.applied == 2


def test_all_records_that_are_reported_together_are_set_aside_at_once() -> None:
    answers: Iterator[Answer] = iter([Refused((1, 3), None, "no reason"), Applied()])
    sent: list[list[EventRecord]] = []

    def deliver(piece: Sequence[EventRecord]) -> Answer:
        sent.append(list(piece))
        return next(answers)

    result = redeliver([records(1, 2, 3, 4, 5)], deliver, number, isolate=True)

    assert sent == [records(1, 2, 3, 4, 5), records(3, 5)]
    assert [(one.reason, one.start.number) for one in result.parked] == [(ParkReason.CRASH, 2), (ParkReason.CRASH, 4)]


def test_a_function_that_fails_on_everything_without_a_word_is_tried_again_later() -> None:
    for failing in (
        lambda _: Crashed("no connection"),
        lambda piece: Refused(range(len(piece)), None, "no reason"),
    ):
        result = redeliver([records(*range(50)), records(50)], failing, number, isolate=False)

        assert isinstance(result.interrupted, TransientError)
        assert (result.rest, result.parked, result.applied) == (records(*range(51)), [], 0)
        assert result.invocations < 20


def test_in_the_last_round_each_record_is_tried_even_if_the_function_fails_on_everything() -> None:
    result = redeliver([records(1, 2, 3, 4)], lambda _: Crashed("no connection"), number, isolate=True)

    assert [one.start.number for one in result.parked] == [1, 2, 3, 4]


def test_a_function_that_explains_its_failures_is_not_suspected() -> None:
    result = redeliver([records(1, 2, 3, 4)], Consumer(poison=[1, 2, 3, 4]), number, isolate=False)

    assert [one.reason for one in result.parked] == [ParkReason.POISON] * 4


def test_one_bad_record_among_good_ones_is_set_aside_in_the_first_round() -> None:
    result = redeliver([records(*range(64))], Consumer(crashing=[40]), number, isolate=False)

    assert ([one.start.number for one in result.parked], result.applied) == ([40], 63)


def test_a_redelivery_that_ran_out_of_time_before_it_settled_anything_is_stuck_with_smaller_pieces() -> None:
    answers: Iterator[Answer] = iter([Crashed("timed out"), Crashed("timed out")])

    def deliver(piece: Sequence[EventRecord]) -> Answer:
        for answer in answers:
            return answer
        raise OutOfTime("5 s left")

    result = redeliver([records(1, 2, 3, 4)], deliver, number, isolate=False)

    assert result.is_stuck
    assert (result.rest_pieces, result.invocations) == ([records(1), records(2), records(3, 4)], 2)


def test_a_redelivery_that_had_no_time_to_begin_is_not_stuck() -> None:
    def deliver(piece: Sequence[EventRecord]) -> Answer:
        raise OutOfTime("5 s left")

    assert not redeliver([records(1, 2)], deliver, number, isolate=False).is_stuck
