"""Every way in which work can fail. Each class says what its catcher should do."""

from collections.abc import Mapping
from typing import Any


class ChangestreamError(Exception):
    """Base of the errors below; carries a reason that a person can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PoisonRecord(ChangestreamError):
    """The record will never succeed as it is: fail it alone, so that it travels the failure path with its payload.

    Only this error and ``Unprocessable`` make a record poison. Any error that is not declared in this module is a bug
    of the consumer, which crashes at the record.
    """


class TransientError(ChangestreamError):
    """Something the work depends on refused for now: stop, and let the caller deliver again."""


class OutOfTime(ChangestreamError):
    """Not enough of the invocation's time is left: answer with what is done; the rest is delivered again."""


class MalformedMessage(ChangestreamError):
    """The message is not an on-failure message: put it aside with this reason and with what was ``found`` of it."""

    def __init__(self, reason: str, found: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.found = found or {}


class ObjectGone(MalformedMessage):
    """The object that the message announces is not there: put the message aside with all that it says."""


class ForeignObject(ChangestreamError):
    """The object in the bucket is half written or not ours: report it and leave it alone; its neighbours go on."""


class RecordsExpired(ChangestreamError):
    """The records are beyond the trim horizon and cannot be refetched: report the gap, never pass over it."""


class SourceGone(ChangestreamError):
    """The stream or the shard no longer exists: report the range with all that is known about it."""


class StreamGone(SourceGone):
    """The stream itself is gone: a person looks for where its changes are now."""


class UnsuitableStream(ChangestreamError):
    """The function is mapped to a stream that it cannot work with: apply nothing, and let the whole batch fail."""


class FunctionGone(ChangestreamError):
    """The function that should be invoked does not exist, or may not be invoked: keep the payload for it."""


class FunctionRefused(FunctionGone):
    """The function is none that recovery may invoke: keep the payload, and let a person decide."""


class Unprocessable(ChangestreamError):
    """AWS will refuse this request however often it is sent: the record in it is poison."""


class Conflict(ChangestreamError):
    """A row changed between reading and writing it: read it again and decide anew."""
