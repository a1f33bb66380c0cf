"""examples/orders_python: Powertools' batch processor on a table's stream, with recovery beside it."""

from __future__ import annotations

import pytest

from examples.adopting import Recovery, until
from examples.conftest import BUILDS, Cli

BUILT = BUILDS / "orders"


class Orders:
    """The deployed example."""

    def __init__(self, recovery: Recovery, outputs: dict[str, str]) -> None:
        self._table = outputs["OrdersTableName"]
        self.invoices_table = outputs["InvoicesTableName"]
        self._dynamodb = recovery.client("dynamodb")

    def write(self, currency: str, *names: str) -> None:
        for name in names:
            item = {"orderId": {"S": name}, "amount": {"N": "12.50"}, "currency": {"S": currency}}
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def invoiced(self, *names: str) -> bool:
        """Tell whether all of these orders have an invoice."""
        items = self._dynamodb.scan(TableName=self.invoices_table)["Items"]
        return {item["orderId"]["S"] for item in items} >= set(names)


@pytest.fixture(scope="module")
def orders(cli: Cli, recovery: Recovery) -> Orders:
    return Orders(recovery, cli.deploy("orders", BUILT, FailedBatchesQueueArn=recovery.queue_arn))


def test_failed_batches_of_an_outage_are_recovered_after_it(orders: Orders, recovery: Recovery) -> None:
    orders.write("EUR", "order-1")
    until(lambda: orders.invoiced("order-1"))

    with recovery.paused():
        with recovery.refused("dynamodb", "PutItem", orders.invoices_table):
            orders.write("EUR", "order-2", "order-3", "order-4")
            until(lambda: recovery.waiting() > 0)
        orders.write("USD", "order-5")
        until(lambda: orders.invoiced("order-5"))

    until(lambda: orders.invoiced("order-2", "order-3", "order-4"))


def test_what_still_fails_is_parked_until_redrive_after_the_outage(orders: Orders, recovery: Recovery) -> None:
    with recovery.refused("dynamodb", "PutItem", orders.invoices_table):
        orders.write("EUR", "order-6")
        until(recovery.parked)

    report = recovery.redrive()

    assert report["applied"] == 1
    assert orders.invoiced("order-6")


def test_a_poison_record_is_parked_alone_until_its_cause_is_fixed(orders: Orders, recovery: Recovery, cli: Cli) -> None:
    orders.write("EUR", "order-7")
    orders.write("CHF", "order-8")
    orders.write("EUR", "order-9")
    until(lambda: recovery.parked() and orders.invoiced("order-7", "order-9"))
    (parked,) = recovery.parked()

    cli.deploy("orders", BUILT, FailedBatchesQueueArn=recovery.queue_arn, Currencies="EUR,USD,CHF")
    recovery.redrive()

    assert parked["manifest"]["records"] == 1
    assert orders.invoiced("order-8")
