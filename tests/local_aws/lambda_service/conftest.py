"""A Lambda service with real worker processes, and boto3's own client on the other side of a socket."""

import io
import json
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_aws.http_server import HttpServer
from local_aws.journal import Entry, Journal
from local_aws.lambda_service import LambdaService

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/consumer"

type Document = dict[str, Any]
type Archive = Callable[..., bytes]
type AnswerOf = Callable[..., Any]
type Deploy = Callable[..., Document]
type Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="session")
def archive() -> Archive:
    """Zip a module `app` of the given source, and whatever other files are named."""

    def pack(source: str = "", **others: str) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            if source:
                file.writestr("app.py", textwrap.dedent(source))
            for name, text in others.items():
                file.writestr(name.replace("__", "/") + ".py", textwrap.dedent(text))
        return packed.getvalue()

    return pack


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Wait until a condition holds."""

    def wait(condition: Callable[[], object]) -> None:
        ends = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < ends, "it never came to hold"
            time.sleep(0.002)

    return wait


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def service(journal: Journal) -> Iterator[LambdaService]:
    # Nothing listens on port 1: these functions call no one.
    service = LambdaService(
        ACCOUNT_ID, REGION, "http://127.0.0.1:1", journal, workers_per_function=2, event_retry_pauses=(0.01, 0.01)
    )
    yield service
    service.close()


class Switchboard:
    """A WSGI application that passes every request on to the service of the present test."""

    def __init__(self) -> None:
        self.service: LambdaService | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert self.service is not None
        return self.service.wsgi(environ, start_response)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Any, Switchboard]]:
    """A boto3 client, which takes its time to make, and what it reaches."""
    switchboard = Switchboard()
    server = HttpServer(switchboard)
    server.start()
    client = boto3.session.Session().client(
        "lambda",
        region_name=REGION,
        endpoint_url=server.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client, switchboard
    client.close()
    server.close()


@pytest.fixture
def client(service: LambdaService, served: tuple[Any, Switchboard]) -> Any:
    client, switchboard = served
    switchboard.service = service
    return client


@pytest.fixture
def deploy(service: LambdaService, archive: Archive) -> Deploy:
    """Create a function of the given source; further arguments are CreateFunction's."""

    def create(source: str, name: str = "consumer", **request: Any) -> Document:
        document: Document = {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Role": ROLE,
            "Handler": "app.lambda_handler",
            "Code": {"ZipFile": archive(source)},
            "Timeout": 10,
            **request,
        }
        return service.create_function(document)

    return create


@pytest.fixture
def deploy_files(deploy: Deploy) -> Deploy:
    """Create a function of the given files; further arguments are CreateFunction's."""

    def create(files: Mapping[str, str], **request: Any) -> Document:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            for name, text in files.items():
                file.writestr(name, textwrap.dedent(text))
        return deploy("", **{"Code": {"ZipFile": packed.getvalue()}, **request})

    return create


@pytest.fixture
def deploy_node(node: None, deploy_files: Deploy) -> Deploy:
    """Create a Node.js function of the given source of `index.mjs`, or of the given files."""

    def create(source: str | Mapping[str, str], **request: Any) -> Document:
        files = {"index.mjs": source} if isinstance(source, str) else source
        return deploy_files(files, **{"Runtime": "nodejs20.x", "Handler": "index.handler", **request})

    return create


@pytest.fixture
def answer_of(service: LambdaService) -> AnswerOf:
    """Invoke the function and decode what it answers: ``answer_of(event, name)``."""

    def invoke(event: object = None, name: str = "consumer") -> Any:
        answer = service.invoke({"FunctionName": name, "Payload": json.dumps(event).encode()})
        return json.loads(answer["Payload"])

    return invoke


class Gate:
    """Source of a function that says which process it is and then waits, as long as the gate is closed."""

    source = """
        import os, time
        def lambda_handler(event, context):
            print("pid", os.getpid())
            while not os.path.exists(event):
                time.sleep(0.01)
            return os.getpid()
    """

    def __init__(self, path: Path, journal: Journal) -> None:
        self._path = path
        self._journal = journal
        self.event = str(path)

    def open(self) -> None:
        self._path.touch()

    def pids(self, count: int) -> list[int]:
        """The first `count` processes that were seen to run the function."""
        entries: list[Entry] = []
        for _ in range(count):
            after = entries[-1]["number"] if entries else 0
            entries.append(self._journal.wait_for(lambda entry: entry.get("line", "").startswith("pid "), after))
        return [int(entry["line"].split()[1]) for entry in entries]


@pytest.fixture
def gate(tmp_path: Path, journal: Journal) -> Gate:
    return Gate(tmp_path / "open", journal)


@pytest.fixture
def exit_of(journal: Journal) -> Callable[[int], Entry]:
    """Wait for the journal to tell the end of a worker, by its pid."""
    kinds = ("worker.exited", "worker.killed")
    return lambda pid: journal.wait_for(lambda entry: entry["kind"] in kinds and entry["pid"] == pid)
