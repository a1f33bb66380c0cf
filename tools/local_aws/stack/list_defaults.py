"""Defaults of parameters that hold lists. moto makes a list of a given value only, and leaves a default as text."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.parsing import ResourceMap

_LISTS = ("CommaDelimitedList", "List<")


_load = ResourceMap.load_parameters


def install_list_defaults() -> None:
    """Have moto's CloudFormation split the defaults too."""
    ResourceMap.load_parameters = _load_parameters  # type: ignore[assignment, method-assign]


def _load_parameters(resources: ResourceMap) -> None:
    _load(resources)
    values = resources.resolved_parameters
    for name, declared in (resources._template.get("Parameters") or {}).items():
        if declared["Type"].startswith(_LISTS) and isinstance(values[name], str):
            values[name] = _split(values[name], declared["Type"])
    resources._parsed_resources.update(values)


def _split(text: str, kind: str) -> list[Any]:
    entries = [entry.strip() for entry in text.split(",")]
    return [float(entry) if "." in entry else int(entry) for entry in entries] if kind == "List<Number>" else entries
