"""What differs between a part of template.yaml and the same part of recovery/template.yaml."""

import re
from collections.abc import Mapping, Sequence

from recovery_template.blocks import Lines, block
from recovery_template.errors import NotDerivable


def with_keys(lines: Lines, keys: Mapping[str, str | None], name: str) -> Lines:
    """Replace what stands under some keys, each of which occurs once; ``None`` removes the key.

    The value may have several lines, which are indented as deep as the key.
    """
    for key, value in keys.items():
        place = _place(lines, key, name)
        indent = _indent(lines[place])
        former = block(lines[place:], key, indent)
        new = [] if value is None else [f"{' ' * indent}{line}" for line in f"{key}: {value}".split("\n")]
        lines = [*lines[:place], *new, *lines[place + len(former) :]]
    return lines


def with_lines(lines: Lines, added: Mapping[str, Sequence[str]], name: str) -> Lines:
    """Add lines after the line of a key, indented as it is."""
    for key, new in added.items():
        after = _place(lines, key, name) + 1
        indent = " " * _indent(lines[after - 1])
        lines = [*lines[:after], *(f"{indent}{line}" for line in new), *lines[after:]]
    return lines


def _place(lines: Lines, key: str, name: str) -> int:
    found = [number for number, line in enumerate(lines) if re.match(rf" *{re.escape(key)}:(?: |$)", line)]
    if len(found) != 1:
        raise NotDerivable(f"{name} has {len(found)} keys {key}; exactly one is expected")
    return found[0]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def with_texts(lines: Lines, texts: Mapping[str, str], name: str) -> Lines:
    """Replace pieces of text, each of which must occur."""
    text = "\n".join(lines)
    for former, new in texts.items():
        if former not in text:
            raise NotDerivable(f"{name} has no {former}")
        text = text.replace(former, new)
    return text.split("\n")


def with_condition(lines: Lines, condition: str | None) -> Lines:
    """Add the condition of a resource, after its type."""
    if condition is None:
        return lines
    place = next(number for number, line in enumerate(lines) if line.startswith("    Type: ")) + 1
    return [*lines[:place], f"    Condition: {condition}", *lines[place:]]
