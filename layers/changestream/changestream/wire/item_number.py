"""Numbers of DynamoDB: text of up to 38 significant digits, within its range."""

import re
from decimal import Decimal

from changestream.core.quoting import quoted

MOST_DIGITS = 38
LEAST_MAGNITUDE, MOST_MAGNITUDE = -130, 125
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
LONGEST_NUMBER = 400
"""Characters of a number: twice what the smallest and the longest number take written out."""


class RefusedNumber(ValueError):
    """The value is not one that DynamoDB takes; says why."""


def number(text: str) -> Decimal:
    """Return a number that DynamoDB takes. Raises ``RefusedNumber`` for any other text.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    if len(text) <= MOST_DIGITS and text.isascii() and text.isdigit():
        return Decimal(text)
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        raise RefusedNumber(f"is {quoted(text)}, not a number")
    value = Decimal(text)
    digits = value.as_tuple().digits
    significant = "".join(map(str, digits)).strip("0")
    if len(significant) > MOST_DIGITS:
        raise RefusedNumber(f"has {len(significant)} significant digits; a number has up to {MOST_DIGITS}")
    if significant and not LEAST_MAGNITUDE <= value.adjusted() <= MOST_MAGNITUDE:
        raise RefusedNumber(f"is {quoted(text)}, beyond 1E{LEAST_MAGNITUDE} to 9.9E+{MOST_MAGNITUDE}")
    return value
