"""examples/payments_node: a handler in Node.js that throws, on a Kinesis stream, with recovery beside it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from architecture.sources import ROOT
from deploy.processes import environment, free_port, listens, running
from examples.adopting import Recovery, until
from examples.conftest import Cli

SOURCE = ROOT / "examples" / "payments_node"
"""Its function has no dependencies, so there is nothing to build."""


class Accounting:
    """The accounting system that comes with the example, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open_account(self, name: str) -> None:
        self._request("PUT", f"/accounts/{name}")

    def booked(self, *names: str) -> bool:
        """Tell whether all of these payments are booked."""
        return set(self._request("GET", "/bookings")) >= set(names)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Refuse every booking until the block ends."""
        self._request("PUT", "/outage")
        try:
            yield
        finally:
            self._request("DELETE", "/outage")

    def _request(self, method: str, path: str) -> Any:
        with urlopen(Request(f"{self.url}{path}", method=method)) as answer:
            return json.loads(answer.read() or b"null")


class Payments:
    """The deployed example."""

    def __init__(self, recovery: Recovery, outputs: dict[str, str]) -> None:
        self._stream = outputs["PaymentsStreamName"]
        self._kinesis = recovery.client("kinesis")

    def pay(self, account: str, *names: str) -> None:
        """Put payments on one shard, in order."""
        for name in names:
            payment = {"paymentId": name, "account": account, "amount": "12.50"}
            self._kinesis.put_record(StreamName=self._stream, PartitionKey="one", Data=json.dumps(payment))


@pytest.fixture(scope="module")
def accounting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounting]:
    if shutil.which("node") is None:
        assert "CI" not in os.environ, "CI must have node on the PATH"
        pytest.skip("needs node on the PATH")
    port, log = free_port(), tmp_path_factory.mktemp("accounting") / "log"
    command: list[str | Path] = ["node", SOURCE / "accounting.mjs", str(port)]
    with running(command, log, log.parent, environment(), lambda: listens(port), limit=60):
        yield Accounting(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def payments(accounting: Accounting, cli: Cli, recovery: Recovery) -> Payments:
    given = {"FailedBatchesQueueArn": recovery.queue_arn, "AccountingUrl": accounting.url}
    return Payments(recovery, cli.deploy("payments", SOURCE, **given))


def test_failed_batches_of_an_outage_are_recovered_after_it(
    payments: Payments, accounting: Accounting, recovery: Recovery
) -> None:
    payments.pay("giro", "payment-1")
    until(lambda: accounting.booked("payment-1"))

    with recovery.paused():
        with accounting.outage():
            payments.pay("giro", "payment-2", "payment-3", "payment-4")
            until(lambda: recovery.waiting() > 0)
        payments.pay("giro", "payment-5")
        until(lambda: accounting.booked("payment-5"))

    until(lambda: accounting.booked("payment-2", "payment-3", "payment-4"))


def test_a_poison_record_is_parked_alone_until_its_cause_is_fixed(
    payments: Payments, accounting: Accounting, recovery: Recovery
) -> None:
    payments.pay("giro", "payment-6")
    payments.pay("savings", "payment-7")
    payments.pay("giro", "payment-8")
    until(lambda: recovery.parked() and accounting.booked("payment-6", "payment-8"))
    (parked,) = recovery.parked()

    accounting.open_account("savings")
    report = recovery.redrive()

    assert (parked["manifest"]["reason"], parked["manifest"]["records"]) == ("crash", 1)
    assert report["applied"] == 1
    assert accounting.booked("payment-7")
