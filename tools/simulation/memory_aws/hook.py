"""Where a simulation steps in: every call to a service in memory passes through a hook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Whims:
    """What a service may do with a call that it carries out, and a fault-free one does not."""

    unprocessed: int = 0
    """Entries of a batch, from its end, that are left undone and told so (or refused each by itself)."""

    empty: bool = False
    """GetRecords answers without records, and with an iterator at the same place: normal on both kinds of stream."""

    duplicated: bool = False
    """A message that is received stays visible, so that it is delivered a second time (standard queues may)."""


NO_WHIMS = Whims()


@dataclass(slots=True)
class Call:
    """One call of one client: ``operation`` is the method's name in boto3, ``parameters`` what it was called with.

    A hook may set ``whims`` before it has the call carried out. Carried out twice, a call is what a client that retries
    makes of it: tokens that boto3 fills in are the same both times.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    time: float
    region: str
    whims: Whims = NO_WHIMS


class Hook(Protocol):
    """Stands around every call; called on the thread (or greenlet) that makes it."""

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        """Return what ``carry_out`` returned or raised, or anything else that AWS might have answered.

        Without ``carry_out`` the call is refused; an error raised after it is an answer that was lost.
        """
        ...


class Unhooked:
    """Carries every call out."""

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:  # noqa: ARG002 - of any call
        return carry_out()
