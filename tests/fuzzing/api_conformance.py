"""The API through its local route, asked whatever schemathesis draws from the OpenAPI document: `make fuzz` runs it.

Every answer has a status, a type and a body that the document describes, and none is a fault of the server.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
import urllib3
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import app
import openapi
from conftest import CREDENTIALS
from mutations import WANTED

ROOT = Path(__file__).parents[2]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/execute-api/aws4_request, "
    "SignedHeaders=host, Signature=0"
}
"""The local gateway asks who signs, and does not compute the signature."""


@pytest.fixture(scope="session")
def api_url() -> Iterator[str]:
    """The URL of the API of a whole stack on this machine."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
    search = ("--parameter", "SearchEndpoint={endpoint}/_opensearch", "--parameter", "SearchDomainName=local")
    process = subprocess.Popen(
        (sys.executable, "-m", "local_aws", "serve", "--port", "0", *search),
        cwd=ROOT,
        env=os.environ | CREDENTIALS | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        endpoint = next(line.split()[1] for line in process.stdout if line.startswith("ready "))
        status: Any = urllib3.request("GET", f"{endpoint}/_local/status").json()
        yield status["outputs"]["TasksApiUrl"]
        process.terminate()
        process.stdout.read()


OPERATIONS: list[Any] = [
    cast("Any", found).ok()
    for found in schemathesis.openapi.from_dict(openapi.document(app.operations)).get_all_operations()
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_the_document_describes(api_url: str, operation: Any) -> None:
    @settings(max_examples=int(WANTED or 20), deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def every_answer(case: Any) -> None:
        case.call_and_validate(base_url=api_url, headers=SIGNED, checks=CHECKS)

    every_answer()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_an_unsigned_request_gets_the_refusal_of_the_gateway(api_url: str, operation: Any) -> None:
    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def every_answer(case: Any) -> None:
        response = case.call(base_url=api_url)
        case.validate_response(response, checks=CHECKS)
        assert response.status_code == 403

    every_answer()
