"""Endpoints in processes of their own, with a state directory, that a test may kill."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from isolation.children import child
from isolation.environment import IMPORT_PATH, environment
from served_aws import ACCOUNT_ID, REGION

SESSION = boto3.Session("test", "test", region_name=REGION)


class Endpoint:
    """A served endpoint, with clients of it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self._clients: list[Any] = []

    def client(self, service: str) -> Any:
        new: Any = SESSION.client
        client = new(service, endpoint_url=self.url, config=Config(retries={"total_max_attempts": 1}))
        self._clients.append(client)
        return client

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.process.terminate()


@contextmanager
def serving(state: Path) -> Iterator[Endpoint]:
    command = [sys.executable, "-m", "local_aws", "serve", "--no-stack", "--port", "0", "--poll-interval", "0.02"]
    command += ["--state", str(state)]
    with child(command, environment(PYTHONPATH=IMPORT_PATH), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        endpoint = Endpoint(process, ready.split()[1])
        try:
            yield endpoint
        finally:
            endpoint.close()


def create_function(endpoint: Endpoint, name: str, source: str, seen: Path) -> None:
    """Create a function of one module that finds the path `seen` in its environment."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("app.py", source)
    endpoint.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
        Handler="app.lambda_handler",
        Code={"ZipFile": packed.getvalue()},
        Timeout=10,
        Environment={"Variables": {"SEEN": str(seen)}},
    )
