"""What docs/deploying.md says of parameters and settings is what template.yaml says."""

import re

from template.template import MAPPING, ROOT, Template

PAGE = (ROOT / "docs" / "deploying.md").read_text()
TEMPLATE = Template.load()
CELLS = re.compile(r"^\| (`.*?) \|$", re.MULTILINE)


def rows() -> dict[str, list[str]]:
    """The rows of the page's tables that begin with a name in backticks, by what they begin with."""
    found = {}
    for line in CELLS.findall(PAGE):
        first, *others = (cell.strip() for cell in line.split("|"))
        found[first] = others
    return found


def columns() -> list[list[str]]:
    """The functions that each column of the table of settings is for."""
    (heading,) = re.findall(r"^\| setting of the mappings \| (.*) \| why \|$", PAGE, re.MULTILINE)
    return [[logical_id(name.strip()) for name in column.split(",")] for column in heading.split("|")]


def logical_id(name: str) -> str:
    return "".join(word.title() for word in name.split("_")) + "Function"


def settings_of(function: str) -> dict[str, object]:
    (mapping,) = (
        properties
        for _, properties in TEMPLATE.properties(MAPPING)
        if TEMPLATE.function(properties["FunctionName"]) == function and "StartingPosition" in properties
    )
    return mapping


def test_every_parameter_is_in_the_table_with_its_default() -> None:
    parameters = TEMPLATE.written["Parameters"]

    said = {name: rows().get(f"`{name}`", ["missing"])[0] for name in parameters}

    assert said == {name: str(parameter["Default"]) for name, parameter in parameters.items()}


def test_every_setting_in_the_table_is_the_templates() -> None:
    settings = {names: cells[:-1] for names, cells in rows().items() if len(cells) == len(columns()) + 1}

    found = {
        names: [{values(names, settings_of(function)) for function in functions} for functions in columns()]
        for names in settings
    }

    assert len(settings) >= 4
    assert {names: [{cell.replace(" s", "")} for cell in cells] for names, cells in settings.items()} == found


def values(names: str, mapping: dict[str, object]) -> str:
    return ", ".join(str(mapping[name]) for name in re.findall(r"`(\w+)`", names))
