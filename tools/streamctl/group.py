"""The program with all its commands. It imports a command's module when that command is asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._click import Command, Context
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info

from streamctl.boundary import run_to_exit_code
from streamctl.commands import COMMANDS


class Commands(TyperGroup):
    """Lists every command by its summary, and imports only the one that runs."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            **settings | {"commands": {name: TyperCommand(name, help=COMMANDS[name]) for name in COMMANDS}}
        )
        self._loaded: set[str] = set()

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that the arguments name, imported. Raises ``UsageError`` for an unknown name."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and self.loaded(str(name)), rest

    def loaded(self, name: str) -> Command:
        """Return a command with its options. Imports its module, which registers it."""
        if name not in self._loaded:
            import_module(f"streamctl.commands.{name}")
            (info,) = (each for each in app.registered_commands if each.name == name)
            self.commands[name] = get_command_from_info(
                info, pretty_exceptions_short=False, rich_markup_mode=self.rich_markup_mode
            )
            self._loaded.add(name)
        return self.commands[name]

    def main(self, args: Sequence[str] | None = None, *positional: Any, **options: Any) -> Any:
        """Run the command that the arguments name, and exit with its code, whatever Typer's own mode."""
        arguments = list(sys.argv[1:] if args is None else args)
        main = super().main
        options["standalone_mode"] = False
        sys.exit(run_to_exit_code(lambda: main(arguments, *positional, **options), arguments=arguments))


app = typer.Typer(
    name="streamctl",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def flowing(text: str | None) -> str:
    """Return a docstring with its paragraphs in one line each: the terminal is to break them, not this file."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (text or "").split("\n\n"))


ABOUT = """What a Changestream stack does, what waits in it, and what became of a change.

Every command takes the options that say where the stack is, and --json. What writes is a dry run until --apply is
given. Exit codes: 0 fine, 1 something asks for a person, 2 usage, 3 not there, 4 not permitted, 5 refused for now,
6 this machine's set-up, 7 the output could not be written, 70 a fault of streamctl, 130 stopped.
"""


def _show_version(asked: bool) -> None:
    if asked:
        from streamctl.screen import Screen
        from streamctl.version import version

        shown = f"streamctl {version()}"
        Screen(as_json=False).show({}, lambda: shown)
        raise typer.Exit


VERSION = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and nothing else.")
]


@app.callback(help=flowing(ABOUT))
def streamctl(version: VERSION = False) -> None:
    """Make a group of the commands, of which each takes its options itself."""
