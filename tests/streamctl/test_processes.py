"""The command line in a process of its own: its output, its signals, and what it imports."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from conftest import CREDENTIALS, ROOT
from recovery_world import eventually
from streamctl.exits import Exit

pytestmark = pytest.mark.journey

PATHS = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
COMMAND = [sys.executable, "-P", "-m", "streamctl"]
START = ROOT / "tools" / "streamctl" / "start.sh"
LONG = ("cost", "--changes-per-second", "5")
HEAVY = {"samtranslator", "moto", "costs", "mapping_lint", "local_aws", "streamctl.replaying", "streamctl.explaining"}


def environment(**more: str) -> dict[str, str]:
    return os.environ | CREDENTIALS | {"PYTHONPATH": PATHS} | more


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line in which `streamctl` is the command line."""
    script = f'set -o pipefail; streamctl() {{ {" ".join(COMMAND)} "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment(**more), check=False)


@pytest.mark.parametrize("arguments", ["--help", " ".join(LONG), f"{' '.join(LONG)} --json"])
def test_a_closed_pipe_is_no_failure(arguments: str) -> None:
    ended = shell(f"streamctl {arguments} | true")

    assert (ended.returncode, ended.stderr) == (Exit.FINE, "")


@pytest.mark.parametrize("arguments", ["--help", " ".join(LONG)])
def test_full_output_is_told_in_a_line(arguments: str) -> None:
    ended = shell(f"streamctl {arguments} > /dev/full")

    assert ended.returncode == Exit.OUTPUT
    assert ended.stderr == "streamctl: the output cannot be written: No space left on device\n"


def test_closed_output_is_told_as_json() -> None:
    ended = shell(f"streamctl {' '.join(LONG)} --json >&-")

    assert ended.returncode == Exit.OUTPUT
    assert json.loads(ended.stderr)["error"]["kind"] == "output"


@pytest.mark.parametrize("redirected", ["2> /dev/full", "2>&-"])
def test_an_error_that_cannot_be_told_keeps_its_code(redirected: str) -> None:
    assert shell(f"streamctl status --colour {redirected}").returncode == Exit.USAGE


def test_a_terminal_without_the_characters_gets_their_escapes() -> None:
    ended = shell("streamctl --help; streamctl status --caf\u00e9", PYTHONIOENCODING="ascii", PYTHONUTF8="1")

    assert "Traceback" not in ended.stderr
    assert "--caf\\xe9" in ended.stderr
    assert ended.stdout.isascii()


@contextmanager
def silent() -> Iterator[tuple[str, socket.socket]]:
    """An endpoint that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, Exit.STOPPED), (signal.SIGTERM, Exit.TERMINATED)])
def test_a_command_that_waits_for_an_answer_ends_at_once(sent: signal.Signals, code: Exit) -> None:
    with silent() as (url, server):
        process = started("status", "--endpoint", url)
        connection, _ = server.accept()
        process.send_signal(sent)
        out, err = process.communicate(timeout=5)
        connection.close()

    assert (process.returncode, out, err) == (code, b"", b"")


def test_ctrl_c_while_it_imports_ends_it_without_a_traceback(tmp_path: Path) -> None:
    marker = tmp_path / "imports"
    (tmp_path / "typer").mkdir()
    slow = f"import pathlib, time\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(60)\n"
    (tmp_path / "typer" / "__init__.py").write_text(slow)
    process = started("status", PYTHONPATH=os.pathsep.join([str(tmp_path), PATHS]))

    eventually(marker.exists)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=5)

    assert (process.returncode, out, err) == (Exit.STOPPED, b"", b"")


MOMENTS_MILLISECONDS = range(0, 300, 10)
"""Processor time after which a command gets Ctrl-C: a slow machine does not move these moments."""


@pytest.mark.parametrize("moment", MOMENTS_MILLISECONDS)
def test_ctrl_c_while_it_starts_ends_it_without_a_traceback(moment: int) -> None:
    with silent() as (url, server):
        process = started("status", "--endpoint", url, command=[str(START)])

        await_moment(process, moment, server)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert process.returncode in (Exit.STOPPED, -signal.SIGINT)
    assert (out, err) == (b"", b"")


def await_moment(process: subprocess.Popen[bytes], milliseconds: int, server: socket.socket) -> None:
    """Wait until a process has had so much processor time, or has connected to the server, or has ended."""
    while (
        process.poll() is None
        and processor_milliseconds(process.pid) < milliseconds
        and not select([server], [], [], 0.001)[0]
    ):
        pass


def processor_milliseconds(pid: int) -> float:
    """Return how long the main thread of a process has run (Linux, Documentation/scheduler/sched-stats)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1_000_000


def test_the_start_script_passes_arguments_on_and_returns_the_exit_code() -> None:
    ended = subprocess.run(
        [START, "status", "--colour"], capture_output=True, text=True, env=environment(), check=False
    )

    assert ended.returncode == Exit.USAGE
    assert "--colour" in ended.stderr


def started(*arguments: str, command: Sequence[str] = COMMAND, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**more)
    )


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [(("--help",), {"boto3", "botocore"} | HEAVY), (("status", "--endpoint", "http://127.0.0.1:9"), HEAVY)],
)
def test_a_command_imports_what_it_uses_and_no_more(arguments: tuple[str, ...], unused: set[str]) -> None:
    program = (
        "import atexit, sys\n"
        "from streamctl.__main__ import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "main()\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, env=environment(), check=False
    )

    imported = set(ended.stderr.split())
    assert "streamctl.group" in imported
    assert imported & unused == set()
