"""Calls that need not wait for one another."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 12


def together[Asked, Answer](ask: Callable[[Asked], Answer], each: Iterable[Asked]) -> list[Answer]:
    """Return the answers in the order of what was asked; the first error ends all of it.

    Ctrl-C does not wait for the calls that are under way.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        answers = list(pool.map(ask, each))
    except BaseException as error:
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()
    return answers
