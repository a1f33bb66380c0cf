"""The words of an expression, and reading them one after the other."""

import re
from collections.abc import Mapping

from simulation.memory_aws.errors import Refusal, invalid

Path = tuple[str | int, ...]
"""An attribute, and what lies within it: names of a map's members, places in a list."""

_WORD = re.compile(r"\s*(?:([:#]?[A-Za-z0-9_]+)|(<>|<=|>=|[=<>(),.\[\]+-]))")


class Words:
    """Reads an expression of a kind (``ConditionExpression``, …). Raises ``Refusal`` where it makes no sense."""

    def __init__(self, kind: str, text: str, names: Mapping[str, str]) -> None:
        self.kind = kind
        self._text = text
        self._names = names
        self._words = self._read()
        self._at = 0
        self.names_used: set[str] = set()
        self.values_used: set[str] = set()

    def _read(self) -> list[str]:
        words, at, text = [], 0, self._text.rstrip()
        while at < len(text):
            found = _WORD.match(text, at)
            if found is None:
                raise self.senseless(text[at:].split()[0])
            words.append(found[1] or found[2])
            at = found.end()
        return words

    def senseless(self, word: str | None) -> Refusal:
        """Return the refusal of an expression for one of its words, ``None`` being its end."""
        token = "<EOF>" if word is None else word
        return invalid(f'Invalid {self.kind}: Syntax error; token: "{token}", near: "{self._text}"')

    @property
    def next(self) -> str | None:
        """The word that comes next."""
        return self._words[self._at] if self._at < len(self._words) else None

    @property
    def keyword(self) -> str:
        """The word that comes next, as a keyword."""
        return (self.next or "").upper()

    def take(self) -> str:
        """Return the next word and go on behind it."""
        word = self.next
        if word is None:
            raise self.senseless(None)
        self._at += 1
        return word

    def expect(self, wanted: str) -> None:
        """Go on behind a word that has to come here."""
        word = self.take()
        if word.upper() != wanted:
            raise self.senseless(word)

    def accept(self, wanted: str) -> bool:
        """Go on behind a word if it comes here."""
        if self.keyword != wanted:
            return False
        self._at += 1
        return True

    def is_call(self) -> bool:
        """Tell whether a function's name comes next."""
        return self._words[self._at + 1 : self._at + 2] == ["("] and self._words[self._at] != "("

    def end(self) -> None:
        """See that nothing follows."""
        if self.next is not None:
            raise self.senseless(self.next)

    def placeholder(self) -> str:
        """Return the placeholder of a value, which has to come here."""
        word = self.take()
        if not word.startswith(":"):
            raise self.senseless(word)
        self.values_used.add(word)
        return word

    def path(self) -> Path:
        """Return the path that has to come here, its names as they are in items."""
        steps: list[str | int] = [self._name()]
        while self.next in (".", "["):
            if self.take() == ".":
                steps.append(self._name())
            else:
                place = self.take()
                if not place.isdigit():
                    raise self.senseless(place)
                steps.append(int(place))
                self.expect("]")
        return tuple(steps)

    def _name(self) -> str:
        word = self.take()
        if word.startswith("#"):
            self.names_used.add(word)
            if word not in self._names:
                raise invalid(
                    f"Invalid {self.kind}: An expression attribute name used in the document path is not defined; "
                    f"attribute name: {word}"
                )
            return self._names[word]
        if not (word[0].isalpha() or word[0] == "_"):
            raise self.senseless(word)
        return word
