"""A report as a person reads it."""

from typing import Any

from rich.console import Group, RenderableType

from costs.price_table import Dimension
from terminal.flow import Flow
from terminal.grid import Grid, grid
from terminal.text import Text


def rendered(document: dict[str, Any]) -> RenderableType:
    """Return the tables of a report."""
    given, prices = document["given"], document["prices"]
    head = Flow().prose(
        f"{given['changes_per_second']:,g} changes a second of {given['item_bytes']:,} bytes "
        f"in {given['lists']:,} lists; USD a month, {prices['region']}, prices of {prices['date']}"
    )
    said = (Flow().prose(each) for each in _said(document))
    return Group(head, Text(), _bill(document), Text(), _loads(document), Text(), *said)


def _bill(document: dict[str, Any]) -> Grid:
    table = _grid("", *map(str, Dimension), "month", "per million")
    for part in document["parts"]:
        table.add_row(part["name"], *_amounts(part["month"]), money(part["total"]), money(part["per_million"]))
    total = document["month"]
    table.add_row("in all", *_amounts(total), money(total["total"]), money(document["per_million"]), style="bold")
    return table


def _loads(document: dict[str, Any]) -> Grid:
    table = _grid("", "records a batch", "invocations/s", "ms each", "lanes", "at once", "busiest lane")
    for part in document["parts"]:
        if part["lanes"]:
            table.add_row(
                part["name"],
                f"{part['batch_records']:.1f}",
                f"{part['invocations_per_second']:,.1f}",
                f"{part['invocation_seconds'] * 1000:.0f}",
                f"{part['lanes']:.0f}",
                f"{part['concurrency']:,.1f}",
                f"{part['busiest_lane']:.0%}",
            )
    return table


def _said(document: dict[str, Any]) -> list[str]:
    said = [
        f"Beyond its limit: {each['name']}, {each['used']:,g} of {each['allowed']:,g} {each['unit']}: {each['remedy']}."
        for each in document["exceeded"]
    ]
    for name, other in document["not_measured"].items():
        said.append(f"Nobody has measured {name}: it is costed as {other}, which is of its kind.")
    if following := document["met_next"]:
        rate = following["changes_per_second"]
        said.append(f"Met next, at {rate:,} changes a second: {following['name']}; {following['remedy']}.")
    for saving in document["savings"][:3]:
        said.append(f"Cheaper by {money(saving['saves'])} a month: {saving['choice']} ({saving['takes']}).")
    return said or ["Nothing next to these choices is cheaper."]


def _amounts(month: dict[str, float]) -> list[str]:
    return [money(month.get(str(dimension))) for dimension in Dimension]


def money(amount: float | None) -> str:
    """Write an amount with as many digits as say something."""
    if not amount:
        return "-" if amount is None else "0"
    return f"{amount:,.2f}" if amount < 1_000 else f"{amount:,.0f}"


def _grid(first: str, *numbers: str) -> Grid:
    return grid(first, *numbers, right=set(numbers))
