"""Filling in the declaration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery_template import blocks
from recovery_template.blocks import Lines
from recovery_template.changes import with_condition, with_keys, with_lines, with_texts

DECLARATION = "template.yaml.jinja"


def derived(template: str) -> str:
    """Return recovery/template.yaml for a template.yaml. Raises ``NotDerivable`` where the declaration does not fit."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - the file is YAML, not HTML
    )
    environment.filters["combine"] = lambda first, second: {**first, **second}
    parts = Parts(template.split("\n"))
    return environment.get_template(DECLARATION).render(
        top=parts.top,
        parameter=parts.parameter,
        condition=parts.condition,
        resource=parts.resource,
        repeated=parts.repeated,
        widget=parts.widget,
        output=parts.output,
    )


class Parts:
    """Parts of template.yaml, with what differs: ``keys`` by key, ``texts`` wherever they stand."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def top(self, name: str, keys: Mapping[str, str | None] = {}, texts: Mapping[str, str] = {}) -> str:
        """Return a section, such as ``Globals``."""
        return _changed(blocks.block(self._lines, name, 0), name, keys, texts)

    def parameter(self, name: str, keys: Mapping[str, str | None] = {}, texts: Mapping[str, str] = {}) -> str:
        return _changed(self._inside("Parameters", name), name, keys, texts)

    def condition(self, name: str) -> str:
        return "\n".join(self._inside("Conditions", name))

    def output(self, name: str, texts: Mapping[str, str] = {}) -> str:
        return _changed(self._inside("Outputs", name), name, {}, texts)

    def resource(
        self,
        name: str,
        condition: str | None = None,
        keys: Mapping[str, str | None] = {},
        texts: Mapping[str, str] = {},
        added: Mapping[str, Sequence[str]] = {},
    ) -> str:
        """Return a resource, with a condition if it has to have one; ``added`` are lines after the line of a key."""
        lines = with_condition(self._inside("Resources", name), condition)
        return _changed(with_lines(with_keys(lines, keys, name), added, name), name, {}, texts)

    def repeated(self, loop: str, value: str, texts: Mapping[str, str] = {}) -> str:
        """Return what a loop makes for one value."""
        lines = blocks.block(self._lines, "Resources", 0)
        return _changed(blocks.repeated(lines, loop, value), loop, {}, texts)

    def widget(self, title: str, x: int, y: int) -> str:
        """Return a graph of the dashboard at a place."""
        return "\n".join(blocks.widget(self._lines, title, x, y))

    def _inside(self, section: str, name: str) -> Lines:
        return blocks.block(blocks.block(self._lines, section, 0), name, 2)


def _changed(lines: Lines, name: str, keys: Mapping[str, str | None], texts: Mapping[str, str]) -> str:
    return "\n".join(with_texts(with_keys(lines, keys, name), texts, name))
