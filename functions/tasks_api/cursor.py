"""Where a page ended, as text that means nothing to a client and is checked when it comes back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from problems import WrongField, invalid

DIGEST_LENGTH = 8
LONGEST = 2048


def to_cursor(of: str, last: str) -> str:
    """Return the cursor behind the row with the sort key ``last``; ``of`` names what is being listed."""
    return urlsafe_b64encode(f"{_digest(of)}{last}".encode()).decode().rstrip("=")


def from_cursor(of: str, cursor: str) -> str:
    """Return the sort key of the last row seen. Raises ``Problem`` for a cursor that was not made for ``of``."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    last = text[DIGEST_LENGTH:]
    if not last or to_cursor(of, last) != cursor:
        raise invalid(WrongField("query", "cursor", "was not given out for this listing"))
    return last


def _digest(of: str) -> str:
    return sha256(of.encode()).hexdigest()[:DIGEST_LENGTH]
