"""BatchSize, the batching window and the 6 MB limit decide when a batch goes."""

from event_source_mapping import batching
from event_source_mapping.formats import KINESIS, Record, exact_bytes
from event_source_mapping.rehearsal import DATA_STREAM_ARN, Rehearsal, running
from event_source_mapping.virtual_time import run


def test_a_backlog_goes_in_full_batches_in_order() -> None:
    rehearsal = Rehearsal({"BatchSize": 10})
    for number in range(30):
        rehearsal.put(str(number))

    rehearsal.play()

    assert rehearsal.delivered == [[str(n) for n in range(start, start + 10)] for start in (0, 10, 20)]


def test_without_a_window_what_is_there_goes_at_once() -> None:
    rehearsal = Rehearsal({"BatchSize": 10})
    rehearsal.put("only")

    rehearsal.play()

    assert rehearsal.delivered == [["only"]]
    assert rehearsal.function.moments[0] == rehearsal.log.steps[0].at


def test_one_batch_of_a_shard_is_in_flight_at_a_time() -> None:
    rehearsal = Rehearsal({"BatchSize": 10}, duration=5.0)
    for number in range(20):
        rehearsal.put(str(number))

    rehearsal.play()

    assert rehearsal.delivered_at == [0.0, 5.0]
    assert rehearsal.function.most_running == 1


def test_a_batch_waits_for_its_window_and_then_goes_with_what_has_come() -> None:
    rehearsal = Rehearsal({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 5})

    async def trickle() -> None:
        async with running(rehearsal):
            for number in range(4):
                rehearsal.put(str(number))
                await rehearsal.clock.sleep(2)
            await rehearsal.idle()

    run(trickle())

    assert rehearsal.delivered == [["0", "1", "2"], ["3"]]


def test_a_full_batch_does_not_wait_for_its_window() -> None:
    rehearsal = Rehearsal({"BatchSize": 2, "MaximumBatchingWindowInSeconds": 300})
    for text in "abcde":
        rehearsal.put(text)

    rehearsal.play()

    assert rehearsal.delivered == [["a", "b"], ["c", "d"], ["e"]]
    assert rehearsal.delivered_at == [0.0, 0.0, 300.0]


def test_the_next_window_begins_when_the_invocation_ends() -> None:
    rehearsal = Rehearsal({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 10}, duration=30.0)

    async def arrive_during_the_invocation() -> None:
        async with running(rehearsal):
            rehearsal.put("first")
            await rehearsal.clock.sleep(15)
            rehearsal.put("second")
            await rehearsal.idle()

    run(arrive_during_the_invocation())

    assert rehearsal.delivered_at == [0.0, 40.0]


def test_a_batch_stays_below_six_megabytes() -> None:
    rehearsal = Rehearsal({"BatchSize": 100}, source_arn=DATA_STREAM_ARN)
    for _ in range(20):
        rehearsal.put("x" * 700_000)

    rehearsal.play()

    assert [len(labels) for labels in rehearsal.delivered] == [6, 6, 6, 2]
    sizes = [sum(map(exact_bytes, event["Records"])) for event in rehearsal.function.events]
    assert max(sizes) <= batching.PAYLOAD_LIMIT


def test_six_megabytes_do_not_wait_for_the_window() -> None:
    request = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 300}
    rehearsal = Rehearsal(request, source_arn=DATA_STREAM_ARN)
    for _ in range(7):
        rehearsal.put("x" * 700_000)

    rehearsal.play()

    assert [len(labels) for labels in rehearsal.delivered] == [6, 1]
    assert rehearsal.delivered_at == [0.0, 300.0]


def test_a_record_too_big_for_any_request_is_a_batch_of_its_own() -> None:
    def record(size: int) -> Record:
        return {"kinesis": {"data": "x" * size}}

    batch, full = batching.fill([record(7_000_000), record(10)], 10, KINESIS.most_bytes)

    assert len(batch) == 1
    assert full
