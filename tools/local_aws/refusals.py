"""Calls that the endpoint refuses for a while, as a service in trouble would: how outages are rehearsed."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .clock import Clock
from .wire import ServiceError

MOST_REFUSALS = 1000
"""In force at once: each is compared with every request."""


@dataclass(frozen=True, slots=True)
class RefusalRule:
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
        self._refusals: tuple[RefusalRule, ...] = ()

    def add(self, wanted: dict[str, Any]) -> RefusalRule:
        """Put a refusal in force from the document of the control route; `ServiceError` on a wrong one."""
        try:
            refusal = RefusalRule(
                refusal_id=str(uuid4()),
                service=str(wanted["service"]).lower(),
                operation=_text(wanted.get("operation")),
                resource=_text(wanted.get("resource")),
                error=_code(wanted["error"]),
                message=str(wanted.get("message", "Refused on request")),
                status=int(wanted.get("status", 400)),
                until=self._clock() + float(wanted["seconds"]),
            )
        except KeyError as error:
            raise ServiceError("ValidationException", f"a refusal needs {error}") from None
        except (TypeError, ValueError, OverflowError) as error:
            raise ServiceError("ValidationException", f"not a refusal: {error}") from None
        if not 400 <= refusal.status <= 599:
            raise ServiceError("ValidationException", f"status is one of 400 to 599, not {refusal.status}")
        if not math.isfinite(refusal.until):
            raise ServiceError("ValidationException", "seconds is a finite number")
        if len(self.in_force()) >= MOST_REFUSALS:
            raise ServiceError("LimitExceededException", f"{MOST_REFUSALS} refusals are in force already")
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

    def in_force(self) -> tuple[RefusalRule, ...]:
        if not self._refusals:
            return ()
        now = self._clock()
        with self._lock:
            self._refusals = tuple(each for each in self._refusals if each.until > now)
        return self._refusals


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _code(value: Any) -> str:
    """Read an error's code, which goes into a header of the answer."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.:#/-]{1,200}", value):
        raise ValueError("error is the code of an AWS error: letters, digits and . _ -")
    return value
