"""Stacks as their engineers deploy them, with the SAM CLI: recovery alone, and the examples that use it.

All of them are on one local endpoint in a process of its own. `make build` has built those that need it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import ROOT
from deploy.conftest import outputs_at
from deploy.processes import REGION, SAM, environment, free_port, running
from examples.adopting import ACCOUNT_ID, Recovery, until

BUILDS = ROOT / ".aws-sam"
DEPLOY = (SAM, "deploy", "--region", REGION, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-progressbar")
FUNCTIONS = ("orders-*", "payments-*")
STREAMS = (
    f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/orders-*/stream/*",
    f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/payments-*",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.deploy)


class Cli:
    """The SAM CLI with an endpoint in place of AWS; ``home`` is its home directory."""

    def __init__(self, endpoint: str, home: Path) -> None:
        self.endpoint = endpoint
        self._home = home

    def deploy(self, stack: str, folder: Path, **parameters: str) -> dict[str, str]:
        """Deploy the template of a folder as a stack, or update the stack; return its outputs."""
        template = folder / "template.yaml"
        assert template.exists(), f"{folder} has no template: run `make build`, or `make test-deploy`"
        given = [f"{name}={value}" for name, value in parameters.items()]
        done = subprocess.run(
            [*DEPLOY, "--template-file", template, "--stack-name", stack, "--parameter-overrides", *given],
            cwd=self._home,
            env=environment(AWS_ENDPOINT_URL=self.endpoint, HOME=str(self._home)),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return outputs_at(self.endpoint, stack)


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """The SAM CLI, and the empty local endpoint that it deploys to."""
    folder = tmp_path_factory.mktemp("examples")
    port, log = free_port(), folder / "local_aws"
    command = [sys.executable, "-m", "local_aws", "serve", "--no-stack", "--port", str(port), "--poll-interval", "0.1"]

    def ready() -> bool:
        return f"ready http://127.0.0.1:{port}" in log.read_text()

    with running(command, log, ROOT, environment(PYTHONUNBUFFERED="1"), ready, limit=120):
        yield Cli(f"http://127.0.0.1:{port}", folder)


@pytest.fixture(scope="session")
def recovery(cli: Cli) -> Recovery:
    """The stack of recovery/template.yaml, deployed before those that use it."""
    functions = (f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}" for name in FUNCTIONS)
    outputs = cli.deploy(
        "recovery",
        BUILDS / "recovery",
        FunctionArns=",".join(functions),
        StreamArns=",".join(STREAMS),
        ConsumerSeconds="30",
        EndpointUrl=cli.endpoint,
    )
    return Recovery(cli.endpoint, outputs)


@pytest.fixture(autouse=True)
def nothing_left(recovery: Recovery) -> Iterator[None]:
    """Check that a test leaves no failed batch and no parked record."""
    yield
    until(lambda: recovery.waiting() == 0)
    assert recovery.parked() == []
