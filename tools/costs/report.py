"""What the model says of a workload, as one document: views by dimensions, the first limit, what would save."""

from dataclasses import asdict
from typing import Any

from costs.limits import Limit, Met, limits, met
from costs.price_table import Dimension
from costs.savings import savings
from costs.system import System
from costs.usage import SECONDS_PER_MONTH, Usage
from costs.work import measured

Document = dict[str, Any]


def report(system: System) -> Document:
    """Return USD a month and per million changes of every part, with how its function works, and all that follows."""
    parts = [_part(system, part) for part in system.parts]
    month = {dimension: sum(part["month"].get(dimension, 0.0) for part in parts) for dimension in Dimension}
    return {
        "given": asdict(system.given),
        "choices": asdict(system.choices),
        "prices": {"region": system.table.region, "date": system.table.date.isoformat(), "currency": "USD"},
        "shards": {"table": system.table_shards, "changes": system.change_shards, "ledger": system.ledger_shards},
        "parts": parts,
        "not_measured": not_measured(system),
        "month": _rounded(month) | {"total": round(system.month, 2)},
        "per_million": round(per_million(system.month, system.given.changes_per_second), 4),
        "exceeded": [_limit(limit) for limit in limits(system) if limit.share >= 1],
        "met_next": next((_met(each) for each in met(system) if each.rate > system.given.changes_per_second), None),
        "savings": [
            {"choice": each.choice, "saves": round(each.month, 2), "takes": each.price} for each in savings(system)
        ],
    }


def not_measured(system: System) -> dict[str, str]:
    """Return the consumers that nobody has measured, each with the consumer whose figures stand for it."""
    found = {name: measured(name, each.kind) for name, each in system.template.mappings.items()}
    return {name: other for name, other in found.items() if name != other}


def per_million(month: float, rate: float) -> float:
    """Return what a million changes cost, where so many come a second."""
    return month / (rate * SECONDS_PER_MONTH) * 1e6 if rate else 0.0


def _part(system: System, part: Usage) -> Document:
    bill = part.bill(system.table)
    total = sum(bill.values())
    load = part.load
    return {
        "name": part.name,
        "month": _rounded({dimension: bill[dimension] for dimension in Dimension if dimension in bill}),
        "total": round(total, 2),
        "per_million": round(per_million(total, part.source_rate), 4) if part.source_rate else None,
        "batch_records": round(load.batch, 1),
        "invocations_per_second": round(load.invocations, 3),
        "invocation_seconds": round(load.seconds, 4),
        "lanes": load.lanes,
        "concurrency": round(load.concurrency, 2),
        "busiest_lane": round(load.busiest_lane, 3),
    }


def _rounded(bill: dict[Dimension, float]) -> dict[str, float]:
    return {str(dimension): round(amount, 2) for dimension, amount in bill.items()}


def _limit(limit: Limit) -> Document:
    return {
        "name": limit.name,
        "used": round(limit.used, 3),
        "allowed": limit.allowed,
        "unit": limit.unit,
        "remedy": limit.remedy,
    }


def _met(each: Met) -> Document:
    return {"changes_per_second": round(each.rate), "name": each.limit.name, "remedy": each.limit.remedy}
