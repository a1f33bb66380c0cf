"""Delivering at a rate, past what fails, through what refuses for a while, and to the receipt."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from builders import sequence_number, table_record, task
from changestream.core.batch import FailureKind
from changestream.core.errors import FunctionGone, PoisonRecord, TransientError
from changestream.core.redelivery import Answer, Applied, Crashed, Piece, Refused
from streamctl.replaying.delivery import Deliverable, SerialDelivery, Stopped
from streamctl.replaying.patience import ROUNDS, EvenRate, Patience
from streamctl.replaying.receipt import Receipt, RecordOutcome

RUN = {"command": "replay"}


class Hours:
    """A clock that is put forward by whoever waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Consumer:
    """Answers as told, and keeps what it was given; ``answers`` are taken one for each invocation, then all is well."""

    def __init__(self, *answers: Answer | Exception, poison: Sequence[int] = ()) -> None:
        self._answers = list(answers)
        self._poison = {sequence_number(n) for n in poison}
        self.pieces: list[list[int]] = []

    def deliver(self, piece: Piece) -> Answer:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in piece]
        self.pieces.append([int(number) - int(sequence_number(0)) for number in numbers])
        answer = self._answers.pop(0) if self._answers else Applied()
        if isinstance(answer, Exception):
            raise answer
        bad = next((index for index, number in enumerate(numbers) if number in self._poison), None)
        return answer if bad is None else Refused((bad,), FailureKind.POISON, "it is poison")


Deliver = Callable[..., Receipt]


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def deliver(tmp_path: Path, hours: Hours) -> Iterator[Deliver]:
    receipts: list[Receipt] = []

    def run(consumer: Consumer, records: int | list[Deliverable], **settings: Any) -> Receipt:
        if not receipts:
            receipts.append(Receipt.begin(tmp_path / "receipt.jsonl", RUN))
        SerialDelivery(
            deliver=consumer.deliver,
            receipt=receipts[0],
            pace=EvenRate(settings.get("rate", 1000), lambda: hours.now, hours.pause),
            patience=Patience(hours.pause),
            batch_size=settings.get("batch_size", 4),
            most_failures=settings.get("most_failures", 100),
            progressed=settings.get("progressed", lambda _: None),
        ).run(remaining(records, receipts[0]) if isinstance(records, int) else records)
        return receipts[0]

    yield run
    for receipt in receipts:
        receipt.close()


def remaining(count: int, receipt: Receipt) -> list[Deliverable]:
    return [each for each in deliverables(count) if not receipt.is_applied(each.label)]


def deliverables(count: int) -> list[Deliverable]:
    return [Deliverable({"n": n}, table_record(n, new=task())) for n in range(count)]


def test_batches_go_one_after_another_in_order(deliver: Deliver) -> None:
    consumer = Consumer()

    receipt = deliver(consumer, 10)

    assert consumer.pieces == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert receipt.counts()[RecordOutcome.APPLIED] == 10


def test_no_more_than_the_rate_go_whatever_time_a_batch_takes(deliver: Deliver, hours: Hours) -> None:
    consumer, starts = Consumer(), []
    original = consumer.deliver

    def slow(piece: Piece) -> Answer:
        starts.append(hours.now)
        hours.now += 3.0 if len(starts) == 2 else 0.1
        return original(piece)

    consumer.deliver = slow  # type: ignore[method-assign]

    deliver(consumer, 20, rate=2)

    assert starts == pytest.approx([0.0, 2.0, 5.0, 7.0, 9.0])


def test_a_record_that_fails_stands_in_the_receipt_with_its_reason_and_the_rest_goes_on_after_it(
    deliver: Deliver,
) -> None:
    consumer = Consumer(poison=[1, 2])

    receipt = deliver(consumer, 6)

    assert consumer.pieces == [[0, 1, 2, 3], [2, 3], [3], [4, 5]]
    assert receipt.counts() == {RecordOutcome.APPLIED: 4, RecordOutcome.FAILED: 2, RecordOutcome.REFUSED: 0}
    assert [(entry.label["n"], entry.reason) for entry in receipt.undone()] == [
        (1, "poison: it is poison"),
        (2, "poison: it is poison"),
    ]


