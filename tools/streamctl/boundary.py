"""Where every command ends: any error becomes one message on standard error, and an exit code of its own."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from typer._click.exceptions import ClickException
from typer.exceptions import Abort

from streamctl.exits import Exit, Trouble
from streamctl.output import abandon_output, flush_output, printable_lines, require_output

PLAIN, RED, RESET = "", "\x1b[31m", "\x1b[0m"
REPORT = "This is a fault of streamctl itself. Report it with the lines above, and with the command."


def run_to_exit_code(run: Callable[[], Any], *, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code. Nothing but this code and text on standard error comes out of it.

    ``run`` returns the exit code of a command that came to its end. Errors are JSON if ``arguments`` have ``--json``.
    """
    as_json = "--json" in arguments
    try:
        require_output()
        _require_text(arguments)
        code = int(run() or Exit.FINE)
        flush_output()
    except KeyboardInterrupt:
        return Exit.STOPPED
    except SystemExit as error:
        return _of_system_exit(error)
    except BrokenPipeError:
        abandon_output()
        return Exit.FINE
    except ClickException as error:
        return _usage(error, as_json=as_json)
    except Abort:
        return Exit.STOPPED
    except Exception as error:
        return _failed(error, as_json=as_json)
    return code


def tell(trouble: Trouble, *, as_json: bool) -> None:
    """Write one message to standard error, if it can be written to."""
    if as_json:
        _write([json.dumps({"error": trouble.document()})])
    else:
        _write([f"streamctl: {trouble.message}"], RED)
        _write(trouble.hint.splitlines())


def _require_text(arguments: Sequence[str]) -> None:
    """Raise ``Trouble`` for an argument that is not UTF-8: it can be neither printed nor sent."""
    for each in arguments:
        try:
            each.encode()
        except UnicodeEncodeError:
            raise Trouble(Exit.USAGE, f"the argument {each!a} is not valid UTF-8") from None


def _of_system_exit(error: SystemExit) -> int:
    """Rich and Typer exit with 1 if the reader of the output is gone, as with ``| head``: that is no failure."""
    if isinstance(error.__context__, BrokenPipeError):
        abandon_output()
        return Exit.FINE
    return int(error.code or 0) if isinstance(error.code, int | None) else Exit.BUG


def _usage(error: ClickException, *, as_json: bool) -> int:
    if as_json:
        tell(Trouble(Exit.USAGE, error.format_message(), "--help lists what there is."), as_json=True)
        return Exit.USAGE
    from typer.rich_utils import rich_format_error

    with suppress(OSError):
        rich_format_error(error)
    return Exit.USAGE


def _failed(error: Exception, *, as_json: bool) -> int:
    """Return the exit code of an error that no command expects where it came from."""
    from streamctl.troubles import trouble_of

    trouble = trouble_of(error, None)
    if trouble is None:
        return _bug(error, as_json=as_json)
    if trouble.code is Exit.OUTPUT:
        abandon_output()
    tell(trouble, as_json=as_json)
    return trouble.code


def _bug(error: Exception, *, as_json: bool) -> int:
    trace = traceback.format_exception(error)
    trouble = Trouble(Exit.BUG, f"{type(error).__name__}: {error}", REPORT)
    if as_json:
        _write([json.dumps({"error": trouble.document() | {"trace": "".join(trace)}})])
    else:
        _write([*"".join(trace).splitlines(), f"streamctl: {trouble.message}", REPORT])
    return Exit.BUG


def _write(lines: Sequence[str], style: str = PLAIN) -> None:
    text = printable_lines(lines)
    coloured = style and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    try:
        print(f"{style}{text}{RESET}" if coloured else text, end="\n" if lines else "", file=sys.stderr, flush=True)
    except OSError:  # nobody can be told, and the exit code says enough
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
