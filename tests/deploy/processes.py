"""Servers that a test starts for itself, on loopback, and ends by their own id."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from architecture.sources import ROOT

BUILD = ROOT / ".aws-sam" / "build"
RUNTIME_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
"""An interpreter that has what a Lambda runtime has, boto3 and the runtime client, and nothing of this project."""

SAM = ROOT / ".venv-sam" / "bin" / "sam"
CFN_LINT = ROOT / ".venv-sam" / "bin" / "cfn-lint"
REGION = "eu-west-1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(**variables: str) -> dict[str, str]:
    """This process' environment without whatever points at an account of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
    isolation = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAM_CLI_TELEMETRY": "0",
    }
    return inherited | isolation | variables


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, cwd: Path, env: Mapping[str, str], ready: Callable[[], bool], limit: float
) -> Iterator[None]:
    """Run a server until the block ends; enter the block once it is ready."""
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: process.poll() is not None or ready(), limit, f"{command[0]} to be ready")
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def eventually(condition: Callable[[], bool], limit: float, what: str) -> None:
    """Wait for a condition, ``limit`` seconds at most."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"waited {limit} s for {what}"
        time.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
