"""``boto3`` as a foreign function imports it: clients of the services of the run."""

from collections.abc import Callable
from typing import Any


class RunningAws:
    """The services of the simulation that runs at the moment."""

    client: Callable[[str], Any]


def client(service: str) -> Any:
    """Stand for ``boto3.client``."""
    return RunningAws.client(service)
