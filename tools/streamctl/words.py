"""Numbers and times as people say them."""

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86_400


def duration(seconds: float | None) -> str:
    """Return ``0.4 s``, ``12 s``, ``3 min``, ``5 h`` or ``2 d``; "-" for what is not known."""
    if seconds is None:
        return "-"
    for unit, length in (("d", 2 * DAY), ("h", 2 * HOUR), ("min", 2 * MINUTE)):
        if seconds >= length:
            return f"{seconds / (length / 2):.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def several(number: int, thing: str) -> str:
    """Return ``1 record``, ``2 records``, ``3 batches``."""
    plural = f"{thing}es" if thing.endswith(("ch", "s")) else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def clock_time(seconds: float, now: float) -> str:
    """Return epoch seconds as a time of day in UTC, ``06:37:11.000Z``, with the date unless it is today's in UTC."""
    date, _, time_of_day = instant(seconds).partition("T")
    return time_of_day if date == instant(now)[:10] else f"{date} {time_of_day}"


def instant(seconds: float) -> str:
    """Return epoch seconds as ISO text in UTC, with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
