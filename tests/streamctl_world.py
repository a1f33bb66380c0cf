"""The application's own stack on the served endpoint, its mappings at rest, and the command line told of it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
from typer.testing import CliRunner

from conftest import CREDENTIALS, ROOT
from local_aws.stack.template import read_template
from streamctl.__main__ import app

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it wrote with ``--json``."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it wrote with ``--json``, if it is one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Deployed:
    """The stack, clients of its endpoint, and the command line."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint = endpoint
        self.name = name
        described = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}

    def client(self, service: str) -> Any:
        """Return a boto3 client of the endpoint."""
        return client_at(self.endpoint, service)

    def streamctl(self, *arguments: str) -> Said:
        """Run a command about this stack."""
        return streamctl(*arguments, "--endpoint", self.endpoint, "--stack", self.name)


def streamctl(*arguments: str, **environment: str) -> Said:
    """Run a command in this process."""
    result = CliRunner().invoke(app, list(arguments), prog_name="streamctl", env={"COLUMNS": "160"} | environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def deploy(endpoint: str) -> Deployed:
    """Deploy the stack; nothing is delivered to its functions but what a test delivers itself."""
    template = read_template(ROOT / "template.yaml")
    for resource in template["Resources"].values():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if "Enabled" in event.get("Properties", {}):
                event["Properties"]["Enabled"] = False
    name = f"tested-{uuid4().hex[:6]}"
    client_at(endpoint, "cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": "SearchEndpoint", "ParameterValue": f"{endpoint}/_opensearch"}],
    )
    return Deployed(endpoint, name)


def client_at(endpoint: str, service: str) -> Any:
    """Return a boto3 client of the endpoint."""
    create: Any = boto3.client
    return create(
        service,
        endpoint_url=endpoint,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
