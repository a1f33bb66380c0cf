"""The local runtime as the demo uses it: a process of its own, its control routes, and clients."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import urllib3
from botocore.config import Config

from consumers.reading import Consumer, every_consumer
from isolation.children import child
from isolation.environment import IMPORT_PATH, REGION, environment
from sam_templates.document import read
from sam_templates.language_extensions import expanded

ROOT = Path(__file__).resolve().parents[2]

WINDOW_SECONDS = 2
"""Of measures: so short that many windows end while the demo runs, and repeats come across their ends."""


PARAMETERS = {
    "SearchEndpoint": "{endpoint}/_opensearch",
    "SearchDomainName": "local",
    "SearchFanOut": "enhanced",
    "MeasureWindowSeconds": str(WINDOW_SECONDS),
}

TEMPLATE = ROOT / "template.yaml"


class RuntimeFailed(Exception):
    """The local runtime did not come up, or refused a call of its control routes; its log says why."""


class ServedStack:
    """A stack on this machine."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = urllib3.PoolManager(timeout=30)
        self._clients: dict[str, Any] = {}

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        outputs: dict[str, str] = self.status()["outputs"]
        return outputs

    @cached_property
    def resources(self) -> dict[str, str]:
        """The physical ids of the stack's resources by logical id."""
        client = self.client("cloudformation")
        (stack,) = client.describe_stacks()["Stacks"]
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack["StackName"])
        listed = [each for page in pages for each in page["StackResourceSummaries"]]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}

    @cached_property
    def consumers(self) -> list[Consumer]:
        """The consumers of the template, in its order; their views by logical id."""
        return consumers_played(TEMPLATE, self.outputs["SearchEndpoint"])

    def client(self, service: str) -> Any:
        """Return the boto3 client of the runtime: it takes a while to make one."""
        if service not in self._clients:
            create: Any = boto3.client
            self._clients[service] = create(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="local",
                aws_secret_access_key="local",  # noqa: S106 - the runtime asks for a signature and checks none
                config=Config(max_pool_connections=32, read_timeout=90, retries={"mode": "standard"}),
            )
        return self._clients[service]

    def status(self) -> dict[str, Any]:
        """Return what runs, and whether all of it is at rest."""
        return self._ask("GET", "status")

    def journal(self, after: int) -> list[dict[str, Any]]:
        """Return the next entries of what happened."""
        entries: list[dict[str, Any]] = self._ask("GET", f"journal?after={after}&limit=5000")["entries"]
        return entries

    def calls(self) -> list[dict[str, Any]]:
        """Return what functions asked of AWS: function, action, resource, and how many times."""
        calls: list[dict[str, Any]] = self._ask("GET", "calls")["calls"]
        return calls

    def refuse(self, **refusal: Any) -> None:
        """Have calls refused for a while."""
        self._ask("POST", "refusals", refusal)

    def _ask(self, method: str, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, f"{self.url}/_local/{route}", json=body)
        if answer.status != 200:
            raise RuntimeFailed(f"{method} {route}: {answer.status} {answer.data.decode()}")
        document: dict[str, Any] = answer.json()
        return document


def consumers_played(template: Path, search_endpoint: str) -> list[Consumer]:
    """Return the consumers of a template. Raise ``TemplateError`` that names one that the demo would leave out."""
    parameters = {**PARAMETERS, "SearchEndpoint": search_endpoint}
    return every_consumer(expanded(read(template), parameters), parameters, "PARAMETERS in tools/demo/runtime.py")


@contextmanager
def runtime(seed: int, log: Path) -> Iterator[ServedStack]:
    """Bring the stack of template.yaml up, with repeats and reordering in the capture, and take it down again."""
    command = [sys.executable, "-m", "local_aws", "serve", "--port", "0", "--unlisted", "--template"]
    command.append(str(TEMPLATE))
    command += ["--capture-repeats", "5", "--capture-reorders", "5", "--capture-seed", str(seed)]
    command += ["--poll-interval", "0.05", "--workers", "2"]  # two cores are kept busy by as many
    for name, value in PARAMETERS.items():
        command += ["--parameter", f"{name}={value}"]
    variables = environment(PYTHONPATH=IMPORT_PATH)
    with (
        log.open("a", buffering=1) as errors,
        child(command, variables, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        yield ServedStack(_ready(process, log))


def _ready(process: "subprocess.Popen[str]", log: Path) -> str:
    """Wait for the line that says where the runtime serves; what it prints goes to the log."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe by construction
    for line in process.stdout:
        if line.startswith("ready "):
            Thread(target=copy_lines, args=[process.stdout, log], name="log", daemon=True).start()
            return line.split()[1]
        with log.open("a") as copied:
            copied.write(line)
    raise RuntimeFailed("the local runtime ended before it was up")


def copy_lines(lines: Iterable[str], log: Path) -> None:
    """Append lines to a log until they end. The log is its own: whoever else writes to it may close theirs before."""
    with log.open("a", buffering=1) as copied:
        for line in lines:
            copied.write(line)
