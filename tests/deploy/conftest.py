"""What `make build` built, the local endpoint for it to call, and an emulator of AWS to deploy it to."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from architecture.sources import ROOT
from deploy.built_function import BuiltFunction, emulated
from deploy.processes import BUILD, REGION, RUNTIME_PYTHON, SAM, environment, free_port, listens, running
from mapping_lint.references import mentions
from sam_templates.document import read

STACK = "changestream"
DEPLOY = (SAM, "deploy", "--region", REGION, "--no-progressbar")

ClientAt = Callable[[str], Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/deploy/"):
            item.add_marker(pytest.mark.deploy)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assert (BUILD / "template.yaml").exists(), "nothing is built: run `make build`, or `make test-deploy`"


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def local_endpoint(logs: Path) -> Iterator[str]:
    """The local runtime with the whole stack up."""
    port, log = free_port(), logs / "local_aws"
    command = [sys.executable, "-m", "local_aws", "serve", "--unlisted", "--port", str(port), "--stack-name", STACK]
    command += ["--parameter", "SearchEndpoint={endpoint}/_opensearch"]

    def ready() -> bool:
        return f"ready http://127.0.0.1:{port}" in log.read_text()

    with running(command, log, ROOT, environment(PYTHONUNBUFFERED="1"), ready, limit=120):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def function_named(local_endpoint: str, logs: Path) -> Iterator[Callable[[str], BuiltFunction]]:
    """Built functions by logical id, each started when it is first asked for."""
    outputs = outputs_at(local_endpoint)
    functions: dict[str, BuiltFunction] = {}
    with ExitStack() as stack:

        def started(logical_id: str) -> BuiltFunction:
            if logical_id not in functions:
                name = outputs[f"{logical_id}Name"]
                configuration = client("lambda", local_endpoint).get_function_configuration(FunctionName=name)
                variables = configuration["Environment"]["Variables"]
                function = emulated(logical_id, variables, local_endpoint, logs / logical_id)
                functions[logical_id] = stack.enter_context(function)
            return functions[logical_id]

        yield started


@pytest.fixture(scope="session")
def emulator(logs: Path) -> Iterator[str]:
    """ministack: an emulator of AWS that shares no code with the local runtime. It runs mappings in its own way."""
    port = free_port()
    env = environment(GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", MINISTACK_REGION=REGION)
    command: list[str | Path] = [RUNTIME_PYTHON, "-m", "ministack"]
    with running(command, logs / "ministack", ROOT, env, lambda: listens(port), limit=120):
        yield f"http://127.0.0.1:{port}"


def without_alarms(template: dict[str, Any]) -> dict[str, Any]:
    """Leave out what watches, and who asks it: ministack knows neither composite alarms nor metric math.

    Loops stay loops, so the deployment shows that they can be deployed.
    """
    resources = _unwatched(template["Resources"])
    outputs = {
        name: output
        for name, output in template["Outputs"].items()
        if not set(mentions(output)) & (template["Resources"].keys() - resources.keys())
    }
    return {**template, "Resources": resources, "Outputs": outputs}


def _unwatched(resources: dict[str, Any]) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name, resource in resources.items():
        if isinstance(resource, list):
            identifier, collection, body = resource
            if kept := _unwatched(body):
                left[name] = [identifier, collection, kept]
        elif not resource["Type"].startswith("AWS::CloudWatch::"):
            resource.get("Properties", {}).pop("DeploymentPreference", None)
            left[name] = resource
    return left


@pytest.fixture(scope="session")
def deployed(emulator: str, logs: Path) -> dict[str, str]:
    """The outputs of the stack, deployed with the settings of samconfig.toml."""
    return deploy(emulator, STACK, logs)


def deploy(
    emulator: str,
    stack_name: str,
    home: Path,
    build: Path = BUILD,
    configuration: tuple[str | Path, ...] = ("--config-file", ROOT / "samconfig.toml", "--config-env", "dev"),
    parameters: tuple[str, ...] = (),
) -> dict[str, str]:
    """Deploy what is built as a stack of this name, or over one of this name; return its outputs.

    ``home`` is the home directory of the SAM CLI.
    """
    unwatched = build / "without-alarms.json"  # beside the built template, whose paths are relative
    unwatched.write_text(json.dumps(without_alarms(read(build / "template.yaml"))))
    deployment = subprocess.run(
        [
            *DEPLOY,
            "--stack-name",
            stack_name,
            *configuration,
            "--template-file",
            unwatched,
            "--parameter-overrides",
            f"EndpointUrl={emulator}",
            *parameters,
        ],
        cwd=ROOT,
        env=environment(AWS_ENDPOINT_URL=emulator, HOME=str(home)),  # of the SAM CLI's own settings
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert deployment.returncode == 0, deployment.stdout + deployment.stderr
    return outputs_at(emulator, stack_name)


@pytest.fixture(scope="session")
def client_at_emulator(emulator: str) -> ClientAt:
    return lambda service: client(service, emulator)


def client(service: str, endpoint: str) -> Any:
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return session.client(service, endpoint_url=endpoint)


def outputs_at(endpoint: str, stack_name: str = STACK) -> dict[str, str]:
    (stack,) = client("cloudformation", endpoint).describe_stacks(StackName=stack_name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
