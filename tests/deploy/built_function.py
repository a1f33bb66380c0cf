"""A function as `sam build` left it, under AWS's Runtime Interface Emulator."""

import base64
import json
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from architecture.sources import ROOT
from deploy.processes import BUILD, RUNTIME_PYTHON, environment, free_port, listens, running

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
LAYER = BUILD / "ChangestreamLayer" / "python"


TABLE_OF_EVENTS = b"changestream-TasksTable"
"""The table that the captured changes of `events/` name."""


@dataclass(frozen=True, slots=True)
class BuiltFunction:
    url: str
    log: Path
    table: str | None
    """The table whose captured changes it takes; it passes over those of any other."""

    def answer(self, event: bytes) -> Any:
        """What the function returns, or Lambda's description of how it failed."""
        sent = json.dumps(captured_from(self.table, json.loads(event))).encode() if self.table else event
        request = Request(f"{self.url}/2015-03-31/functions/function/invocations", data=sent)
        with urlopen(request, timeout=120) as response:
            return json.load(response)


@contextmanager
def emulated(logical_id: str, variables: Mapping[str, str], endpoint: str, log: Path) -> Iterator[BuiltFunction]:
    """Run a built function with the environment of its configuration, against the services at ``endpoint``.

    The layer is on PYTHONPATH, where Lambda has it under /opt/python.
    """
    (emulator,) = (ROOT / ".venv-sam" / "lib").glob(
        f"python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURES[platform.machine()]}"
    )
    port, runtime_port = free_port(), free_port()
    command: list[str | Path] = [
        emulator,
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{runtime_port}",
        RUNTIME_PYTHON,
        "-m",
        "awslambdaric",
        "app.lambda_handler",
    ]
    env = environment(
        AWS_LAMBDA_FUNCTION_NAME=logical_id,
        AWS_LAMBDA_FUNCTION_TIMEOUT="60",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="512",
        PYTHONPATH=str(LAYER),
        **(dict(variables) | {"AWS_ENDPOINT_URL": endpoint}),
    )
    with running(
        command,
        log,
        runnable(BUILD / logical_id, log.with_name(f"{logical_id}-here")),
        env,
        lambda: listens(port),
        limit=60,
    ):
        yield BuiltFunction(f"http://127.0.0.1:{port}", log, variables.get("TASKS_TABLE"))


def captured_from(table: str, event: Any) -> Any:
    """Return an event of `events/` as if its captured changes were those of a table."""
    for record in event.get("Records", ()) if isinstance(event, dict) else ():
        if "kinesis" in record:
            data = base64.b64decode(record["kinesis"]["data"]).replace(TABLE_OF_EVENTS, table.encode())
            record["kinesis"]["data"] = base64.b64encode(data).decode()
    return event


def runnable(built: Path, copy: Path) -> Path:
    """The built function, or where it was built for machines of another kind, a copy with this one's native modules.

    They are those of the project's own environment, which has the same versions (tests/architecture/test_requirements).
    """
    foreign = [path for path in built.rglob("*.so") if platform.machine() not in path.name]
    if not foreign:
        return built
    shutil.copytree(built, copy)
    for path in foreign:
        package = path.parent.relative_to(built)
        here = ROOT / ".venv" / "lib" / "python3.13" / "site-packages" / package
        (native,) = here.glob(f"{path.name.split('.')[0]}.*.so")
        shutil.copy(native, copy / package)
    return copy
