"""What docs/deploying.md says of parameters and settings is what template.yaml says."""

import re
import tomllib
from typing import Any

from template.application import ROOT, application

PAGE = (ROOT / "docs" / "deploying.md").read_text()
TEMPLATE = application()
CELLS = re.compile(r"^\| (`.*?) \|$", re.MULTILINE)


def rows(section: str) -> dict[str, list[str]]:
    """The rows of a section's table that begin with a name in backticks, by what they begin with."""
    (text,) = (part for part in PAGE.split("\n## ") if part.startswith(f"{section}\n"))
    found = {}
    for line in CELLS.findall(text):
        first, *others = (cell.strip() for cell in line.split("|"))
        found[first] = others
    return found


def retained() -> set[str]:
    """The resources that stay when the stack goes."""
    resources = TEMPLATE.written["Resources"].items()
    return {name for name, each in resources if each.get("DeletionPolicy") == "RetainExceptOnCreate"}


def columns() -> list[list[str]]:
    """The functions that each column of the table of settings is for."""
    (heading,) = re.findall(r"^\| setting of the mappings \| (.*) \| why \|$", PAGE, re.MULTILINE)
    return [[logical_id(name.strip()) for name in column.split(",")] for column in heading.split("|")]


def logical_id(name: str) -> str:
    return "".join(word.title() for word in name.split("_")) + "Function"


def settings_of(function: str) -> dict[str, object]:
    (settings,) = (mapping.properties for mapping in TEMPLATE.stream_mappings() if mapping.function == function)
    return settings


def test_every_parameter_is_in_the_table_with_its_default() -> None:
    parameters = TEMPLATE.written["Parameters"]

    said = {name: rows("Parameters").get(f"`{name}`", ["missing"])[0] for name in parameters}

    assert said == {name: str(parameter["Default"]) for name, parameter in parameters.items()}


def test_every_setting_in_the_table_is_the_templates() -> None:
    settings = {names: cells[:-1] for names, cells in rows("Settings of the mappings").items()}

    found = {
        names: [{values(names, settings_of(function)) for function in functions} for functions in columns()]
        for names in settings
    }

    assert len(settings) >= 4
    assert {names: [{cell.replace(" s", "")} for cell in cells] for names, cells in settings.items()} == found


def values(names: str, mapping: dict[str, object]) -> str:
    return ", ".join(str(mapping[name]) for name in re.findall(r"`(\w+)`", names))


def test_what_stays_when_the_stack_goes_is_in_the_table_and_is_explained() -> None:
    stays = retained()

    told = rows("Remove it")

    assert told.keys() == {f"`{name}`" for name in stays}
    assert all(cells[0] for cells in told.values())


ENVIRONMENTS = ("dev", "staging", "prod")
SAMCONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text())


def deployment(environment: str) -> dict[str, Any]:
    """What `sam deploy` is told in an environment, the parameters of the template among it."""
    settings = dict(SAMCONFIG[environment]["deploy"]["parameters"])
    overrides = settings.pop("parameter_overrides", "").split()
    return settings | dict(override.split("=", 1) for override in overrides)


def said_of(setting: str) -> list[str]:
    """What a setting is in each environment: as it says, or by default."""
    parameters = TEMPLATE.written["Parameters"]
    default = parameters[setting]["Default"] if setting in parameters else False
    return [str(deployment(environment).get(setting, default)) for environment in ENVIRONMENTS]


def test_what_differs_between_environments_is_in_the_table_and_is_explained() -> None:
    settings = {setting for environment in ENVIRONMENTS for setting in deployment(environment)} - {"tags"}

    different = {f"`{setting}`": said_of(setting) for setting in settings if len(set(said_of(setting))) > 1}

    table = rows("Environments")
    assert {setting: [cell.replace("false", "False").replace("true", "True") for cell in cells[:-1]]
            for setting, cells in table.items()} == different  # fmt: skip
    assert all(cells[-1] for cells in table.values())


def test_every_environment_sets_parameters_that_exist_to_values_that_they_take() -> None:
    parameters = TEMPLATE.written["Parameters"]

    for environment in ENVIRONMENTS:
        overrides = SAMCONFIG[environment]["deploy"]["parameters"].get("parameter_overrides", "").split()
        for name, value in (override.split("=", 1) for override in overrides):
            slot = parameters[name]
            assert value in map(str, slot.get("AllowedValues", [value])), f"{environment}: {name}"
            if "MinValue" in slot:
                assert slot["MinValue"] <= int(value) <= slot["MaxValue"], f"{environment}: {name}"
