"""A served endpoint per module, on a port of its own, with or without a Lambda service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from local_aws.endpoint import Endpoint
from local_aws.journal import Journal
from local_aws.runtime import Runtime
from served_aws import ACCOUNT_ID, REGION, AdjustableClock, Aws


@pytest.fixture(scope="session")
def node() -> None:
    """Skip the test on a machine without Node.js, where it is optional; CI has it."""
    if shutil.which("node") is None:
        assert "CI" not in os.environ, "CI must have node on the PATH"
        pytest.skip("needs node on the PATH")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    clock, journal = AdjustableClock(), Journal()
    endpoint = Endpoint(ACCOUNT_ID, REGION, journal, clock=clock)
    endpoint.start()
    served = Aws(endpoint, clock, journal)
    yield served
    served.close()
    endpoint.close()


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    """An endpoint with its Lambda service, for stacks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with Runtime(ACCOUNT_ID, REGION, poll_interval=0.05) as running:
            yield running


@pytest.fixture(scope="module")
def local(runtime: Runtime) -> Iterator[Aws]:
    served = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
    yield served
    served.close()


@pytest.fixture(autouse=True)
def _present_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every test begin at the present, whatever the one before did to the clock."""
    yield
    if "aws" in request.fixturenames:
        request.getfixturevalue("aws").clock.ahead = 0.0
