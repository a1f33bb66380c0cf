"""What a check looks at: a consumer, what it was given, and what it made of that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consumers.reading import Consumer
from verification.changes import Given
from verification.view import Row, ViewRows

Excused = Callable[[Sequence[str]], bool]
"""Tells whether each of some records is parked or reported for the consumer."""

NameOf = Callable[[Mapping[str, str]], str]
"""Returns the name of an item, by its keys, as the pattern ``{item}`` of ``Row`` stands for it."""


@dataclass(frozen=True, slots=True)
class ViewProblem:
    """Something that is wrong in a view; ``numbers`` are the records concerned."""

    subject: str
    what: str
    numbers: tuple[str, ...] = ()


def _everything(_change: Given) -> bool:
    return True


def _no_difference(_change: Given, _row: Row) -> str:
    return ""


def _no_problem(_subject: "ViewSubject") -> Iterator[ViewProblem]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Content:
    """What a view says, beyond what the kind of its consumer promises.

    ``concerns`` tells which changes the consumer has to get; the filter of its mapping has to let exactly these pass.
    ``difference`` returns in what a row differs from what its change left, or an empty text. ``figures`` yields what is
    wrong in what rows say together. ``has_poison`` tells whether there are changes that the consumer cannot understand.
    """

    concerns: Callable[[Given], bool] = _everything
    difference: Callable[[Given, Row], str] = _no_difference
    figures: Callable[["ViewSubject"], Iterator[ViewProblem]] = _no_problem
    has_poison: bool = True

    @property
    def is_compared(self) -> bool:
        """Whether anything is known of what rows say."""
        return self.difference is not _no_difference or self.figures is not _no_problem


@dataclass(frozen=True, slots=True)
class ViewSubject:
    """A consumer with what it was given and what it made of that. Without a content, only its kind is checked."""

    consumer: Consumer
    given: Sequence[Given]
    view: ViewRows
    excused: Excused
    name_of: NameOf
    content: Content | None = None

    def difference(self, change: Given, row: Row) -> str:
        """Return in what the row of a change differs from what the change left; empty if nothing is known of that."""
        return self.content.difference(change, row) if self.content else ""

    def figures(self) -> Iterator[ViewProblem]:
        """Yield what is wrong in what the rows say together."""
        return self.content.figures(self) if self.content else iter(())
