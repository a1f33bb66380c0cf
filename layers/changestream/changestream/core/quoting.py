"""What an error may quote of a record: a readable beginning, without control characters, and never all of it."""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_QUOTE = 60
"""Characters of a record that one quotation shows."""

LARGEST_NUMBER = 10**20

CUT = re.compile(r"… \([\d,]{1,20} characters\)\Z", re.ASCII)
"""End of a text that was cut before."""


def quoted(value: object) -> str:
    """Return a value of a record as an error shows it, whatever its type, size and depth.

    Text is cut, binary is shown as its type and length, and a collection as its number of entries.
    """
    match value:
        case str():
            return f"'{shortened(value, LONGEST_QUOTE)}'"
        case bytes() | bytearray():
            return f"<binary, {len(value):,} bytes>"
        case int() if not isinstance(value, bool) and abs(value) > LARGEST_NUMBER:
            return f"<number, {value.bit_length():,} bits>"
        case None | bool() | int() | float():
            return repr(value)
        case Mapping():
            return _quoted_map(value)
        case list() | tuple():
            return f"<list, {len(value):,} entries>"
        case _:
            return f"<{type(value).__name__}>"


def _quoted_map(value: Mapping[Any, Any]) -> str:
    """Return a map, or what is in it if it is an attribute value of one text, number or binary."""
    descriptor, content = next(iter(value.items())) if len(value) == 1 else (None, None)
    if descriptor == "B" and isinstance(content, str):
        return f"<binary, {len(content) * 3 // 4:,} bytes>"
    if descriptor in ("S", "N") and isinstance(content, str):
        return f"{descriptor} {quoted(content)}"
    return f"<map, {len(value):,} entries>"


def shortened(text: str, most: int) -> str:
    """Return text without control characters, cut to ``most`` characters; a cut text says how long it was.

    A text that was cut before keeps the length that it names.
    """
    if len(text) <= most:
        return printable(text)
    cut = CUT.search(text)
    end, ending = (cut.start(), cut[0]) if cut else (len(text), f"… ({len(text):,} characters)")
    return printable(text[: min(end, most)]) + ending


INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as printable and show nothing: fillers, a joiner, the empty Braille pattern."""


def printable(text: str) -> str:
    r"""Return a text in which every character that does not show is written as Python writes it: ``\x1b``, ``\n``.

    These are control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls, zero-width
    characters, lone surrogates, unassigned characters, and every space but U+0020.
    """
    if text.isprintable() and (text.isascii() or INVISIBLE.isdisjoint(text)):
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() and character not in INVISIBLE:
        return character
    return character.encode("unicode_escape").decode()
