"""Parts of a template as text, with their comments."""

import re
from collections.abc import Iterator

from recovery_template.errors import NotDerivable

Lines = list[str]


def block(lines: Lines, name: str, indent: int) -> Lines:
    """Return the lines of a key at an indentation: its own, and all that is indented further.

    Raises ``NotDerivable`` unless there is exactly one such key.
    """
    begin = re.compile(rf" {{{indent}}}{re.escape(name)}:(?: |$)")
    starts = [number for number, line in enumerate(lines) if begin.match(line)]
    if len(starts) != 1:
        raise NotDerivable(f"template.yaml has {len(starts)} blocks {name}; exactly one is expected")
    own, *rest = lines[starts[0] :]
    return [own, *_without_tail(_inner(rest, indent), indent)]


def _inner(lines: Lines, indent: int) -> Iterator[str]:
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= indent:
            return
        yield line


def _without_tail(lines: Iterator[str], indent: int) -> Lines:
    """Leave out what stands before the next block: empty lines, and comments that are not indented further."""
    found = list(lines)
    while found and (not found[-1].strip() or len(found[-1]) - len(found[-1].lstrip()) <= indent):
        found.pop()
    return found


def repeated(lines: Lines, loop: str, value: str) -> Lines:
    """Return what a loop of the template makes for one value, written as if there were no loop."""
    head, variable, _, *fragment = block(lines, f"Fn::ForEach::{loop}", 2)
    name = variable.strip().removeprefix("- ")
    if "${" + name + "}" not in fragment[0]:
        raise NotDerivable(f"the loop {head.strip()} is not of the form: variable, values, resources")
    fragment[0] = fragment[0].replace("    - ", "      ", 1)
    found: Lines = []
    for line in fragment:
        if line.strip() == f"Condition: !Ref {name}":  # every stack has it
            continue
        if found and line.startswith("      ${"):
            found.append("")
        found.append(_for_value(line.removeprefix("    "), name, value))
    return found


def _for_value(line: str, variable: str, value: str) -> str:
    """Write plainly what a loop has to write with ``Fn::Sub``, because it repeats it."""
    of = re.escape("${" + variable + "}")
    line = re.sub(rf'\{{Ref: \{{Fn::Sub: "{of}(\w*)"\}}\}}', rf"!Ref {value}\1", line)
    line = re.sub(rf'!GetAtt \[!Sub "{of}(\w*)", (\w+)\]', rf"!GetAtt {value}\1.\2", line)
    line = re.sub(r'!Sub \["\$\{Arn\}/\*", \{Arn: !GetAtt ([\w.]+)\}\]', r'!Sub "${\1}/*"', line)
    return line.replace("${" + variable + "}", value)


def widget(lines: Lines, title: str, x: int, y: int) -> Lines:
    """Return a graph of the dashboard by its title, at another place."""
    starts = [number for number, line in enumerate(lines) if f'${{Graph}} "{title}"' in line]
    if len(starts) != 1:
        raise NotDerivable(f'template.yaml has {len(starts)} graphs "{title}"; exactly one is expected')
    own, *rest = lines[starts[0] :]
    ends = next(number for number, line in enumerate([own, *rest]) if line.rstrip().rstrip(",").endswith("]}}"))
    found = [re.sub(r'"x": \d+, "y": \d+', f'"x": {x}, "y": {y}', own), *rest[:ends]]
    return [*found[:-1], found[-1].rstrip().rstrip(",")]
