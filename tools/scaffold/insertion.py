"""Additions to files that exist. Everything else in the file stays, byte for byte."""

import re
from collections.abc import Callable

from scaffold.errors import RefusedRequest

TEMPLATE = "template.yaml"
PLACE = re.compile(
    r"^(?P<indent> *)(?P<content>(?!#)\S.*?)?(?P<end>\][\]}]*)?(?P<mark> *# new consumer: (?P<pattern>[a-z-]+))\n",
    re.MULTILINE,
)
"""A comment in the template that says where a part of a new consumer belongs, and which pattern it has.

Alone on its line, it has the part above it. Behind a list in square brackets, it has one more element in the last list.
Behind anything else, it has the part on the next line.
"""

BLOCK = "block"
"""The pattern of everything that only the new consumer has: its view, function and role."""


def with_consumer(template: str, rendered: Callable[[str], str]) -> str:
    """Return template.yaml with each part of a consumer at its place.

    ``rendered`` returns the text of a pattern; empty for a part that this consumer does not have.
    """
    if BLOCK not in {place["pattern"] for place in PLACE.finditer(template)}:
        raise RefusedRequest(f"{TEMPLATE} has no line `# new consumer: {BLOCK}`: a consumer's block belongs above it")

    def extended(place: re.Match[str]) -> str:
        part = rendered(place["pattern"])
        if not part:
            return place.group()
        if place["end"]:
            return f"{place['indent']}{place['content']}, {part.strip()}{place['end']}{place['mark']}\n"
        lines = (f"{place['indent']}{line}" if line.strip() else line for line in part.splitlines(keepends=True))
        return place.group() + "".join(lines) if place["content"] else "".join(lines) + place.group()

    return PLACE.sub(extended, template)


def with_guarantee(document: str, row: str) -> str:
    """Return docs/guarantees.md with a row at the end of the table of the application."""
    return _after_last(r"^\|.*\n", document, row, "## The application\n", "docs/guarantees.md")


def with_release_note(document: str, note: str) -> str:
    """Return CHANGELOG.md with a note at the end of the unreleased changes."""
    return _after_last(r"^(- |  ).*\n", document, note, "## Unreleased\n", "CHANGELOG.md")


def _after_last(line: str, document: str, addition: str, heading: str, name: str) -> str:
    """Insert after the last line that matches, in the section with the heading."""
    start = document.find(heading)
    if start < 0:
        raise RefusedRequest(f"{name} has no line `{heading.strip()}`: a new consumer is added below it")
    following = re.compile(r"^## ", re.MULTILINE).search(document, start + len(heading))
    end = following.start() if following else len(document)
    lines = list(re.compile(line, re.MULTILINE).finditer(document, start + len(heading), end))
    place = lines[-1].end() if lines else start + len(heading)
    return document[:place] + addition + document[place:]
