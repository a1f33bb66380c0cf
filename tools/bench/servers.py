"""Endpoints under measurement, each a process of its own on loopback, with clients."""

import io
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from isolation.children import child
from isolation.environment import IMPORT_PATH, REGION, environment

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT_ID = "123456789012"
START_SECONDS = 60.0


class NotServing(Exception):
    """The endpoint did not come up; its own words follow."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running endpoint."""

    name: str
    url: str
    pid: int

    def client(self, service: str) -> Any:
        create: Any = boto3.client
        return create(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret: the endpoint takes any
            config=Config(retries={"total_max_attempts": 1}, read_timeout=300),
        )


@contextmanager
def local_endpoint(*options: str) -> Iterator[Server]:
    """This project's endpoint, empty."""
    command = [sys.executable, "-m", "local_aws", "serve", "--no-stack", *options]
    with _running("local_aws", [*command, "--port", "0"], {"PYTHONPATH": IMPORT_PATH}, None) as server:
        yield server


@contextmanager
def ministack(python: Path) -> Iterator[Server]:
    """An emulator that no one here wrote; `python` is an interpreter that has it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_REGION": REGION}
    with _running("ministack", [str(python), "-m", "ministack"], settings, port) as server:
        yield server


def find_ministack() -> Path | None:
    """The interpreter of the environment that `make` keeps for it, if it is there."""
    python = ROOT / ".venv-emulator" / "bin" / "python"
    return python if python.is_file() else None


def archive(source: str) -> bytes:
    """A function's code, as CreateFunction takes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("app.py", source)
    return packed.getvalue()


@contextmanager
def _running(name: str, command: Sequence[str], settings: dict[str, str], port: int | None) -> Iterator[Server]:
    variables = environment(AWS_DEFAULT_REGION=REGION, **settings)
    with tempfile.TemporaryFile("w+") as log, child(command, variables, stdout=log, stderr=log) as process:
        yield Server(name, _url(process, log, port), process.pid)


def _url(process: "subprocess.Popen[str]", log: Any, port: int | None) -> str:
    """Wait until it serves: on the port it was given, or on the one that it names on a line of its own."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        if port is not None and _listens(port):
            return f"http://127.0.0.1:{port}"
        ready = [line for line in _text(log).splitlines() if line.startswith("ready ")]
        if port is None and ready:
            return ready[0].split()[1]
        time.sleep(0.05)
    raise NotServing(_text(log))


def _text(log: Any) -> str:
    log.seek(0)
    return str(log.read())


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