def test_a_record_that_crashes_the_function_is_found_among_its_neighbours(deliver: Deliver) -> None:
    crash = Crashed("out of memory")
    consumer = Consumer(crash, Applied(), crash, Applied(), crash, crash, crash)

    receipt = deliver(consumer, 4)

    assert consumer.pieces == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3], [3], [3]]
    assert [(entry.label["n"], entry.reason) for entry in receipt.undone()] == [(3, "crash: out of memory")]


@pytest.mark.parametrize(
    "refusal", [TransientError("throttled"), Refused((2,), FailureKind.UNAVAILABLE, "the table refuses")]
)
def test_a_refusal_is_waited_out_longer_each_time_and_nothing_is_passed_over(
    deliver: Deliver, hours: Hours, refusal: Answer | Exception
) -> None:
    receipt = deliver(Consumer(refusal, TransientError("throttled"), TransientError("throttled")), 4)

    assert receipt.counts()[RecordOutcome.APPLIED] == 4
    assert len(hours.pauses) == 3
    assert 0.25 <= hours.pauses[0] <= 0.5


def test_whoever_refuses_for_too_long_stops_the_run_and_what_was_done_is_known(deliver: Deliver) -> None:
    partly = Refused((2,), FailureKind.UNAVAILABLE, "the table refuses")
    consumer = Consumer(Applied(), partly, *[TransientError("throttled")] * ROUNDS)

    with pytest.raises(Stopped, match="throttled"):
        deliver(consumer, 8)

    receipt = deliver(again := Consumer(), 8)
    assert again.pieces == [[6, 7]]
    assert receipt.counts()[RecordOutcome.APPLIED] == 8


def test_a_function_that_is_gone_stops_the_run_at_once(deliver: Deliver, hours: Hours) -> None:
    with pytest.raises(Stopped, match="no such function"):
        deliver(Consumer(FunctionGone("no such function")), 4)

    assert hours.pauses == []


def test_a_consumer_that_fails_on_everything_is_not_tried_with_everything(deliver: Deliver) -> None:
    consumer = Consumer(poison=range(100))

    with pytest.raises(Stopped, match="5 records were not applied, the last because: poison: it is poison"):
        deliver(consumer, 100, most_failures=5, batch_size=1)

    assert len(consumer.pieces) == 5


def test_what_cannot_be_sent_is_refused_and_its_neighbours_go(deliver: Deliver) -> None:
    records = deliverables(4)
    records[1] = Deliverable({"n": 1}, PoisonRecord("no row of record_history"))
    records[2] = Deliverable({"n": 2}, table_record(2, new=task(note={"S": "x" * 6_300_000})))

    receipt = deliver(consumer := Consumer(), records)

    assert consumer.pieces == [[0], [3]]
    assert [(entry.label["n"], entry.outcome, entry.reason) for entry in receipt.undone()] == [
        (1, RecordOutcome.REFUSED, "no row of record_history"),
        (2, RecordOutcome.REFUSED, "larger than one invocation takes"),
    ]


def test_a_batch_that_one_invocation_does_not_take_is_divided(deliver: Deliver) -> None:
    large = [Deliverable({"n": n}, table_record(n, new=task(note={"S": "x" * 2_500_000}))) for n in range(4)]

    receipt = deliver(consumer := Consumer(), large)

    assert consumer.pieces == [[0, 1], [2, 3]]
    assert receipt.counts()[RecordOutcome.APPLIED] == 4


def test_progress_counts_what_is_done_with_applied_or_not(deliver: Deliver) -> None:
    steps: list[int] = []

    deliver(Consumer(poison=[5]), 8, progressed=steps.append)

    assert sum(steps) == 8
