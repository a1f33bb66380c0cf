from hypothesis import given
from hypothesis import strategies as st

from changestream.core.failed_batch import EventRecord
from changestream.core.pieces import ENVELOPE_BYTES, PAYLOAD_LIMIT_BYTES, pieces

ROOM = PAYLOAD_LIMIT_BYTES - ENVELOPE_BYTES


def size(record: EventRecord) -> int:
    bytes_: int = record["bytes"]
    return bytes_


@given(st.lists(st.integers(1, ROOM + 10), max_size=20), st.integers(1, 5))
def test_every_record_is_in_one_piece_in_order_or_too_large_for_any(sizes: list[int], count_limit: int) -> None:
    records: list[EventRecord] = [{"n": n, "bytes": bytes_} for n, bytes_ in enumerate(sizes)]

    fitting, over_large = pieces(records, size, count_limit)

    assert [record for piece in fitting for record in piece] == [r for r in records if size(r) <= ROOM]
    assert over_large == [r for r in records if size(r) > ROOM]
    assert all(0 < len(piece) <= count_limit and sum(map(size, piece)) <= ROOM for piece in fitting)


def test_small_records_share_a_piece() -> None:
    fitting, _ = pieces([{"bytes": 10}] * 3, size, 100)

    assert len(fitting) == 1
