"""One stack for all tests of the command line."""

import pytest

from conftest import ClientOf
from streamctl_world import Deployed, deploy


@pytest.fixture(scope="session")
def _stack(endpoint: str) -> Deployed:
    return deploy(endpoint)


@pytest.fixture
def deployed(_stack: Deployed, client_of: ClientOf) -> Deployed:
    """The stack, and an environment in which the functions' own code finds its endpoint."""
    return _stack
