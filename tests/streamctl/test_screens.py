"""Every screen: foreign text does nothing to the terminal, and identifiers stay whole at any width."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from streamctl.screen import Screen
from terminal.console import Console
from terminal.escaping import escaped

from .recorded_screens import Shown, shown
from .world import Deployed, Said

HOSTILE = "[/etc/hosts][field]\x1b[2J\x9b1m\r\n\u202e\u2028\u200b"
SHOWN = escaped(HOSTILE)
MESSAGE = "[field]\x9b2J\u202e\u2028 please"
"""What XML can hold: an error of CloudFormation comes in it."""

COMMANDS = (
    "status", "shards", "tail", "tail of a capture", "failures", "parked list", "parked show", "redrive", "discard",
    "pause", "resume", "requeue", "replay", "explain", "explain by number", "smoke", "lint", "cost",
)  # fmt: skip

QUOTING = set(COMMANDS) - {
    "status", "shards", "discard", "pause", "resume", "requeue", "smoke", "lint", "cost",
}  # fmt: skip
"""The commands whose screens show something of a record."""


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMCTL_STATE", str(tmp_path))


@pytest.fixture(scope="module")
def hostile(_stack: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with shown(_stack, tmp_path_factory.mktemp("template"), HOSTILE) as made:
        yield made


@pytest.fixture(scope="module")
def plain(_stack: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with shown(_stack, tmp_path_factory.mktemp("template")) as made:
        yield made


def test_every_command_is_tried(hostile: Shown) -> None:
    modules = {path.stem for path in (ROOT / "tools/streamctl/commands").glob("[a-z]*.py")}

    assert tuple(hostile.commands()) == COMMANDS
    assert {arguments[0] for arguments, _ in hostile.commands().values()} == modules - {"backfill"}  # replay's screen


@pytest.mark.parametrize("name", COMMANDS)
def test_text_of_others_is_shown_and_does_nothing(hostile: Shown, deployed: Deployed, name: str) -> None:
    arguments, identifiers = hostile.commands()[name]

    said = hostile.run(arguments)
    document = hostile.run(arguments, "--json")

    assert acts_on_nothing(said), said
    assert acts_on_nothing(document), document
    assert (SHOWN in said.out) == (name in QUOTING)
    assert all(escaped(each) in said.out for each in identifiers)
    assert all(json.loads(line) for line in (document.out.splitlines() if "tail" in name else [document.out]))


@pytest.mark.parametrize("name", COMMANDS)
def test_identifiers_are_whole_at_any_width(
    plain: Shown, deployed: Deployed, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, identifiers = plain.commands()[name]
    kept = rendered(monkeypatch)

    said = plain.run(arguments)

    assert all(each in said.out for each in identifiers)
    for width in (60, 80, 100):
        out = printed(kept, width)
        assert all(each in out for each in identifiers), out
        assert [line for line in out.splitlines() if len(line) > width and len(line.split()) > 1] == []


def test_a_reason_is_on_one_line_of_a_pipe_and_on_several_of_a_narrow_terminal(
    plain: Shown, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "task with status 'open', not one of open, in_progress, done"
    kept = rendered(monkeypatch)

    said = plain.run(plain.commands()["parked list"][0])
    narrow = printed(kept, 40)

    assert f"  {reason}" in said.out.splitlines()
    assert reason not in narrow
    assert reason in " ".join(narrow.split())


@pytest.mark.parametrize("name", ["status", "tail"])
def test_what_aws_says_of_a_failure_does_nothing_either(
    plain: Shown, deployed: Deployed, refuse: Callable[..., None], name: str
) -> None:
    refuse(service="cloudformation", operation="DescribeStacks", error="Throttling", message=f"Wait {MESSAGE}")
    arguments, _ = plain.commands()[name]

    said = plain.run(arguments)
    error = json.loads(plain.run(arguments, "--json").err)["error"]

    assert f"Wait {escaped(MESSAGE)}" in said.err
    assert acts_on_nothing(said)
    assert MESSAGE in error["message"]


def acts_on_nothing(said: Said) -> bool:
    return all(each.isprintable() or each == "\n" for each in said.out + said.err)


def rendered(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the screen is given to print, from now on."""
    kept: list[Any] = []

    def keeping(method: Callable[..., None]) -> Callable[..., None]:
        def keep(self: Screen, document: Any, made: Callable[[], Any]) -> None:
            kept.append(made())
            method(self, document, made)

        return keep

    monkeypatch.setattr(Screen, "show", keeping(Screen.show))
    monkeypatch.setattr(Screen, "line", keeping(Screen.line))
    return kept


def printed(kept: list[Any], width: int) -> str:
    file = io.StringIO()
    for each in kept:
        Console(file=file, width=width).print(each, crop=False)
    return file.getvalue()
