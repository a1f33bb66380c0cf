"""Streams in memory keep AWS's rules: limits of a read, iterators that expire, trimming, lineage, numbers."""

from typing import Any

import pytest

from event_source_mapping import IteratorExpired, Position, PositionType, RecordsTrimmed, ShardNotFound
from event_source_mapping.memory import DataStream, MemoryTableStream
from event_source_mapping.memory.attribute_sizes import size_of
from event_source_mapping.positions import LATEST, TRIM_HORIZON, after
from event_source_mapping.rehearsal import DATA_STREAM_ARN, TABLE_STREAM_ARN


class Now:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.moment = 1_767_225_600.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def now() -> Now:
    return Now()


def table(now: Now, **settings: Any) -> MemoryTableStream:
    return MemoryTableStream(TABLE_STREAM_ARN, now, **settings)


def put_items(stream: MemoryTableStream, count: int, size: int = 1) -> list[str]:
    return [stream.put({"id": {"S": str(n)}}, {"id": {"S": "x" * size}}) for n in range(count)]


def only_shard(stream: MemoryTableStream | DataStream) -> str:
    (shard,) = stream.store.listing()
    return shard.shard_id


def test_a_read_gives_a_thousand_records_of_a_table_at_most(now: Now) -> None:
    stream = table(now)
    put_items(stream, 1_500)
    iterator = stream.store.iterator(only_shard(stream), TRIM_HORIZON)

    first = stream.store.read(iterator, 5_000)
    second = stream.store.read(first.next_iterator or "", 5_000)

    assert (len(first.bodies), first.more) == (1_000, True)
    assert (len(second.bodies), second.more) == (500, False)


def test_a_read_gives_a_megabyte_of_a_table_at_most(now: Now) -> None:
    stream = table(now)
    put_items(stream, 10, size=300_000)

    page = stream.store.read(stream.store.iterator(only_shard(stream), TRIM_HORIZON), 1_000)

    assert len(page.bodies) == 3


def test_iterators_expire(now: Now) -> None:
    stream = table(now)
    iterator = stream.store.iterator(only_shard(stream), TRIM_HORIZON)

    now.moment += 15 * 60 + 1

    with pytest.raises(IteratorExpired):
        stream.store.read(iterator, 1)


def test_positions_are_found_by_number_and_time(now: Now) -> None:
    stream = DataStream(DATA_STREAM_ARN, now)
    names = []
    for number in range(4):
        names.append(stream.put("p", str(number).encode()))
        now.moment += 10

    def first_at(position: Position) -> bytes | None:
        page = stream.store.read(stream.store.iterator(only_shard(stream), position), 1)
        return bytes(page.bodies[0]["Data"]) if page.bodies else None

    assert first_at(TRIM_HORIZON) == b"0"
    assert first_at(after(names[1])) == b"2"
    assert first_at(Position(PositionType.AT_SEQUENCE_NUMBER, names[1])) == b"1"
    assert first_at(Position(PositionType.AT_TIMESTAMP, timestamp=now.moment - 25)) == b"2"
    assert first_at(LATEST) is None


def test_a_table_refuses_numbers_beyond_its_horizon_and_kinesis_reads_on(now: Now) -> None:
    stream, data_stream = table(now), DataStream(DATA_STREAM_ARN, now)
    old = put_items(stream, 3)[0]
    old_data, *_ = [data_stream.put("p", str(n).encode()) for n in range(3)]
    stream.store.trim(only_shard(stream), 2)
    data_stream.store.trim(only_shard(data_stream), 2)

    with pytest.raises(RecordsTrimmed):
        stream.store.iterator(only_shard(stream), Position(PositionType.AT_SEQUENCE_NUMBER, old))
    iterator = data_stream.store.iterator(only_shard(data_stream), Position(PositionType.AT_SEQUENCE_NUMBER, old_data))
    assert data_stream.store.read(iterator, 10).bodies[0]["Data"] == b"2"


