"""How far capture departs from once and in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disorder:
    """How many records in a hundred are repeated, and how many are delivered behind later ones."""

    repeats: float = 0.0
    reorders: float = 0.0

    def __post_init__(self) -> None:
        for name, percent in (("repeats", self.repeats), ("reorders", self.reorders)):
            if not 0 <= percent <= 100:
                raise ValueError(f"{name} is a percentage from 0 to 100, not {percent:g}")
