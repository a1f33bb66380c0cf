"""Prices, quotas, measured figures and estimates, as ``prices.toml`` has them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.toml")


class Dimension(StrEnum):
    """What a bill is divided by; the order is that of the tables."""

    REQUESTS = "requests"
    COMPUTE = "compute"
    WRITES = "writes"
    READS = "reads"
    STREAM = "stream"
    NOTIFICATIONS = "notifications"
    LOGS = "logs"
    TRACES = "traces"
    STORAGE = "storage"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Price:
    """USD for so many of something; ``confirmed`` is empty where nothing bore it out."""

    amount: float
    per: int
    dimension: Dimension
    page: str
    confirmed: str

    def of(self, quantity: float) -> float:
        """Return what so many cost."""
        return quantity * self.amount / self.per


@dataclass(frozen=True, slots=True)
class Computing:
    """Milliseconds of one core: of an invocation, of each record, of each call."""

    constant: float
    record: float
    call: float

    def seconds(self, records: float, calls: float) -> float:
        """Return what a batch takes of one core."""
        return (self.constant + self.record * records + self.call * calls) / 1000


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All that the model knows and the workload does not say."""

    region: str
    date: date
    prices: dict[str, Price]
    quotas: dict[str, float]
    computing: dict[str, Computing]
    measured: dict[str, Any]
    estimated: dict[str, Any]

    def seconds_of(self, kind: str) -> float:
        """Return how long a call of a kind is waited for."""
        return float(self.estimated["call_milliseconds"][kind]) / 1000

    def cores(self, memory: int) -> float:
        """Return the part of a core that a function of so many megabytes computes with; Python uses one at most."""
        return min(1.0, memory / float(self.measured["vcpu_megabytes"])) * float(self.estimated["core"])


@cache
def price_table() -> PriceTable:
    """Read the file."""
    written = tomllib.loads(FILE.read_text())
    prices = {
        name: Price(
            each["amount"], each.get("per", 1), Dimension(each["dimension"]), each["page"], each.get("confirmed", "")
        )
        for name, each in written["prices"].items()
    }
    computing = {name: Computing(**each) for name, each in written["measured"].pop("computing").items()}
    return PriceTable(
        written["region"],
        written["date"],
        prices,
        written["quotas"],
        computing,
        written["measured"],
        written["estimated"],
    )
