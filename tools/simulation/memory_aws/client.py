"""What stands where boto3's client of a service does."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from types import SimpleNamespace
from typing import Any, Protocol

from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call, Hook

Operation = Callable[[Call], Answer]


class Service(Protocol):
    """A service of one region: ``operations`` holds what it can do, by the names of boto3's methods."""

    operations: dict[str, Operation]

    reentrant: bool
    """Whether an operation may wait for others to be carried out, as an invocation does."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which service this is, where, and the lock that all services of one account share."""

    service: str
    region: str
    lock: RLock


class MemoryClient:
    """One service of one region. A method that boto3 has and this lacks raises ``AttributeError``."""

    def __init__(self, place: Place, service: Service, clock: Callable[[], float], hook: Hook) -> None:
        self._place = place
        self._service = service
        self._clock = clock
        self._around = hook.around
        self._tokens = 0
        self.meta = SimpleNamespace(
            region_name=place.region,
            endpoint_url=f"https://{place.service}.{place.region}.amazonaws.com",
            service_model=SimpleNamespace(service_name=place.service),
            events=SimpleNamespace(register=lambda *_, **__: None, register_first=lambda *_, **__: None),
        )

    def __getattr__(self, operation: str) -> Callable[..., Answer]:
        carry = self._service.operations.get(operation)
        if carry is None:
            raise AttributeError(f"{self._place.service} in memory has no {operation}")
        method = self._method(operation, carry if self._service.reentrant else self._one_by_one(carry))
        setattr(self, operation, method)
        return method

    def close(self) -> None:
        """There is no connection to close."""

    def _one_by_one(self, carry: Operation) -> Operation:
        lock = self._place.lock

        def carried(call: Call) -> Answer:
            with lock:
                return carry(call)

        return carried

    def _method(self, operation: str, carry: Operation) -> Callable[..., Answer]:
        name, region, clock, around = self._place.service, self._place.region, self._clock, self._around

        def method(**parameters: Any) -> Answer:
            if operation == "transact_write_items" and "ClientRequestToken" not in parameters:
                parameters["ClientRequestToken"] = self._token()
            call = Call(name, operation, parameters, clock(), region)

            def carry_out() -> Answer:
                try:
                    return carry(call)
                except Refusal as refusal:
                    raise refusal.of(call) from None

            return around(call, carry_out)

        return method

    def _token(self) -> str:
        """Return what boto3 draws for a call that has no token of its own."""
        self._tokens += 1
        return f"token-{self._tokens}"
