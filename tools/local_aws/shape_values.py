"""Checks of the values in a request, by the types and bounds of botocore's service models."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

type Check = Callable[[Any], None]

_PLAIN_NUMBER = re.compile("-?[0-9]{1,38}")

LONGEST_EXPRESSION = 4096
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters"""


class Unacceptable(Exception):
    """The request does not fit its model; `path` leads to the value that is wrong."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.path: list[str] = []

    @property
    def message(self) -> str:
        place = ".".join(reversed(self.path))
        if self.code == "SerializationException":
            return f"{self.reason} at '{place}'" if place else self.reason
        return self.reason.replace("{place}", place[:1].lower() + place[1:])


def string(least: float | None, most: float | None) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise wrong_type("a string", value)
        if least is not None or most is not None:
            check_length(value, least, most)

    return check


def integer(least: float | None, most: float | None) -> Check:
    def check(value: Any) -> None:
        # A template holds numbers as text, which the services take.
        if isinstance(value, str) and len(value) <= 20 and value.removeprefix("-").isdecimal() and value.isascii():
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type("an integer", value)
        check_value(value, -(2**63) if least is None else least, 2**63 - 1 if most is None else most)

    return check


def double(least: float | None, most: float | None) -> Check:
    def check(value: Any) -> None:
        if isinstance(value, str) and len(value) <= 40:
            try:
                value = float(value)
            except ValueError:
                raise wrong_type("a number", value) from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type("a number", value)
        check_value(value, -1e308 if least is None else least, 1e308 if most is None else most)

    return check


def boolean(value: Any) -> None:
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise wrong_type("a boolean", value)


def timestamp(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong_type("a timestamp", value)
    if not isinstance(value, str):
        check_value(value, -62_135_596_800, 253_402_300_799)  # the years 1 to 9999


def blob(least: float | None, most: float | None) -> Check:
    def check(value: Any) -> None:
        if isinstance(value, bytes):
            return
        if not isinstance(value, str):
            raise wrong_type("a base64 string", value)
        try:
            size = len(binascii.a2b_base64(value, strict_mode=True)) if value else 0
        except (binascii.Error, ValueError):
            raise wrong_type("a base64 string", value) from None
        if most is not None and size > most:
            raise constraint(None, f"have length less than or equal to {most:.0f}")
        if least is not None and size < least:
            raise constraint(None, f"have length greater than or equal to {least:.0f}")

    return check


def number_text(value: Any) -> None:
    """Check a number of DynamoDB: 38 digits, magnitudes from 1E-130 to 9.99...E+125.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    if not isinstance(value, str):
        raise wrong_type("a string", value)
    if _PLAIN_NUMBER.fullmatch(value):
        return
    try:
        number = Decimal(value) if len(value) <= 256 else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not value.isascii() or "_" in value:
        raise Unacceptable(
            "ValidationException",
            f"The parameter cannot be converted to a numeric value: {value[:64]}",
        )
    if not number:
        return
    if not -130 <= number.adjusted() <= 125:
        size = "overflow. Attempting to store a number with magnitude larger" if number.adjusted() > 0 else "underflow"
        raise Unacceptable("ValidationException", f"Number {size} than supported range: {value[:64]}")
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > 38:
        raise Unacceptable("ValidationException", "Attempting to store more than 38 significant digits in a Number")


def check_length(value: Any, least: float | None, most: float | None) -> None:
    if most is not None and len(value) > most:
        raise constraint(value, f"have length less than or equal to {most:.0f}")
    if least is not None and len(value) < least:
        raise constraint(value, f"have length greater than or equal to {least:.0f}")


def check_value(value: float, least: float, most: float) -> None:
    if value > most:
        raise constraint(value, f"have value less than or equal to {most:.0f}")
    if value < least:
        raise constraint(value, f"have value greater than or equal to {least:.0f}")


def constraint(value: Any, what: str) -> Unacceptable:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return Unacceptable(
        "ValidationException",
        f"1 validation error detected: Value {shown} at '{{place}}' failed to satisfy constraint: Member must {what}",
    )


def wrong_type(kind: str, value: Any) -> Unacceptable:
    return Unacceptable("SerializationException", f"{_shown(value)!r} is not {kind}")


def at(name: str, error: Unacceptable) -> Unacceptable:
    error.path.append(name)
    return error


def _shown(value: Any) -> str:
    """Return the beginning of a value; of what may be large, its kind."""
    return type(value).__name__ if isinstance(value, list | dict) else str(value)[:64]
