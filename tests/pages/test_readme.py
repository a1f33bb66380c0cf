"""Every command that README shows exists, and something runs it."""

import re
import shlex
from typing import Any

import pytest
import typer
import yaml

from conftest import ROOT
from streamctl.group import app

PAGE = (ROOT / "README.md").read_text()
COMMANDS = [
    line.partition(" #")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]

STREAMCTL: Any = typer.main.get_command(app)
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text())
RUN_BY_CI = set(WORKFLOW["jobs"]["checks"]["strategy"]["matrix"]["target"])

RUN_BY_TESTS = {
    "make local": "tests/local_aws/test_main.py",
    "make consumer": "tests/scaffold/test_made.py",
    "sam deploy": "tests/deploy/test_deployed_stack.py",
}
"""Commands that CI does not run in this form, and the tests that run the same program."""


def test_the_readme_shows_commands() -> None:
    assert {"make demo", "make test"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_exists_and_is_run(command: str) -> None:
    program, name, *arguments = shlex.split(command)

    if program.endswith("streamctl"):
        assert STREAMCTL.loaded(name).make_context(name, arguments)
    elif program == "make" and name in RUN_BY_CI:
        assert name in targets()
    else:
        assert program != "make" or name in targets()
        assert (ROOT / RUN_BY_TESTS[f"{program} {name}"]).is_file()


def test_the_readme_names_no_make_target_that_does_not_exist() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", PAGE))

    assert named <= targets()


def test_the_readme_is_short() -> None:
    assert len(PAGE.splitlines()) <= 150


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
