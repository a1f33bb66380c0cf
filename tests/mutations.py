"""Real documents, spoilt: what a fuzzed decoder or handler is given.

Few examples, the same in every run; ``FUZZ_EXAMPLES=5000`` draws so many, and others each time.
"""

import os
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

Path = tuple[str | int, ...]

WANTED = os.environ.get("FUZZ_EXAMPLES")


def fuzzed(examples: int) -> settings:
    """Settings of a test that takes ``examples`` in the ordinary run."""
    if WANTED:  # what a view makes dear is not made smaller, either
        phases = (Phase.explicit, Phase.reuse, Phase.generate)
        checks = list(HealthCheck)
        return settings(max_examples=int(WANTED), deadline=None, suppress_health_check=checks, phases=phases)
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def nested(depth: int, kind: str) -> Any:
    """Lists, objects or attribute values in one another."""
    found: Any = "x"
    for _ in range(depth):
        found = [found] if kind == "list" else {"M": {"a": found}} if kind == "attribute" else {"a": found}
    return found


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**63, 10**40, 10**400, -(10**400), float("nan"), float("inf"), 1e308,
    "", " ", "x", "\ud800", "\x00", "é" * 300, "9" * 41, "9" * 5000, "-1", "1e400", "NaN", " 12 ", "1_0", "١٢",
    "%%%", "AAA", "AAAA", "x" * 5000,
    [], [[]], ["x"], {}, {"S": 1}, {"S": "x"}, {"N": "x"}, {"N": "1"}, {"B": "%"}, {"M": []}, {"L": {}},
    {"S": "x", "N": "1"},
    nested(40, "list"), nested(40, "attribute"), nested(200, "object"), nested(120, "attribute"),
    "[" * 5000, '{"a":' * 5000, "e30=", "bnVsbA==", "W10=",
)  # fmt: skip
"""What stands where it has no business: of wrong types, too large, too deep, no text, no number, no base64."""


def places(document: Any, at: Path = ()) -> Iterator[Path]:
    """The path of everything in a document but the document itself."""
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in entries:
        yield (*at, name)
        yield from places(value, (*at, name))


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """The document with one to three of its parts dropped, replaced, doubled or put elsewhere."""
    found = deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        known = list(places(found))
        if not known:
            break
        *parents, name = draw(st.sampled_from(known))
        parent = within(found, parents)
        match draw(st.sampled_from(("drop", "replace", "replace", "double", "swap"))):
            case "drop":
                del parent[name]
            case "replace":
                parent[name] = deepcopy(draw(st.sampled_from(ODD)))
            case "double" if isinstance(parent, list):
                parent.insert(int(name), deepcopy(parent[int(name)]))
            case "double":
                parent[f"{name}2"] = deepcopy(parent[name])
            case _:
                parent[name] = deepcopy(within(found, draw(st.sampled_from(known))[:-1]))
    return found


def within(document: Any, path: Any) -> Any:
    for name in path:
        document = document[name]
    return document
