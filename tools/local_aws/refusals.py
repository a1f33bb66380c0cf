"""Calls that the endpoint refuses for a while, as a service in trouble would: how outages are rehearsed."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .clock import Clock
from .wire import ServiceError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refuse calls of a service, or of one operation, or those that name a resource, until an instant."""

    refusal_id: str
    service: str
    operation: str | None
    resource: str | None
    error: str
    message: str
    status: int
    until: float

    def concerns(self, service: str, operation: str, resources: Collection[str]) -> bool:
        return (
            self.service == service
            and self.operation in (None, operation)
            and (self.resource is None or any(self.resource in resource for resource in resources))
        )

    def raised(self) -> ServiceError:
        return ServiceError(self.error, self.message, self.status)

    def document(self) -> dict[str, Any]:
        return {
            "id": self.refusal_id,
            "service": self.service,
            "operation": self.operation,
            "resource": self.resource,
            "error": self.error,
            "message": self.message,
            "status": self.status,
            "until": self.until,
        }


class Refusals:
    """Those in force; each ends by itself when its time is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refusals: tuple[Refusal, ...] = ()

    def add(self, wanted: dict[str, Any]) -> Refusal:
        """Put a refusal in force from the document of the control route; `ServiceError` on a wrong one."""
        try:
            refusal = Refusal(
                refusal_id=str(uuid4()),
                service=str(wanted["service"]).lower(),
                operation=wanted.get("operation"),
                resource=wanted.get("resource"),
                error=str(wanted["error"]),
                message=str(wanted.get("message", "Refused on request")),
                status=int(wanted.get("status", 400)),
                until=self._clock() + float(wanted["seconds"]),
            )
        except KeyError as error:
            raise ServiceError("ValidationException", f"a refusal needs {error}") from None
        except (TypeError, ValueError) as error:
            raise ServiceError("ValidationException", f"not a refusal: {error}") from None
        if not 400 <= refusal.status <= 599:
            raise ServiceError("ValidationException", f"status is one of 400 to 599, not {refusal.status}")
        with self._lock:
            self._refusals = (*self._refusals, refusal)
        return refusal

    def withdraw(self, refusal_id: str | None = None) -> bool:
        """End one refusal, or all; tell whether there was any to end."""
        with self._lock:
            kept = tuple(each for each in self._refusals if refusal_id not in (None, each.refusal_id))
            found = len(kept) < len(self._refusals)
            self._refusals = kept
        return found

    def in_force(self) -> tuple[Refusal, ...]:
        if not self._refusals:
            return ()
        now = self._clock()
        with self._lock:
            self._refusals = tuple(each for each in self._refusals if each.until > now)
        return self._refusals
