"""`python -m local_aws serve`: the endpoint with a stack, or empty, until it is told to stop."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from isolation.connections import guard_connections
from isolation.environment import REGION, enter_isolation
from local_aws.complaint import complain
from sam_templates.errors import TemplateError

from .announcement import announced
from .disorder import Disorder
from .errors import UsageError

if TYPE_CHECKING:
    from .console import RuntimeConsole

ACCOUNT_ID = "123456789012"
WORKERS = 4
OWN_ADDRESS = "{endpoint}"
"""In the value of a parameter it stands for this endpoint's address, which with port 0 is not known before."""


class StopSignal(BaseException):
    """SIGINT or SIGTERM came."""


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM. Exit code 2 for a wrong request, 1 for a failure, 0 otherwise."""
    options = _parser().parse_args(arguments)
    try:
        return _serve(options)
    except (UsageError, TemplateError) as error:
        complain(f"local_aws: {error}")
        return 2
    except StopSignal:
        return 0
    except Exception as error:  # the boundary: whoever started it gets one line
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = " ".join(str(error).split())
        where = f"{Path(place.filename).name}:{place.lineno}"
        complain(f"local_aws: ended by {type(error).__name__} at {where}: {reason}")
        return 1


def _serve(options: argparse.Namespace) -> int:
    disorder, parameters = _disorder(options), _parameters(options.parameter)
    if not options.no_stack and not options.template.is_file():
        raise UsageError(f"there is no template {options.template}; give one with --template, or --no-stack")
    with _bound(options.port):
        pass
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)
    _isolate(options.region)

    # Imported late: moto and botocore take seconds, which a wrong option need not wait for.
    from .console import RuntimeConsole
    from .runtime import Runtime

    console = RuntimeConsole()
    runtime = Runtime(
        ACCOUNT_ID,
        options.region,
        options.port,
        disorder,
        options.capture_seed,
        options.poll_interval,
        console,
        options.state,
        options.workers,
    )
    with runtime:
        if not options.no_stack:
            values = {name: value.replace(OWN_ADDRESS, runtime.url) for name, value in parameters.items()}
            outputs = runtime.create_stack(options.template, options.stack_name, values)
            console.outputs(options.stack_name, outputs)
            for notice, functions in runtime.functions.notices().items():
                console.say(f"{', '.join(functions)}: {notice}")
        # What there is by now stays for good: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        with ExitStack() as listed:
            if not (options.no_stack or options.unlisted):
                _announce(runtime.url, console, listed)
            console.say(f"ready {runtime.url}")
            signal.pause()
    return 0


def _isolate(region: str) -> None:
    """Keep the developer's settings out of this process, and this process off the network."""
    enter_isolation()
    os.environ |= {"AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    guard_connections()


def _announce(url: str, console: RuntimeConsole, listed: ExitStack) -> None:
    """Let `streamctl --local` find the endpoint, if its file can be written."""
    try:
        listed.enter_context(announced(url))
    except OSError as error:
        console.say(f"streamctl needs --endpoint {url}: {error}")


def _bound(port: int) -> socket.socket:
    """Find out before anything takes long whether the port can be had."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(f"port {port} on 127.0.0.1: {error.strerror}; give another with --port") from error


def _stop(*_: object) -> None:
    """End the run once, however often it is asked for."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise StopSignal


def _disorder(options: argparse.Namespace) -> Disorder:
    try:
        return Disorder(options.capture_repeats, options.capture_reorders)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _parameters(pairs: list[str]) -> dict[str, str]:
    malformed = [pair for pair in pairs if "=" not in pair]
    if malformed:
        raise UsageError(f"--parameter takes NAME=VALUE, not {malformed[0]}")
    return dict(pair.split("=", 1) for pair in pairs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="local_aws", description=__doc__)
    serve = parser.add_subparsers(required=True, metavar="serve").add_parser("serve", help="run the endpoint")
    serve.add_argument("--port", type=int, default=4566, help="port on 127.0.0.1; 0 takes a free one (4566)")
    serve.add_argument("--region", default=REGION, help=f"region of the stack ({REGION}); AWS_REGION has no effect")
    serve.add_argument("--template", type=Path, default=Path("template.yaml"), help="SAM or CloudFormation template")
    serve.add_argument("--no-stack", action="store_true", help="start empty")
    serve.add_argument("--stack-name", default="changestream")
    serve.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"of the template; {OWN_ADDRESS} stands for the endpoint's address",
    )
    serve.add_argument("--capture-repeats", type=float, default=0.0, metavar="PERCENT", help="records repeated")
    serve.add_argument("--capture-reorders", type=float, default=0.0, metavar="PERCENT", help="records held back")
    serve.add_argument("--capture-seed", type=int, default=0, metavar="N", help="of the two above (0)")
    serve.add_argument("--poll-interval", type=float, metavar="SECONDS", help="of mappings; AWS's rates by default")
    serve.add_argument(
        "--workers", type=_count, default=WORKERS, metavar="N", help=f"processes of one function at most ({WORKERS})"
    )
    serve.add_argument("--unlisted", action="store_true", help="streamctl --local does not find it")
    serve.add_argument(
        "--state", type=Path, metavar="FOLDER", help="go on where the endpoint left off that had it last"
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return number


if __name__ == "__main__":
    sys.exit(main())
