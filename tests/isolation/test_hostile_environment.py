"""A developer's AWS settings, proxies and credentials have no effect on a local run, and none of them is handed on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from isolation.children import child
from isolation.environment import REGION
from recovery_world import zipped

from .hostile import Hostile

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.journey
TESTS = (
    "tests/functions/count_tasks/test_count_tasks.py::test_a_batch_delivered_again_counts_nothing_twice",
    "tests/local_aws/lambda_service/test_worker_environment.py::test_a_worker_has_the_variables_that_lambda_defines",
    "tests/streamctl/test_frame.py::test_missing_credentials_are_told",
)
FUNCTION = """
import os, boto3
def lambda_handler(event, context):
    client = boto3.client("dynamodb")
    found = [name for name, value in os.environ.items() if "developer" in value or "us-east-1" in value]
    return {"tables": client.list_tables()["TableNames"], "region": client.meta.region_name, "found": found}
"""


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def test_a_part_of_the_suite_passes_and_calls_nobody_else(hostile: Hostile) -> None:
    command = [sys.executable, "-m", "pytest", *TESTS, "-q", "-p", "no:cacheprovider"]

    done = subprocess.run(command, cwd=ROOT, env=hostile.variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    hostile.assert_unused()


def test_the_endpoint_its_functions_and_streamctl_call_nobody_else(hostile: Hostile) -> None:
    serve = [sys.executable, "-m", "local_aws", "serve", "--no-stack", "--port", "0"]
    with child(serve, hostile.variables, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = next(line.split()[1] for line in process.stdout if line.startswith("ready "))
        create_table(url)
        answer = invoke(url)
        found = streamctl(url, hostile)

    assert answer == {"tables": ["near"], "region": REGION, "found": []}
    assert found.returncode == 3, found.stderr
    assert f"there is no stack nowhere in {url}" in json.loads(found.stderr)["error"]["message"]
    hostile.assert_unused()


def client(url: str, service: str) -> Any:
    create: Any = boto3.Session("test", "test", region_name=REGION).client
    return create(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


def create_table(url: str) -> None:
    key = {"AttributeName": "id", "AttributeType": "S"}
    client(url, "dynamodb").create_table(
        TableName="near",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def invoke(url: str) -> Any:
    """Create a function at the endpoint, and return what it answers."""
    functions = client(url, "lambda")
    functions.create_function(
        FunctionName="curious",
        Runtime="python3.13",
        Handler="consumer.lambda_handler",
        Role="arn:aws:iam::123456789012:role/curious",
        Code={"ZipFile": zipped(FUNCTION)},
        Timeout=60,
    )
    return json.load(functions.invoke(FunctionName="curious")["Payload"])


def streamctl(url: str, hostile: Hostile) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "streamctl", "status", "--endpoint", url, "--stack", "nowhere", "--json"]
    return subprocess.run(command, env=hostile.variables, capture_output=True, text=True, check=False)
