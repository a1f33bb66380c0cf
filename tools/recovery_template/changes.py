"""What differs between a part of template.yaml and the same part of recovery/template.yaml."""

import re
from collections.abc import Mapping

from recovery_template.blocks import Lines, block
from recovery_template.errors import NotDerivable


def with_keys(lines: Lines, keys: Mapping[str, str | None], name: str) -> Lines:
    """Replace what stands under some keys, each of which occurs once; ``None`` removes the key.

    The value may have several lines, which are indented as deep as the key.
    """
    for key, value in keys.items():
        found = [number for number, line in enumerate(lines) if re.match(rf" *{re.escape(key)}:(?: |$)", line)]
        if len(found) != 1:
            raise NotDerivable(f"{name} has {len(found)} keys {key}; exactly one is expected")
        indent = len(lines[found[0]]) - len(lines[found[0]].lstrip())
        former = block(lines[found[0] :], key, indent)
        new = [] if value is None else [f"{' ' * indent}{line}" for line in f"{key}: {value}".split("\n")]
        lines = [*lines[: found[0]], *new, *lines[found[0] + len(former) :]]
    return lines


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
