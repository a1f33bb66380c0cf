"""What a house rule for templates is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mapping_lint.template import Template


@dataclass(frozen=True, slots=True)
class Rule:
    """``complaints`` names what breaks the rule, a line each; ``why`` is what goes wrong where it is broken."""

    name: str
    why: str
    complaints: Callable[[Template], Iterable[str]]
