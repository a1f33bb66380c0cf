"""Servers that a test starts for itself, on loopback, and ends by their own id."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from architecture.sources import ROOT
from isolation.children import child
from isolation.environment import REGION as REGION
from isolation.environment import environment as isolated_environment

BUILD = ROOT / ".aws-sam" / "build"
RUNTIME_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
"""An interpreter that has what a Lambda runtime has, boto3 and the runtime client, and nothing of this project."""

SAM = ROOT / ".venv-sam" / "bin" / "sam"
CFN_LINT = ROOT / ".venv-sam" / "bin" / "cfn-lint"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(**variables: str) -> dict[str, str]:
    """The isolated environment with credentials that are good for nothing."""
    credentials = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }
    return isolated_environment() | credentials | variables


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, cwd: Path, env: Mapping[str, str], ready: Callable[[], bool], limit: float
) -> Iterator[None]:
    """Run a server until the block ends; enter the block once it is ready."""
    parts = [str(part) for part in command]
    with (
        log.open("w") as output,
        child(parts, env, cwd=cwd, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        eventually(lambda: process.poll() is not None or ready(), limit, f"{command[0]} to be ready")
        assert process.poll() is None, log.read_text()
        yield


def eventually(condition: Callable[[], bool], limit: float, what: str) -> None:
    """Wait for a condition, ``limit`` seconds at most."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"waited {limit} s for {what}"
        time.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
