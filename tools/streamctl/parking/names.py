"""Parked objects by the beginning of their key, or by their id: a key has up to 1,024 bytes."""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256

from changestream.wire.parked_object import PREFIX
from streamctl.exits import Exit, Trouble
from streamctl.words import several
from terminal.escaping import escaped

ID = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
ID_DIGITS = 8
MOST_CANDIDATES = 20


def id_of(key: str) -> str:
    """Return the short id of a parked object: the first eight digits of its key's SHA-256."""
    return sha256(key.encode()).hexdigest()[:ID_DIGITS]


def key_of(asked: str, keys: Callable[[str], Iterable[str]]) -> str:
    """Return the one key that is meant: a whole key, the beginning of one, or (the beginning of) its id.

    ``keys`` lists the keys with a prefix. Raises ``Trouble`` where none is meant, or several.
    """
    if asked.startswith(PREFIX) and asked != PREFIX:
        found = list(keys(asked))
    elif ID.fullmatch(asked):
        found = [key for key in keys(PREFIX) if sha256(key.encode()).hexdigest().startswith(asked)]
    else:
        raise Trouble(
            Exit.USAGE,
            f"{asked} is neither a key nor an id of a parked object",
            f"A key begins with {PREFIX}, and an id is what streamctl parked list shows before the reason.",
        )
    if asked in found or len(found) == 1:
        return asked if asked in found else found[0]
    if found:
        raise Trouble(Exit.USAGE, f"{asked} may be any of {several(len(found), 'parked object')}", _candidates(found))
    raise Trouble(Exit.MISSING, f"{asked} is not parked", "It was applied or discarded meanwhile, or never was there.")


def _candidates(found: list[str]) -> str:
    shown = [f"{id_of(key)}  {escaped(key)}" for key in found[:MOST_CANDIDATES]]
    more = [f"and {len(found) - len(shown)} more"] if len(found) > len(shown) else []
    return "\n".join(["Give one of these ids:", *shown, *more])
