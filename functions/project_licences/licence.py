"""A bicycle licence: the document of the ledger, and another part to replace with yours."""

from collections.abc import Mapping
from dataclasses import dataclass

from changestream.core.change import Image
from changestream.core.errors import PoisonRecord
from changestream.core.quoting import quoted

OPTIONAL = ("name", "email", "street", "town", "county")
"""What a licence may say beside what it must; any other field of a document is no part of the view."""

MOST_DIGITS = 38
"""Of a number (DynamoDB quotas)."""

LONGEST_TEXT_BYTES = 50_000
"""Of a field of a licence: its seven texts and its id fit one item of 400 KB."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as its document holds it; ``texts`` has those of ``OPTIONAL`` that it gives."""

    licence_id: str
    penalty_points: int
    postcode: str
    texts: Mapping[str, str]


def licence_from_image(image: Image) -> Licence:
    """Read a licence. Raises ``PoisonRecord`` naming the field that is missing, which null is too, or mistyped."""
    given = {name: value for name, value in image.items() if "NULL" not in value}
    return Licence(
        licence_id=_text(given, "licenceId"),
        penalty_points=_points(given),
        postcode=_text(given, "postcode"),
        texts={name: _text(given, name) for name in OPTIONAL if name in given},
    )


def _text(image: Image, name: str) -> str:
    if name not in image:
        raise PoisonRecord(f"licence without {name}")
    text = image[name].get("S")
    if not isinstance(text, str):
        raise PoisonRecord(f"licence with {name} of type {next(iter(image[name]))}, not S")
    if len(text.encode()) > LONGEST_TEXT_BYTES:
        raise PoisonRecord(f"licence with {name} of {len(text):,} characters, {quoted(text)}")
    return text


def _points(image: Image) -> int:
    if "penaltyPoints" not in image:
        raise PoisonRecord("licence without penaltyPoints")
    text = image["penaltyPoints"].get("N", "")
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        raise PoisonRecord(f"licence with penaltyPoints {quoted(image['penaltyPoints'])}, not a whole number from 0")
    return int(text)
