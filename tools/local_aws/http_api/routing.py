"""Which route of an API a request takes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .definition import DEFAULT_ROUTE

_EXACT, _PARAMETER, _GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Match:
    """A route that takes the request, and what its path's parameters are."""

    route_key: str
    parameters: dict[str, str]


def match(route_keys: Iterable[str], method: str, path: str) -> Match | None:
    """The most specific route: exact segments before parameters before a greedy one, a method before ANY."""
    keys = set(route_keys)
    found = [each for key in keys if key != DEFAULT_ROUTE and (each := _matched(key, method, path))]
    if found:
        return min(found, key=lambda each: each[0])[1]
    return Match(DEFAULT_ROUTE, {}) if DEFAULT_ROUTE in keys else None


def _matched(route_key: str, method: str, path: str) -> tuple[tuple[list[int], bool], Match] | None:
    wanted_method, _, template = route_key.partition(" ")
    if wanted_method not in (method, "ANY"):
        return None
    wanted, given = _segments(template), _segments(path)
    ranks: list[int] = []
    parameters: dict[str, str] = {}
    for place, segment in enumerate(wanted):
        if segment.endswith("+}"):
            if place >= len(given):
                return None
            parameters[segment[1:-2]] = "/".join(given[place:])
            return ([*ranks, _GREEDY], wanted_method == "ANY"), Match(route_key, parameters)
        if place >= len(given):
            return None
        if segment.startswith("{"):
            parameters[segment[1:-1]] = given[place]
        elif segment != given[place]:
            return None
        ranks.append(_PARAMETER if segment.startswith("{") else _EXACT)
    return ((ranks, wanted_method == "ANY"), Match(route_key, parameters)) if len(given) == len(wanted) else None


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")