def test_records_leave_after_the_retention_and_closed_shards_with_them(now: Now) -> None:
    stream = table(now)
    put_items(stream, 3)
    parent = only_shard(stream)
    child = stream.store.roll(parent)

    now.moment += 86_401

    assert [shard.shard_id for shard in stream.store.listing()] == [child]
    with pytest.raises(ShardNotFound):
        stream.store.iterator(parent, TRIM_HORIZON)


def test_a_closed_shard_ends_after_its_last_record(now: Now) -> None:
    stream = DataStream(DATA_STREAM_ARN, now)
    stream.put("p", b"last")
    parent = only_shard(stream)
    left, right = stream.store.split(parent)
    stream.put("p", b"in a child")

    page = stream.store.read(stream.store.iterator(parent, TRIM_HORIZON), 10)

    assert ([body["Data"] for body in page.bodies], page.next_iterator) == ([b"last"], None)
    assert stream.store.shard(left).last_hash + 1 == stream.store.shard(right).first_hash
    assert stream.store.shard(left).parents == (parent,)


def test_merged_shards_go_on_in_one_child(now: Now) -> None:
    stream = DataStream(DATA_STREAM_ARN, now, shards=2)
    first, second = (shard.shard_id for shard in stream.store.listing())

    child = stream.store.merge(first, second)

    assert stream.store.shard(child).parents == (first, second)
    assert (stream.store.shard(child).first_hash, stream.store.shard(child).last_hash) == (0, 2**128 - 1)


def test_sequence_numbers_rise_with_gaps_and_have_as_many_digits_as_awss(now: Now) -> None:
    names = put_items(table(now), 50)
    data_name = DataStream(DATA_STREAM_ARN, now).put("p", b"")

    numbers = [int(name) for name in names]
    assert numbers == sorted(set(numbers))
    assert {len(name) for name in names} == {21}
    assert len(data_name) == 56


def test_numbers_may_grow_a_digit_longer_on_the_way(now: Now) -> None:
    stream = table(now, first_sequence_number=10**21 - 20)
    names = put_items(stream, 30)

    iterator = stream.store.iterator(only_shard(stream), after(names[9]))

    assert {len(name) for name in names} == {21, 22}
    assert len(stream.store.read(iterator, 100).bodies) == 20


@pytest.mark.parametrize(
    ("view_type", "images"),
    [("NEW_IMAGE", {"NewImage"}), ("OLD_IMAGE", {"OldImage"}), ("KEYS_ONLY", set())],
)
def test_a_record_has_the_images_of_its_view_type(now: Now, view_type: str, images: set[str]) -> None:
    stream = table(now, view_type=view_type)
    stream.put({"id": {"S": "x"}}, {"id": {"S": "x"}}, {"id": {"S": "x"}, "old": {"BOOL": True}})

    (body,) = stream.store.read(stream.store.iterator(only_shard(stream), TRIM_HORIZON), 1).bodies

    assert body["eventName"] == "MODIFY"
    assert {name for name in body["dynamodb"] if name.endswith("Image")} == images


@pytest.mark.parametrize(
    ("keys", "image", "size"),
    [
        ({"my_partition_key": {"S": "hello world"}}, {}, 54),
        ({"my_partition_key": {"S": "hello world"}}, {"binary_key": {"B": b"foobar"}}, 70),
        ({"id": {"S": "id_value"}}, {}, 20),
        ({"my_partition_key": {"S": "testId0"}}, {"should_fail": {"BOOL": True}}, 58),
        ({"id": {"S": "id_value_1"}}, {"numericFilter": {"N": "42"}}, 39),
    ],
)
def test_sizes_are_those_recorded_from_aws(keys: dict[str, Any], image: dict[str, Any], size: int) -> None:
    assert size_of(keys) + size_of(keys | image) == size


def test_collections_count_their_elements() -> None:
    assert size_of({"m": {"M": {"a": {"L": [{"N": "-1.5"}, {"NULL": True}]}}}, "s": {"SS": ["ab", "c"]}}) == 19
