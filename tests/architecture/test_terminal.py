"""What goes to a terminal goes through ``terminal``: nothing else makes text, tables or consoles of rich."""

import ast
from collections.abc import Iterator

import pytest

from architecture.sources import Module, modules

FOLDERS = ("tools/streamctl", "tools/costs", "tools/demo", "tools/local_aws")

HARMLESS = {
    "rich.console": {"Group", "RenderableType"},
    "rich.live": {"Live"},
    "rich.progress": {"BarColumn", "MofNCompleteColumn", "Progress", "TimeElapsedColumn", "TimeRemainingColumn"},
}
"""Of rich: what takes no text, or takes renderables that are made elsewhere."""

PRINTING = {"streamctl.screen", "streamctl.boundary", "streamctl.output", "streamctl.__main__", "local_aws.console"}
"""The modules that write: screens and documents, errors (escaped), the set-up of both streams, and log lines."""


def rich_names(module: Module) -> Iterator[str]:
    """Everything of rich that a module imports, as ``rich.table.Table``."""
    for node in module.statements():
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.partition(".")[0] == "rich")
            case ast.ImportFrom(module=str(source), names=names) if source.partition(".")[0] == "rich":
                yield from (f"{source}.{alias.name}" for alias in names)


def writes(module: Module) -> Iterator[str]:
    """The calls by which a module writes to standard output or error itself."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield "print"
            case ast.Call(func=ast.Attribute(attr="echo" | "secho")):
                yield "echo"
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "__stdout__" | "__stderr__"):
                yield "sys"


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_the_terminal_package_makes_text_tables_and_consoles(folder: str) -> None:
    strangers = [
        f"{module.name} imports {name}"
        for module in modules(folder)
        for name in rich_names(module)
        if name.rpartition(".")[2] not in HARMLESS.get(name.rpartition(".")[0], ())
    ]

    assert strangers == []


def test_no_command_writes_past_the_screen() -> None:
    writing = {
        f"{module.name} {call}"
        for module in modules("tools/streamctl")
        if module.name not in PRINTING
        for call in writes(module)
    }

    assert writing <= {"streamctl.replaying.running sys"}  # asks whether standard error is a terminal
    assert any(writes(module) for module in modules("tools/streamctl"))
