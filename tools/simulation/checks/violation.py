"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that does not hold: of which function's view, at what, how; ``numbers`` are the records concerned."""

    function: str
    subject: str
    problem: str
    numbers: tuple[str, ...] = ()
