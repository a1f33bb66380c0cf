"""Deliveries of the changes that a smoke test makes, while it waits for them."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from itertools import count

import pytest

from conftest import CREDENTIALS
from streamctl import smoke

from .world import Deployed, Json

OF_TABLE = ("count_tasks",)
OF_CHANGES = ("index_tasks", "replicate_tasks", "record_history", "announce_changes", "measure_changes")


def delivering(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what has the item's changes delivered to every function but some, each time that the smoke test waits."""

    def during(*without: str) -> None:
        delivered: set[str] = set()

        def pause(_: float) -> None:
            # streamctl works without AWS settings, the functions need them
            for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": deployed.endpoint}).items():
                monkeypatch.setenv(name, value)
            for stream, functions in (("table", OF_TABLE), ("changes", OF_CHANGES)):
                new = [each for each in items(deployed, stream) if each["sequenceNumber"] not in delivered]
                delivered.update(each["sequenceNumber"] for each in new)
                for function in (each for each in functions if new and each not in without):
                    with redirect_stdout(StringIO()):  # metrics of functions are lines of their log
                        deployed.deliver(function, *new)

        monkeypatch.setattr(smoke.Smoke.__init__, "__defaults__", (pause, count(0, 10).__next__))

    return during


def items(deployed: Deployed, stream: str) -> list[Json]:
    return deployed.changes(smoke.LIST_ID, stream)
