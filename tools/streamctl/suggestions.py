"""What there is, for a name that is not: the close matches first."""

from collections.abc import Sequence
from difflib import get_close_matches

from terminal.escaping import escaped

MOST_LISTED = 30
CLOSE = 0.6
"""The least similarity of a close match (``difflib``)."""


def listed(asked: str, known: Sequence[str]) -> str:
    """Return a sentence that lists the known names, those that are like the one asked for first."""
    if not known:
        return "There is none."
    by_plain = {each.lower(): each for each in known}
    close = [by_plain[each] for each in get_close_matches(asked.lower(), by_plain, n=3, cutoff=CLOSE)]
    rest = [each for each in known if each not in close]
    shown = [escaped(each) for each in (*close, *rest)[:MOST_LISTED]]
    more = len(known) - len(shown)
    return f"There are: {', '.join(shown)}{f', and {more} more' if more else ''}."
