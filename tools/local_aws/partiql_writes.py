"""PartiQL's INSERT, UPDATE and DELETE, read as the single writes that they are.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html. moto's parser takes parameters in
some places, numbers in others, and inserts over what is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

type Value = dict[str, Any]
"""An attribute value in DynamoDB JSON."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign><<|>>|<>|<=|>=|[][{}(),:?=<>.+-]))"""
)
_CLAUSES = frozenset({"SET", "REMOVE", "WHERE", "RETURNING"})
_JOINING = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN"})
_LITERALS: dict[str, Value] = {"TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True}}
_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">=", "+", "-", "(", ")", ","})


class _NotUnderstoodError(Exception):
    """The statement is no write, or one of a kind that is left to moto."""


@dataclass(slots=True)
class PartiqlWrite:
    """One statement; `update` and `where` are expressions over `names` and `values`, `item` is what INSERT brings."""

    verb: str
    table: str = ""
    item: dict[str, Value] = field(default_factory=dict)
    update: str = ""
    where: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def key(self, attributes: list[str]) -> dict[str, Value] | None:
        """The values that WHERE sets the key's attributes equal to; None unless it does so of each."""
        found, depth = {}, 0
        for at, piece in enumerate(self.where):
            depth += (piece == "(") - (piece == ")")
            if depth == 0 and piece == "OR":
                return None
            before, after = self.where[at - 1] if at else "AND", self.where[at + 3 : at + 4]
            if depth or before != "AND" or after not in ([], ["AND"]) or self.where[at + 1 : at + 2] != ["="]:
                continue
            if piece in self.names and self.where[at + 2] in self.values:
                found[self.names[piece]] = self.values[self.where[at + 2]]
        return {name: found[name] for name in attributes} if set(attributes) <= found.keys() else None


def understood(statement: str, parameters: list[Value]) -> PartiqlWrite | None:
    """The write that a statement is; None where it is not one, or not understood."""
    try:
        return _Reader(statement, parameters).write()
    except (_NotUnderstoodError, IndexError, KeyError):
        return None


class _Reader:
    def __init__(self, statement: str, parameters: list[Value]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._parameters = parameters[::-1]  # the next one is the last, as of the tokens
        self._write = PartiqlWrite("")
        at, text = 0, statement.strip().rstrip(";").rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _NotUnderstoodError
            kind = str(found.lastgroup)
            self._tokens.append((kind, found.group(kind)))
            at = found.end()
        self._tokens.reverse()

    def write(self) -> PartiqlWrite:
        write, verb = self._write, self._tokens.pop()[1].upper()
        write.verb = verb
        if verb == "INSERT":
            self._expect("INTO")
            write.table = self._name()
            self._expect("VALUE")
            write.item = self._value()["M"]
        elif verb == "DELETE":
            self._expect("FROM")
            write.table = self._name()
        elif verb == "UPDATE":
            write.table = self._name()
            write.update = self._changes()
        else:
            raise _NotUnderstoodError
        if verb != "INSERT":
            self._expect("WHERE")
            write.where = self._expression()
        if self._tokens:
            raise _NotUnderstoodError
        return write

    def _changes(self) -> str:
        changes: dict[str, list[str]] = {"SET": [], "REMOVE": []}
        while (clause := self._word()) in changes:
            self._tokens.pop()
            changes[clause].append(" ".join(self._expression()))
        return " ".join(f"{clause} {', '.join(parts)}" for clause, parts in changes.items() if parts)

    def _expression(self) -> list[str]:
        """Pieces of an expression of the other operations, up to the next clause."""
        pieces: list[str] = []
        while self._tokens and self._word() not in _CLAUSES:
            kind, text = self._tokens[-1]
            word, is_call = self._word(), self._tokens[-2:-1] == [("sign", "(")]
            if word == "IS":
                pieces.append(self._presence(pieces.pop()))
            elif word in _JOINING:
                pieces.append(word)
                self._tokens.pop()
            elif kind == "word" and is_call:
                pieces.append(self._tokens.pop()[1].lower())
            elif kind == "name" or (kind == "word" and word not in _LITERALS):
                pieces.append(self._path())
            elif text in _OPERATORS and not (text == "-" and (not pieces or pieces[-1] in _OPERATORS)):
                pieces.append(self._tokens.pop()[1])
            else:
                pieces += self._operand(pieces)
        return pieces

    def _operand(self, before: list[str]) -> list[str]:
        value, is_list = self._value(), before[-1:] == ["IN"]
        placed: list[str] = []
        for operand in value.get("L", [value]) if is_list else [value]:
            place = f":v{len(self._write.values)}"
            self._write.values[place] = operand
            placed += [",", place] if placed else [place]
        return ["(", *placed, ")"] if is_list else placed

    def _presence(self, path: str) -> str:
        self._expect("IS")
        asked = "attribute_not_exists"
        if self._word() == "NOT":
            self._tokens.pop()
            asked = "attribute_exists"
        self._expect("MISSING")
        return f"{asked}({path})"

    def _path(self) -> str:
        path = self._placed(self._name())
        while self._tokens and self._tokens[-1][1] in (".", "["):
            if self._tokens.pop()[1] == ".":
                path += f".{self._placed(self._name())}"
            else:
                path += f"[{self._tokens.pop()[1]}]"
                self._expect("]")
        return path

    def _placed(self, name: str) -> str:
        place = f"#n{len(self._write.names)}"
        self._write.names[place] = name
        return place

    def _value(self) -> Value:
        kind, text = self._tokens.pop()
        if kind == "text":
            return {"S": text[1:-1].replace("''", "'")}
        if kind == "number":
            return {"N": text}
        if text == "-" and self._tokens[-1][0] == "number":
            return {"N": f"-{self._tokens.pop()[1]}"}
        if text == "?":
            return self._parameters.pop()
        if text == "{":
            return {"M": dict(self._members("}", self._member))}
        if text == "[":
            return {"L": self._members("]", self._value)}
        if text == "<<":
            return _set_of(self._members(">>", self._value))
        if text.upper() in _LITERALS:
            return _LITERALS[text.upper()]
        raise _NotUnderstoodError

    def _member(self) -> tuple[str, Value]:
        name = self._name()
        self._expect(":")
        return name, self._value()

    def _members(self, end: str, member: Any) -> list[Any]:
        members = []
        while self._tokens[-1][1] != end:
            members.append(member())
            if self._tokens[-1][1] == ",":
                self._tokens.pop()
        self._tokens.pop()
        return members

    def _name(self) -> str:
        kind, text = self._tokens.pop()
        return text if kind == "word" else text[1:-1].replace(text[0] * 2, text[0])

    def _word(self) -> str:
        """The next token in upper case if it is a word."""
        return self._tokens[-1][1].upper() if self._tokens and self._tokens[-1][0] == "word" else ""

    def _expect(self, text: str) -> None:
        if self._tokens.pop()[1].upper() != text:
            raise _NotUnderstoodError


def _set_of(elements: list[Value]) -> Value:
    kinds = {kind for element in elements for kind in element}
    if kinds not in ({"S"}, {"N"}, {"B"}):
        raise _NotUnderstoodError
    (kind,) = kinds
    return {f"{kind}S": [element[kind] for element in elements]}
