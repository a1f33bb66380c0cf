"""The tokens of metric math and of composite alarm rules."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_DEEPEST = 30
"""A parser of this package uses about ten frames a level, and Python allows 1,000 of them."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<sign>\|\||&&|[<>=!]=|[-+*/^<>(),\[\]]))"""
)


class ExpressionRefused(ValueError):
    """The expression is not one that this package understands; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


class Tokens:
    """A text's tokens, taken one by one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_split(text))
        self._next = 0
        self._depth = 0

    def peek(self) -> Token:
        """Return the next token; its kind is "end" after the last."""
        return self._tokens[self._next] if self._next < len(self._tokens) else Token("end", "")

    def take(self) -> Token:
        token = self.peek()
        self._next += 1
        return token

    def take_if(self, *texts: str) -> str | None:
        """Take the next token if it is one of these, and return its text."""
        token = self.peek()
        return self.take().text if token.kind in ("sign", "name") and token.text in texts else None

    def expect(self, text: str) -> None:
        if self.take_if(text) is None:
            raise self.refused(f"{text} expected instead of {self.peek().text or 'the end'}")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count a level of nesting while the context lasts; raise ExpressionRefused beyond the deepest level."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.refused(f"nested deeper than {_DEEPEST} levels")
        yield
        self._depth -= 1

    def refused(self, reason: str) -> ExpressionRefused:
        return ExpressionRefused(f"{reason}: {self._text}")


def _split(text: str) -> list[Token]:
    tokens, position = [], 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise ExpressionRefused(f"unexpected character {stripped[position]!r}: {text}")
        kind = str(match.lastgroup)
        tokens.append(Token(kind, match[kind].strip("\"'") if kind == "text" else match[kind]))
        position = match.end()
    return tokens
