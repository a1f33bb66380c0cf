from datetime import UTC, datetime

import pytest

from streamctl.replaying.instants import microseconds, text_of

NOW = datetime(2026, 11, 21, 6, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-11-21T06:00:00.500000Z"),
        ("-90s", "2026-11-21T05:58:30.500000Z"),
        ("-2h", "2026-11-21T04:00:00.500000Z"),
        ("2h", "2026-11-21T04:00:00.500000Z"),
        ("-400d", "2025-10-17T06:00:00.500000Z"),
        ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
        ("2026-11-20T08:00:00.000001+02:00", "2026-11-20T06:00:00.000001Z"),
    ],
)
def test_an_instant_is_iso_with_its_zone_or_so_long_ago(text: str, meant: str) -> None:
    assert text_of(microseconds(text, NOW)) == meant
    assert microseconds(meant, NOW) == microseconds(text, NOW)


@pytest.mark.parametrize("text", ["", "2", "-2w", "yesterday", "-99999999999d", "2026-13-01T00:00:00Z"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no instant|before the beginning"):
        microseconds(text, NOW)


def test_an_instant_without_a_zone_is_refused_because_it_is_another_one_elsewhere() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        microseconds("2026-11-20T08:00:00", NOW)
