"""Calls that need not wait for one another."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 12


def together[Asked, Answer](ask: Callable[[Asked], Answer], each: Iterable[Asked]) -> list[Answer]:
    """Return the answers in the order of what was asked; the first error ends all of it."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, each))
