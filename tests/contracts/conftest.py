"""Each consumer that has an adapter, with a view at the local endpoint, and with one in memory."""

import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from changestream.aws import clients
from changestream.aws.signed_http import HttpAnswer, SignedHttp
from conftest import CREDENTIALS
from contracts.consumer import Consumer
from contracts.outage import MemoryOutage, Outage, ServedOutage
from contracts.tables import Tables
from simulation.memory_aws import MemoryAws

ADAPTERS = sorted(path.stem for path in (Path(__file__).parent / "consumers").glob("*.py"))
MEMORY, SERVED = "memory", "served"


@pytest.fixture(scope="module", params=[(name, where) for name in ADAPTERS for where in (MEMORY, SERVED)], ids="-".join)
def consumer(request: pytest.FixtureRequest) -> Iterator[Consumer]:
    """A consumer without a view yet: each example begins one."""
    name, where = request.param
    with pytest.MonkeyPatch.context() as patch:
        clients.client_in.cache_clear()
        outage = in_memory(patch) if where == MEMORY else at_endpoint(patch, request.getfixturevalue("endpoint"))
        adapter: Consumer = import_module(f"contracts.consumers.{name}").Adapter(
            Tables(clients.client("dynamodb")), outage, patch
        )
        adapter.examples = 6 if where == MEMORY else 2
        yield adapter
        adapter.settings()
    clients.client_in.cache_clear()
    clients.session.cache_clear()


def at_endpoint(patch: pytest.MonkeyPatch, endpoint: str) -> Outage:
    """Have the layer's clients talk to the served endpoint."""
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint}).items():
        patch.setenv(name, value)
    return ServedOutage()


def in_memory(patch: pytest.MonkeyPatch) -> Outage:
    """Have the layer make clients of services in memory, of which nothing else is to be told apart."""
    outage = MemoryOutage()
    aws = MemoryAws(time.time, outage)

    def send(_: SignedHttp, __: str, path: str, body: bytes, *___: str) -> HttpAnswer:
        return HttpAnswer(*aws.ask_search(path, body))

    patch.setattr(clients, "_create", lambda service, region_name=None, **_: aws.client(service, region_name))
    patch.setattr(SignedHttp, "send", send)
    outage.ask_search = aws.ask_search
    return outage
