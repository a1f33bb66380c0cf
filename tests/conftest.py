"""What tests share: the local endpoint in a process of its own, and clients that talk to it."""

import isolated as isolated

# isort: split

import atexit
import gc
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadscope import LoadScopeScheduling

import botocore_files
from builders import REGION
from changestream.aws import clients
from input_times import OF_THIS_RUN
from isolation.children import child
from isolation.environment import IMPORT_PATH, environment

ROOT = Path(__file__).parent.parent
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}

botocore_files.read_once()

# Powertools' objects read these when a function's module is imported.
os.environ |= {"POWERTOOLS_METRICS_NAMESPACE": "Changestream", "POWERTOOLS_SERVICE_NAME": "tested"}

# What a developer runs beside the tests is none of their business, and the other way round.
os.environ["LOCAL_AWS_ENDPOINTS"] = tempfile.mkdtemp(prefix="endpoints-")
atexit.register(shutil.rmtree, os.environ["LOCAL_AWS_ENDPOINTS"], ignore_errors=True)

# How long an example takes says how busy the machine is. They are others in each run, so that runs add up.
settings.register_profile("patient", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ClientOf = Callable[[str], Any]

TOGETHER = ("tests/journeys/", "tests/architecture/")
"""Folders whose modules share something expensive: the one demo, and the parsed modules of the project."""

LONGEST = ("tests/journeys/", "tests/streamctl/", "tests/architecture/")


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """A module goes to one process, and all modules of a folder that shares something go to the same."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return next((folder for folder in TOGETHER if folder in scope), scope)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest begin first."""
    items.sort(key=lambda item: [folder not in item.nodeid for folder in LONGEST])


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an empty local endpoint."""
    command = [sys.executable, "-m", "local_aws", "serve", "--no-stack", "--port", "0"]
    with child(command, environment(PYTHONPATH=IMPORT_PATH), stdout=PIPE) as process:
        assert process.stdout
        ready = next(line for line in process.stdout if line.startswith("ready "))
        rest = Thread(target=process.stdout.read)  # a full pipe would stop the functions that log
        rest.start()
        yield ready.split()[1]
        process.terminate()
        rest.join()


@pytest.fixture
def client_of(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> ClientOf:
    """Clients of the endpoint, for the test and, through the environment, for the code under test."""
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint}).items():
        monkeypatch.setenv(name, value)
    if clients.client("dynamodb").meta.endpoint_url != endpoint:
        clients.client_in.cache_clear()
        clients.invoking_client.cache_clear()
    return clients.client


@pytest.fixture
def refuse(endpoint: str) -> Iterator[Callable[..., None]]:
    """Have the endpoint refuse calls: ``refuse(service=…, operation=…, resource=…, error=…)``, until the test ends."""

    def control(method: str, body: Any = None) -> None:
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{endpoint}/_local/refusals", data, {"Content-Type": "application/json"}, method=method)
        with urlopen(request) as answer:
            answer.read()

    yield lambda **refusal: control("POST", {"status": 400, "message": "refused", "seconds": 60} | refusal)
    control("DELETE")


@pytest.fixture
def create_table(client_of: ClientOf) -> Callable[[str, str], str]:
    """Create a table of two keys, both text; return its name."""

    def create(hash_key: str, range_key: str) -> str:
        keys = {hash_key: "HASH", range_key: "RANGE"}
        name = f"view-{uuid4()}"
        client_of("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        )
        return name

    return create


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long the inputs of a deep fuzz run took."""
    if lines := OF_THIS_RUN.report():
        terminalreporter.section("processor time of generated inputs")
        terminalreporter.write("\n".join([*lines, ""]))


def pytest_collection_finish() -> None:
    """Have the garbage collector look at new objects only, and rarely: what collection imported stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
