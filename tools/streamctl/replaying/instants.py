"""Points in time as an operator writes them."""

import re
from datetime import UTC, datetime, timedelta

RELATIVE = re.compile(r"-?(\d+)([smhd])", re.ASCII)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(text: str, now: datetime) -> int:
    """Return an instant in epoch microseconds, from ISO 8601 with its zone, ``now``, or so long ago: ``-2h``, ``2h``.

    Raises ``ValueError`` for anything else, and says what was expected.
    """
    if text == "now":
        return _of(now)
    if match := RELATIVE.fullmatch(text):
        try:
            return _of(now - timedelta(**{UNITS[match[2]]: int(match[1])}))
        except OverflowError:
            raise ValueError(f"{text} is before the beginning of time") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no instant: 2026-11-20T08:00:00Z, now, or -2h (s, m, h, d) is expected"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone, and would be another instant elsewhere: write {text}Z for UTC")
    return _of(moment)


def text_of(moment: int) -> str:
    """Return an instant in epoch microseconds as ISO text in UTC."""
    return (EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


def _of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
