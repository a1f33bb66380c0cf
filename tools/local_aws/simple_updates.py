"""The update expressions that nearly all writers send, carried out directly.

moto walks a syntax tree ten times for each update. Here `SET`, `REMOVE` and numeric `ADD` on top-level attributes
are read once per text; everything else, every error included, is left to moto.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from .changes import Image

type _Values = Mapping[str, Image]

_NAME = r"[#]?[A-Za-z_][A-Za-z0-9_]*"
_VALUE = r":[A-Za-z0-9_]+"
_OPERAND = rf"(?:{_VALUE}|{_NAME}|if_not_exists\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\))"
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\s", re.IGNORECASE)
_ASSIGNMENT = re.compile(rf"\s*({_NAME})\s*=\s*({_OPERAND})(?:\s*([+-])\s*({_OPERAND}))?\s*")
_REMOVAL = re.compile(rf"\s*({_NAME})\s*")
_ADDITION = re.compile(rf"\s*({_NAME})\s+({_VALUE})\s*")
_DEFAULT = re.compile(rf"if_not_exists\s*\(\s*({_NAME})\s*,\s*({_VALUE})\s*\)")
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class _Action:
    """One part of an expression: operands are names of attributes, or placeholders that begin with a colon."""

    kind: str
    name: str
    operands: tuple[tuple[str, ...], ...] = ()
    sign: str = ""


class _NotSimple(Exception):
    """Leave it to moto."""


def apply_simple_update(expression: str, item: Item, names: Mapping[str, str], values: _Values, keys: set[str]) -> bool:
    """Update `item` and answer True; or leave it untouched and answer False if that takes more than is known here."""
    actions = _parsed(expression, tuple(names.items()))
    if actions is None or any(action.name in keys for action in actions):
        return False
    try:
        results = [(action.name, _result(action, item, values)) for action in actions]
    except (_NotSimple, KeyError):
        return False
    for name, result in results:
        if result is None:
            item.attrs.pop(name, None)
        else:
            item.attrs[name] = result
    return True


@lru_cache(maxsize=4096)
def _parsed(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[_Action, ...] | None:
    try:
        actions = tuple(_actions(expression, dict(names)))
    except _NotSimple:
        return None
    touched = [action.name for action in actions]
    return actions if len(set(touched)) == len(touched) else None


def _actions(expression: str, names: Mapping[str, str]) -> Iterator[_Action]:
    head, *clauses = _CLAUSE.split(expression)
    kinds = [kind.upper() for kind in clauses[::2]]
    if head.strip() or not kinds or len(set(kinds)) < len(kinds):
        raise _NotSimple
    for kind, text in zip(kinds, clauses[1::2], strict=True):
        for part in _COMMA.split(text):
            yield _action(kind, part, names)


def _action(kind: str, part: str, names: Mapping[str, str]) -> _Action:
    if kind == "SET" and (found := _ASSIGNMENT.fullmatch(part)):
        name, first, sign, second = found.groups()
        operands = tuple(_operand(each, names) for each in (first, second) if each)
        return _Action(kind, _named(name, names), operands, sign or "")
    if kind == "REMOVE" and (found := _REMOVAL.fullmatch(part)):
        return _Action(kind, _named(found[1], names))
    if kind == "ADD" and (found := _ADDITION.fullmatch(part)):
        return _Action(kind, _named(found[1], names), ((found[2],),))
    raise _NotSimple


def _operand(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """What to look for in turn: an attribute or a value, or an attribute and then the value in its place."""
    if found := _DEFAULT.fullmatch(text):
        return _named(found[1], names), found[2]
    return (text if text.startswith(":") else _named(text, names),)


def _named(name: str, names: Mapping[str, str]) -> str:
    if name.startswith("#"):
        if name not in names:
            raise _NotSimple
        return names[name]
    if name.upper() in ReservedKeywords.get_reserved_keywords():
        raise _NotSimple
    return name


def _result(action: _Action, item: Item, values: _Values) -> DynamoType | None:
    """The attribute's new value, None if it is to go."""
    if action.kind == "REMOVE":
        return None
    operands = [_looked_up(operand, item, values) for operand in action.operands]
    if action.kind == "ADD":
        present = item.attrs.get(action.name)
        operands = operands if present is None else [present, *operands]
    elif not action.sign:
        return operands[0]
    if any(operand.type != "N" for operand in operands):
        raise _NotSimple
    if len(operands) == 1:
        return operands[0]
    return operands[0] - operands[1] if action.sign == "-" else operands[0] + operands[1]


def _looked_up(operand: tuple[str, ...], item: Item, values: _Values) -> DynamoType:
    for each in operand:
        if each.startswith(":"):
            return DynamoType(values[each])
        if each in item.attrs:
            return DynamoType(item.attrs[each])
    raise _NotSimple
