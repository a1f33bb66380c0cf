"""Each consumer that has an adapter, with a view at the local endpoint."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import boto3
import pytest

from changestream.aws import clients
from conftest import CREDENTIALS
from contracts.consumer import Consumer
from contracts.outage import Outage
from contracts.tables import Tables

ADAPTERS = sorted(path.stem for path in (Path(__file__).parent / "consumers").glob("*.py"))


@pytest.fixture(scope="module", params=ADAPTERS)
def consumer(request: pytest.FixtureRequest, endpoint: str) -> Iterator[Consumer]:
    """A consumer without a view yet: each example begins one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint}).items():
            patch.setenv(name, value)
        clients.client_in.cache_clear()
        outage = Outage()
        adapter: Consumer = import_module(f"contracts.consumers.{request.param}").Adapter(
            Tables(clients.client("dynamodb")), outage, patch
        )
        yield adapter
        adapter.settings()
    clients.client_in.cache_clear()
    boto3.DEFAULT_SESSION = None
