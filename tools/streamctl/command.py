"""How a command is made.

A module under ``commands`` has a function that takes a ``Control`` and its own parameters, and registers it::

    @command("parked", example="streamctl parked --local")
    def parked(ctl: Control, prefix: Annotated[str, Argument(help="…")] = "") -> Exit: ...

The options that say where the stack is, and ``--json``, are added to all of them; those of place not to one that says
``needs_stack=False``, and has no use for ``ctl.stack``. A command that knows tasks and views says
``of_application=True``: it refuses a stack of recovery/template.yaml. One that writes says ``writes=True``:
it gets ``--apply`` too, and ``ctl.apply`` says whether it was given. Without it nothing *can* be written: the clients
refuse (``streamctl.calls``). The command does what it would do up to the writes, and shows that.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from isolation.environment import without_aws_settings
from streamctl.exits import Exit
from streamctl.group import app, flowing
from streamctl.place import endpoint_of

if TYPE_CHECKING:  # boto3 takes most of the start: `--help` and a usage error do without it
    from streamctl.screen import Screen
    from streamctl.stack import Stack

WHERE = "Where the stack is"
GREATEST_NUMBER = 1_000_000_000
"""Of any numeric option. A larger number, or one that is not finite, is a mistake."""


@dataclass(frozen=True, slots=True)
class Control:
    """What every command works with; ``apply`` is false for what only reads, and for a dry run."""

    stack: Stack
    screen: Screen
    apply: bool = False


STACK = Annotated[
    str, typer.Option("--stack", envvar="STREAMCTL_STACK", metavar="NAME", help="Its name.", rich_help_panel=WHERE)
]
REGION = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="Its region, if not the profile's.", rich_help_panel=WHERE),
]
PROFILE = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="The profile with the credentials.", rich_help_panel=WHERE),
]
LOCAL = Annotated[
    bool, typer.Option("--local", help="The stack of make local, whatever its PORT.", rich_help_panel=WHERE)
]
ENDPOINT = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        envvar="STREAMCTL_ENDPOINT",
        metavar="URL",
        help="The address of a local endpoint.",
        rich_help_panel=WHERE,
    ),
]
JSON = Annotated[bool, typer.Option("--json", help="Write documents for programs: docs/streamctl.md has their shapes.")]
APPLY = Annotated[
    bool, typer.Option("--apply", help="Carry it out. Without it, this is a dry run: nothing is changed.")
]


def command[**P](
    name: str, *, example: str, writes: bool = False, needs_stack: bool = True, of_application: bool = False
) -> Callable[[Callable[..., Exit]], Callable[..., Exit]]:
    """Register a function as a command; ``example`` stands at the end of its help, and a test holds that it parses."""

    def register(function: Callable[..., Exit]) -> Callable[..., Exit]:
        run = _with_options(function, writes=writes, needs_stack=needs_stack, of_application=of_application)
        app.command(name, help=flowing(function.__doc__), epilog=f"Example: [bold]{example}[/]")(run)
        return function

    return register


def _with_options(
    function: Callable[..., Exit], *, writes: bool, needs_stack: bool, of_application: bool
) -> Callable[..., None]:
    @functools.wraps(function)
    def run(
        *,
        stack: str = "",
        region: str | None = None,
        profile: str | None = None,
        local: bool = False,
        endpoint: str | None = None,
        json: bool,
        apply: bool = False,
        **own: Any,
    ) -> None:
        from streamctl.screen import Screen
        from streamctl.stack import Stack, Target

        require_numbers(own)
        target = Target(stack, region, profile, endpoint_of(endpoint, local=local))
        looked_up = Stack(target, may_write=apply, of_application=of_application)
        _run(function, Control(looked_up, Screen(as_json=json), apply), writes, own)

    hints = get_type_hints(function, include_extras=True)
    (_, *own) = inspect.signature(function).parameters.values()
    parameters = [each.replace(annotation=hints[each.name], kind=each.KEYWORD_ONLY) for each in own]
    parameters += [_option("apply", APPLY, False)] if writes else []
    parameters += _place() if needs_stack else []
    parameters += [_option("json", JSON, False)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    del run.__wrapped__
    return run


def _place() -> list[inspect.Parameter]:
    """Return the options that say where the stack is."""
    return [
        _option("stack", STACK, "changestream"),
        _option("region", REGION, None),
        _option("profile", PROFILE, None),
        _option("local", LOCAL, False),
        _option("endpoint", ENDPOINT, None),
    ]


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def require_numbers(values: Mapping[str, Any]) -> None:
    """Raise ``BadParameter`` for a number that is not finite, or greater than any option means."""
    for name, value in values.items():
        if isinstance(value, int | float) and not (isfinite(value) and abs(value) <= GREATEST_NUMBER):
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"{value} is not a number up to {GREATEST_NUMBER:,}", param_hint=option)


def _run(function: Callable[..., Exit], ctl: Control, writes: bool, own: dict[str, Any]) -> None:
    """Run a command to its exit code. An error of its own becomes a message; any other is the caller's."""
    from streamctl.troubles import trouble_of

    local = ctl.stack.target.endpoint is not None
    try:
        with without_aws_settings() if local else nullcontext():
            code = function(ctl, **own)
    except Exception as error:
        trouble = trouble_of(error, ctl.stack.target.endpoint)
        if trouble is None:
            raise
        raise trouble from error
    if writes and not ctl.apply:
        ctl.screen.note("A dry run: nothing was changed. --apply carries it out.")
    raise typer.Exit(code)
