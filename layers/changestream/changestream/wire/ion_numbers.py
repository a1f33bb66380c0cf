"""The parts of Ion 1.0 binary below a value: numbers of variable length, decimals, timestamps."""

from datetime import UTC, datetime
from decimal import Decimal

LONGEST = 9
"""Bytes of a number of variable length: 63 bits, more than anything that Python can hold has as length or exponent."""

UNKNOWN_OFFSET = 0xC0
"""Negative zero where a timestamp has its offset: the time is in UTC, and the place of the clock is unknown."""

LONGEST_FRACTION = 1024
"""Bytes of the digits of a second's fraction: 2,466 digits. To read more would take longer the more there are."""

MINUTES_PER_DAY = 1440


def unsigned_varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """Return (number, where it ends): seven bits a byte, the highest first; the last byte has the high bit set."""
    number = 0
    for _ in range(LONGEST):
        if at >= end:
            break
        byte = content[at]
        at += 1
        number = number << 7 | byte & 0x7F
        if byte >= 0x80:
            return number, at
    raise ValueError("a number of variable length does not end")


def signed_varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """Return as ``unsigned_varint`` does; the second bit of the first byte is the sign."""
    number, after = unsigned_varint(content, at, end)
    sign = 1 << (7 * (after - at) - 1)
    return (-(number - sign) if number & sign else number), after


def decimal(content: bytes) -> Decimal:
    """Read exponent and coefficient, digit by digit: no context rounds it."""
    if not content:
        return Decimal(0)
    exponent, at = signed_varint(content, 0, len(content))
    negative, magnitude = _sign_and_magnitude(content[at:])
    return Decimal((negative, tuple(map(int, str(magnitude))), exponent))


def timestamp(content: bytes) -> datetime:
    """Return the instant, to the microsecond; of a time that is less precise, the beginning."""
    end = len(content)
    offset, at = (0, 1) if content[0] == UNKNOWN_OFFSET else signed_varint(content, 0, end)
    if abs(offset) >= MINUTES_PER_DAY:
        raise ValueError("a timestamp with an offset of a day or more")
    parts: list[int] = []
    while at < end and len(parts) < 6:
        part, at = unsigned_varint(content, at, end)
        parts.append(part)
    if len(parts) == 4:
        raise ValueError("a timestamp with hours has no minutes")
    year, month, day, hour, minute, second = parts + [1, 1, 1, 0, 0, 0][len(parts) :]
    return datetime(year, month, day, hour, minute, second, _microseconds(content, at, end), tzinfo=UTC)


def _microseconds(content: bytes, at: int, end: int) -> int:
    if at >= end:
        return 0
    exponent, at = signed_varint(content, at, end)
    if end - at > LONGEST_FRACTION:
        raise ValueError(f"a timestamp with a fraction of {end - at} bytes")
    negative, coefficient = _sign_and_magnitude(content[at:end])
    if not coefficient:
        if negative:
            raise ValueError("a timestamp with a fraction of negative zero")
        return 0
    digits = len(str(coefficient))
    if negative or digits > -exponent:
        raise ValueError("a timestamp with a fraction that is not below one second")
    if -exponent > digits + 6:
        return 0
    return coefficient * 10**6 // int(10**-exponent)


def _sign_and_magnitude(content: bytes) -> tuple[int, int]:
    """Read a number of which the first bit is the sign; no bytes are zero."""
    if not content:
        return 0, 0
    return content[0] >> 7, int.from_bytes(bytes((content[0] & 0x7F, *content[1:])))
