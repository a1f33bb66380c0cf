"""Blocking boto3 calls off the event loop, and their errors in the engine's words."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound, SourceError

# Shards block in a read of their own; beyond this many they take turns.
_THREADS = 32
_READ_ERRORS: dict[str, type[SourceError]] = {
    "ExpiredIteratorException": IteratorExpired,
    "TrimmedDataAccessException": RecordsTrimmed,
    "ResourceNotFoundException": ShardNotFound,
}


class Calls:
    """Runs calls on threads of its own, so that many waiting shards do not starve one another."""

    def __init__(self, threads: int = _THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="event-source-mapping")

    async def call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call; raise ClientError or BotoCoreError as boto3 does."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: operation(**parameters))

    async def read(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Call a source; raise the SourceError that says what to do next."""
        try:
            return await self.call(operation, **parameters)
        except ClientError as error:
            raise _READ_ERRORS.get(error.response["Error"]["Code"], SourceError)(str(error)) from error
        except BotoCoreError as error:
            raise SourceError(str(error)) from error

    def close(self) -> None:
        """Let go of the threads; calls under way end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)
