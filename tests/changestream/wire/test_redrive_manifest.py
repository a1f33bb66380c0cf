from changestream.core.batch import LONGEST_REASON
from changestream.core.failed_batch import ParkReason
from changestream.wire.redrive_manifest import after_round


def test_the_message_of_a_round_is_short_and_printable() -> None:
    manifest = after_round({}, ParkReason.POISON, "\x1b[31m" + "x" * 100_000, 1_767_225_600.0)

    for message in (manifest["message"], manifest["redrive"]["lastReason"]):
        assert message.startswith("\\x1b[31mxxx")
        assert message.endswith("… (100,005 characters)")
        assert len(message) < 2 * LONGEST_REASON
