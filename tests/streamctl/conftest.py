"""One stack for all tests of the command line in one process."""

from collections.abc import Callable, Iterator

import pytest

from conftest import ClientOf

from .deployed_tasks import Tasks
from .new_consumers import NewConsumers
from .smoke_deliveries import delivering
from .world import Deployed, deploy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what needs a stack to `make test-streamctl`, unless it has a target of its own."""
    for item in items:
        of_stack = {"deployed", "foreign"} & set(getattr(item, "fixturenames", ()))
        if of_stack and not any(item.get_closest_marker(name) for name in ("journey", "wheel")):
            item.add_marker(pytest.mark.operator)


@pytest.fixture(scope="session")
def _stack(endpoint: str) -> Deployed:
    return deploy(endpoint)


@pytest.fixture
def deployed(_stack: Deployed, client_of: ClientOf) -> Deployed:
    """The stack, and an environment in which the functions' own code finds its endpoint."""
    return _stack


@pytest.fixture
def tasks(deployed: Deployed) -> Tasks:
    """The table of the stack, empty."""
    made = Tasks(deployed)
    made.clear()
    return made


@pytest.fixture
def consumers(deployed: Deployed) -> Iterator[NewConsumers]:
    made = NewConsumers(deployed)
    yield made
    made.remove()


@pytest.fixture
def deliver(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``deliver(*without)``: have a smoke test's changes delivered to every function but some."""
    return delivering(deployed, monkeypatch)
