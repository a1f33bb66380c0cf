"""The functions that records may go back to."""

import re
from dataclasses import dataclass
from functools import cache

UNQUALIFIED_PARTS = 7
"""Parts of a function's ARN between colons; a version or an alias is the eighth."""

RECORDS = 100
"""Of one delivery, where nobody says how many: the default batch size of a mapping."""

DELIVERY_SECONDS = 15
"""What an invocation may take beside the time-out of its function, a cold start most of all."""


@dataclass(frozen=True, slots=True)
class Consumers:
    """The functions that records may go back to, and what one delivery to any of them may take.

    ``patterns`` are ARNs as in the ``Resource`` of an IAM policy, with ``*`` and ``?``. An ARN without a version or an
    alias stands for all of them. ``time_out_seconds`` is the longest time-out among the functions, ``records`` the most
    records that one of them gets at once, unless its mapping gave it more.
    """

    patterns: tuple[str, ...]
    time_out_seconds: int
    records: int = RECORDS

    @property
    def seconds(self) -> int:
        """The seconds that have to be left before a delivery begins."""
        return self.time_out_seconds + DELIVERY_SECONDS

    def permit(self, arn: str) -> bool:
        """Tell whether the function is one of them, under its version or alias."""
        permitted = _expression(self.patterns)
        unqualified = ":".join(arn.split(":")[:UNQUALIFIED_PARTS])
        return bool(permitted.fullmatch(arn) or permitted.fullmatch(unqualified))


@cache
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_of_pattern, patterns)), re.ASCII | re.DOTALL)


def _of_pattern(pattern: str) -> str:
    """Return the regular expression of a pattern; its wildcards match within one of the first five parts of an ARN."""
    *parts, resource = pattern.split(":", 5)
    return ":".join([*(_wildcards(part, "[^:]") for part in parts), _wildcards(resource, ".")])


def _wildcards(text: str, one: str) -> str:
    return "".join({"*": f"{one}*", "?": one}.get(character, re.escape(character)) for character in text)
