"""What a rule for templates is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mapping_lint.template import Template


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a resource, by its logical id."""

    resource: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """``complaints`` names what breaks the rule; ``why`` is what goes wrong there, ``page`` where AWS says so."""

    name: str
    why: str
    page: str
    complaints: Callable[[Template], Iterable[Complaint]]
