"""docs/streamctl.md says what the command line does."""

import re
from typing import Any

import pytest
import typer

from conftest import ROOT
from streamctl.commands import COMMANDS
from streamctl.exits import Exit
from streamctl.explaining.verdict import Verdict
from streamctl.group import app

PAGE = (ROOT / "docs" / "streamctl.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
GROUP: Any = typer.main.get_command(app)
LOADED: dict[str, Any] = {name: GROUP.loaded(name) for name in COMMANDS}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_section_with_its_example_and_what_it_needs(name: str) -> None:
    (example,) = re.findall(r"Example: \[bold\](.*)\[/\]", LOADED[name].epilog)

    assert f"    {example}\n" in SECTIONS[name]
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_that_is_written_about_a_command_exists(name: str) -> None:
    known = {option for parameter in LOADED[name].params for option in (*parameter.opts, *parameter.secondary_opts)}

    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", SECTIONS[name]))

    assert written <= known


def test_every_exit_code_is_told() -> None:
    told = re.findall(r"^\| (\d+) \| (\w+) \|", PAGE, re.MULTILINE)

    assert told == [(str(int(code)), code.name.lower()) for code in Exit]


def test_every_verdict_is_told() -> None:
    assert re.findall(r"^\| `(\w+)` \|", SECTIONS["explain"], re.MULTILINE) == list(Verdict)
