"""Blocking boto3 calls off the event loop, awaitable ones on it, and the errors of both in the engine's words."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound, SourceError

# Beyond this many, calls that are answered at once take turns.
_THREADS = 32
# Calls that wait for something to come take no turns: as many as a queue's pollers can be, begun as they are needed.
_WAITING_THREADS = 1_000
_READ_ERRORS: dict[str, type[SourceError]] = {
    "ExpiredIteratorException": IteratorExpired,
    "TrimmedDataAccessException": RecordsTrimmed,
    "ResourceNotFoundException": ShardNotFound,
}


class CallThreads:
    """Runs calls on threads of its own, those that wait apart, so that none is queued behind a long poll.

    An operation that is a coroutine function (of a client that does not block) needs no thread and is awaited.
    """

    def __init__(self, threads: int = _THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="event-source-mapping")
        self._waiting = ThreadPoolExecutor(_WAITING_THREADS, thread_name_prefix="event-source-mapping-waiting")

    async def call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call; raise ClientError or BotoCoreError as boto3 does."""
        return await _run_in(self._executor, operation, parameters)

    async def read(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call a source; raise the SourceError that says what to do next."""
        with _in_our_words():
            return await _run_in(self._executor, operation, parameters)

    async def wait(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """As `read`, of a source that answers once something has come."""
        with _in_our_words():
            return await _run_in(self._waiting, operation, parameters)

    def close(self) -> None:
        """Let go of the threads; calls under way end by themselves."""
        for executor in (self._executor, self._waiting):
            executor.shutdown(wait=False, cancel_futures=True)


async def _run_in(executor: Executor, operation: Callable[..., Any], parameters: dict[str, Any]) -> Any:
    if inspect.iscoroutinefunction(operation):
        return await operation(**parameters)
    return await asyncio.get_running_loop().run_in_executor(executor, lambda: operation(**parameters))


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _READ_ERRORS.get(error.response["Error"]["Code"], SourceError)(str(error)) from error
    except (BotoCoreError, OSError) as error:
        raise SourceError(str(error)) from error
    except Exception as error:
        if not _is_of_the_connection(error):
            raise
        raise SourceError(str(error)) from error


def _is_of_the_connection(error: Exception) -> bool:
    """Whether it is urllib3's: botocore lets those through where an event stream breaks off amid its events."""
    return any(kind.__module__.partition(".")[0] == "urllib3" for kind in type(error).__mro__)
