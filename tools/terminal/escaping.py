"""Foreign text as it may be printed; without rich, which takes long to import."""

import re

INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
"""Characters that count as printable and show nothing: fillers, a joiner, the empty Braille pattern."""


def escaped(text: str) -> str:
    r"""Return a text in which every character that does not show is written as Python writes it: ``\x1b``, ``\n``.

    These are control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls, zero-width
    characters, lone surrogates, unassigned characters, and every space but U+0020.
    """
    if text.isprintable() and not INVISIBLE.search(text):
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() and not INVISIBLE.match(character):
        return character
    return ascii(character)[1:-1] if not character.isprintable() else f"\\u{ord(character):04x}"
